/**
 * A new file on a real disk, written from start to end.
 *
 * Invariant: `size` bytes of what was appended are in the file at offsets `[0, size)`, or the file is
 * poisoned. A failed write or sync poisons it, because nobody knows what it then holds: after a failed
 * fsync the kernel marks the lost pages clean, so a second fsync would succeed and prove nothing.
 *
 * Linux tells a failed write-back once to every open description of the file (errseq_t). A sync on another
 * thread has a description of its own, so that it takes the news away from no sync on this one.
 */
import { closeSync, constants, fdatasync, fdatasyncSync, openSync, writeSync } from 'node:fs';
import { assertInvariant, LsmError } from '../errors.ts';
import type { WritableFile } from './file-system.ts';
import { translateError } from './node-errors.ts';

/** The system calls this file makes; tests put failing ones in their place. */
export interface WriteCalls {
  /** Returns the bytes written, which may be fewer than asked for. */
  write(fd: number, bytes: Uint8Array, start: number, length: number, position: number): number;
  sync(fd: number): void;
  startSync(fd: number, done: (error: Error | null) => void): void;
  /** Another descriptor of the file, with an open description of its own. */
  openAgain(path: string): number;
  close(fd: number): void;
}

const NODE_CALLS: WriteCalls = {
  write: writeSync,
  sync: fdatasyncSync,
  startSync: fdatasync,
  openAgain: (path) => openSync(path, constants.O_WRONLY | (constants.O_NOFOLLOW ?? 0)),
  close: closeSync,
};

/** The most that one system call is asked to write: Linux stops short of 2 GiB in any case. */
const LARGEST_WRITE_BYTES = 1 << 30;

export class NodeWritableFile implements WritableFile {
  readonly path: string;
  readonly #fd: number;
  readonly #calls: WriteCalls;
  #size = 0;
  #closed = false;
  /** The descriptor for started syncs, from the first of them on; it is closed after the last. */
  #syncFd: number | undefined;
  #syncsRunning = 0;
  #failure: LsmError | undefined;

  /** Takes over `fd`, which must be at an empty file. */
  constructor(fd: number, path: string, calls: WriteCalls = NODE_CALLS) {
    this.#fd = fd;
    this.path = path;
    this.#calls = calls;
  }

  get size(): number {
    return this.#size;
  }

  append(bytes: Uint8Array, start = 0, length: number = bytes.length - start): void {
    this.#assertUsable();
    assertInvariant(start >= 0 && length >= 0 && start + length <= bytes.length, 'append stays in its bytes');
    let done = 0;
    // A short write does not throw: a full disk shows only in the call after it.
    while (done < length) {
      const wanted = Math.min(length - done, LARGEST_WRITE_BYTES);
      let written = 0;
      try {
        written = this.#calls.write(this.#fd, bytes, start + done, wanted, this.#size + done);
      } catch (error) {
        throw this.#poison(translateError(error, 'append to', this.path, 'write', this.#size + done));
      }
      if (written <= 0) throw this.#poison(this.#noProgress(done, length));
      done += written;
    }
    this.#size += length;
  }

  sync(): void {
    this.#assertUsable();
    try {
      this.#calls.sync(this.#fd);
    } catch (error) {
      throw this.#poison(translateError(error, 'sync', this.path, 'write'));
    }
  }

  startSync(): Promise<void> {
    this.#assertUsable();
    try {
      this.#syncFd ??= this.#calls.openAgain(this.path);
    } catch (error) {
      return Promise.reject(this.#poison(translateError(error, 'sync', this.path, 'write')));
    }
    const fd = this.#syncFd;
    this.#syncsRunning += 1;
    return new Promise((resolve, reject) => {
      this.#calls.startSync(fd, (error) => {
        this.#syncsRunning -= 1;
        if (this.#closed) this.#closeSyncFd();
        // A failure is reported to one sync alone: after it, the success of another proves nothing.
        if (this.#failure !== undefined) reject(this.#failure);
        else if (error === null) resolve();
        else reject(this.#poison(translateError(error, 'sync', this.path, 'write')));
      });
    });
  }

  close(): void {
    if (this.#closed) return;
    // Whatever close reports, the descriptor is gone: closing it again could hit somebody else's file.
    this.#closed = true;
    this.#closeSyncFd();
    try {
      this.#calls.close(this.#fd);
    } catch (error) {
      if (this.#failure === undefined) throw translateError(error, 'close', this.path, 'write');
    }
  }

  /** Unless a sync still uses it. Nothing was written through it: what close reports is of no use to anybody. */
  #closeSyncFd(): void {
    if (this.#syncFd === undefined || this.#syncsRunning > 0) return;
    try {
      this.#calls.close(this.#syncFd);
    } catch {}
    this.#syncFd = undefined;
  }

  #assertUsable(): void {
    if (this.#failure !== undefined) throw this.#failure;
    if (this.#closed) throw new LsmError('LSM_CLOSED', `${this.path} is closed`, { file: this.path });
  }

  #poison(error: LsmError): LsmError {
    this.#failure = error;
    return error;
  }

  #noProgress(done: number, length: number): LsmError {
    const message = `cannot append to ${this.path}: the system took ${done} of ${length} bytes and no more; check the disk`;
    return new LsmError('LSM_IO', message, { file: this.path, offset: this.#size + done });
  }
}
