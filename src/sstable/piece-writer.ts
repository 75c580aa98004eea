/**
 * Appends to a new file in pieces: blocks are a few KiB, and a system call for each costs as much as packing a third
 * of it.
 */
import { allocateUninitialised } from '#platform';
import type { WritableFile } from '../fs/file-system.ts';

const PIECE_BYTES = 64 * 1024;

export class PieceWriter {
  readonly #file: WritableFile;
  readonly #piece: Uint8Array = allocateUninitialised(PIECE_BYTES);
  #pending = 0;

  /** The caller still closes the file; nothing else may be appended to it. */
  constructor(file: WritableFile) {
    this.#file = file;
  }

  /** Bytes appended so far: where the next ones will stand in the file. */
  get size(): number {
    return this.#file.size + this.#pending;
  }

  /** Appends bytes, which may be used again afterwards. */
  append(bytes: Uint8Array): void {
    if (bytes.length > PIECE_BYTES - this.#pending) this.flush();
    if (bytes.length > PIECE_BYTES) {
      this.#file.append(bytes);
      return;
    }
    this.#piece.set(bytes, this.#pending);
    this.#pending += bytes.length;
  }

  /** Hands what was appended to the file system. */
  flush(): void {
    if (this.#pending === 0) return;
    this.#file.append(this.#piece, 0, this.#pending);
    this.#pending = 0;
  }
}
