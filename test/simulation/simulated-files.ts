/** The handles of files on the simulated disk. */
import { assertInvariant, corruption, LsmError } from '../../src/errors.ts';
import type { ReadableFile, WritableFile } from '../../src/fs/file-system.ts';
import type { FileNode } from './nodes.ts';

/** What a handle does to its disk. */
export interface FileEffects {
  append(bytes: Uint8Array, start: number, length: number): void;
  /** Of the first so many bytes. */
  sync(length: number): void;
  startSync(length: number): Promise<void>;
}

export class SimulatedWritableFile implements WritableFile {
  readonly path: string;
  size = 0;
  readonly #file: FileNode;
  readonly #effects: FileEffects;
  #closed = false;

  constructor(path: string, file: FileNode, effects: FileEffects) {
    this.path = path;
    this.#file = file;
    this.#effects = effects;
  }

  append(bytes: Uint8Array, start = 0, length: number = bytes.length - start): void {
    this.#assertOpen();
    assertInvariant(start >= 0 && length >= 0 && start + length <= bytes.length, 'append stays in its bytes');
    this.#effects.append(bytes, start, length);
    this.size += length;
  }

  sync(): void {
    this.#assertOpen();
    this.#effects.sync(this.#file.length);
  }

  async startSync(): Promise<void> {
    this.#assertOpen();
    await this.#effects.startSync(this.#file.length);
  }

  close(): void {
    this.#closed = true;
  }

  #assertOpen(): void {
    if (this.#closed) throw new LsmError('LSM_CLOSED', `${this.path} is closed`, { file: this.path });
  }
}

export class SimulatedReadableFile implements ReadableFile {
  readonly path: string;
  readonly size: number;
  readonly #file: FileNode;
  #closed = false;

  constructor(path: string, file: FileNode) {
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
