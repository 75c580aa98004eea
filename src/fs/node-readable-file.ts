/** A file on a real disk, read at any position; a read gives all the bytes asked for, or throws. */
import { closeSync, readSync } from 'node:fs';
import { assertInvariant, corruption, LsmError } from '../errors.ts';
import type { ReadableFile } from './file-system.ts';
import { translateError } from './node-errors.ts';

/** The system calls this file makes; tests put failing ones in their place. */
export interface ReadCalls {
  /** Returns the bytes read: fewer than asked for now and then, zero at the end of the file. */
  read(fd: number, into: Uint8Array, start: number, length: number, position: number): number;
  close(fd: number): void;
}

const NODE_CALLS: ReadCalls = { read: readSync, close: closeSync };

/** The most that one system call is asked to read. */
const LARGEST_READ_BYTES = 1 << 30;

export class NodeReadableFile implements ReadableFile {
  readonly path: string;
  readonly size: number;
  readonly #fd: number;
  readonly #calls: ReadCalls;
  #closed = false;

  /** Takes over `fd`. */
  constructor(fd: number, path: string, size: number, calls: ReadCalls = NODE_CALLS) {
    this.#fd = fd;
    this.path = path;
    this.size = size;
    this.#calls = calls;
  }

  read(into: Uint8Array, start: number, length: number, position: number): void {
    this.assertOpen();
    assertInvariant(start >= 0 && length >= 0 && start + length <= into.length, 'a read fits its buffer');
    // To the system a negative position means "where the last read ended".
    assertInvariant(position >= 0, 'a read starts inside the file');
    let done = 0;
    while (done < length) {
      const got = this.#readSome(into, start + done, length - done, position + done);
      if (got === 0) {
        throw corruption(this.path, position + done, `the file ends ${length - done} bytes too early`);
      }
      done += got;
    }
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    try {
      this.#calls.close(this.#fd);
    } catch {
      // The descriptor is gone either way.
    }
  }

  protected assertOpen(): void {
    if (this.#closed) throw new LsmError('LSM_CLOSED', `${this.path} is closed`, { file: this.path });
  }

  #readSome(into: Uint8Array, start: number, length: number, position: number): number {
    try {
      return this.#calls.read(this.#fd, into, start, Math.min(length, LARGEST_READ_BYTES), position);
    } catch (error) {
      throw translateError(error, 'read', this.path, 'read', position);
    }
  }
}
