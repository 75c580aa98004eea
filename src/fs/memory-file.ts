/** The bytes of a file in memory, and its handles. The bytes live as long as a name or a handle does. */
import { assertInvariant, corruption, LsmError } from '../errors.ts';
import type { ReadableFile, WritableFile } from './file-system.ts';

const FIRST_CAPACITY_BYTES = 1024;

export class MemoryFile {
  #bytes: Uint8Array = new Uint8Array(0);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  append(from: Uint8Array, start: number, length: number): void {
    const end = this.#length + length;
    if (end > this.#bytes.length) {
      // Doubling: every byte is moved once or twice in all, however many appends there are.
      const grown = new Uint8Array(Math.max(end, this.#bytes.length * 2, FIRST_CAPACITY_BYTES));
      grown.set(this.#bytes.subarray(0, this.#length));
      this.#bytes = grown;
    }
    this.#bytes.set(from.subarray(start, start + length), this.#length);
    this.#length = end;
  }

  copyTo(into: Uint8Array, start: number, length: number, position: number): void {
    into.set(this.#bytes.subarray(position, position + length), start);
  }

  clone(): MemoryFile {
    const copy = new MemoryFile();
    // Shared: what is there never changes, and an append of the copy finds no room and takes other memory.
    copy.#bytes = this.#bytes.subarray(0, this.#length);
    copy.#length = this.#length;
    return copy;
  }
}

export class MemoryWritableFile implements WritableFile {
  readonly path: string;
  readonly #file: MemoryFile;
  #closed = false;

  constructor(path: string, file: MemoryFile) {
    this.path = path;
    this.#file = file;
  }

  get size(): number {
    return this.#file.length;
  }

  append(bytes: Uint8Array, start = 0, length: number = bytes.length - start): void {
    this.#assertOpen();
    assertInvariant(start >= 0 && length >= 0 && start + length <= bytes.length, 'append stays in its bytes');
    this.#file.append(bytes, start, length);
  }

  sync(): void {
    this.#assertOpen();
  }

  async startSync(): Promise<void> {
    this.sync();
  }

  close(): void {
    this.#closed = true;
  }

  #assertOpen(): void {
    if (this.#closed) throw new LsmError('LSM_CLOSED', `${this.path} is closed`, { file: this.path });
  }
}

/** Bytes that only ever become more. */
interface GrowingBytes {
  readonly length: number;
  copyTo(into: Uint8Array, start: number, length: number, position: number): void;
}

export class MemoryReadableFile implements ReadableFile {
  readonly path: string;
  readonly size: number;
  readonly #file: GrowingBytes;
  #closed = false;

  constructor(path: string, file: GrowingBytes) {
    this.path = path;
    this.size = file.length;
    this.#file = file;
  }

  read(into: Uint8Array, start: number, length: number, position: number): void {
    if (this.#closed) throw new LsmError('LSM_CLOSED', `${this.path} is closed`, { file: this.path });
    assertInvariant(start >= 0 && length >= 0 && start + length <= into.length, 'a read fits its buffer');
    assertInvariant(position >= 0, 'a read starts inside the file');
    const missing = position + length - this.#file.length;
    if (length > 0 && missing > 0) {
      const end = Math.max(position, this.#file.length);
      throw corruption(this.path, end, `the file ends ${Math.min(missing, length)} bytes too early`);
    }
    this.#file.copyTo(into, start, length, position);
  }

  close(): void {
    this.#closed = true;
  }
}
