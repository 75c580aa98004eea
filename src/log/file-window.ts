import { assertInvariant } from '../errors.ts';
import type { ReadableFile } from '../fs/file-system.ts';

const WINDOW_BYTES = 64 * 1024;

/**
 * A window that slides forward over a file: reads in large pieces, holds `WINDOW_BYTES`, and grows beyond
 * that only for a range that the caller has found to be plausible.
 */
export class FileWindow {
  /** Replaced when the window grows: take it anew after every `load`. */
  bytes: Uint8Array;
  readonly file: ReadableFile;
  /** `bytes[0, filled)` is the file from `base` on. */
  #base = 0;
  #filled = 0;

  constructor(file: ReadableFile) {
    this.file = file;
    this.bytes = new Uint8Array(Math.min(WINDOW_BYTES, file.size));
  }

  /** Brings a range of the file, which must lie within it, into `bytes` and returns where it starts there. */
  load(position: number, length: number): number {
    if (position >= this.#base && position + length <= this.#base + this.#filled)
      return position - this.#base;
    assertInvariant(position + length <= this.file.size, 'a window stays within its file');
    this.#slideTo(position, length);
    const wanted = Math.min(this.bytes.length, this.file.size - position);
    this.file.read(this.bytes, this.#filled, wanted - this.#filled, position + this.#filled);
    this.#filled = wanted;
    return 0;
  }

  /** Has everything read anew. */
  forget(): void {
    this.#filled = 0;
  }

  /** Makes `position` the base and keeps what is already there of the bytes after it. */
  #slideTo(position: number, length: number): void {
    const from = position - this.#base;
    const kept = from >= 0 ? Math.max(0, this.#filled - from) : 0;
    if (length > this.bytes.length) {
      const grown = new Uint8Array(length);
      if (kept > 0) grown.set(this.bytes.subarray(from, from + kept));
      this.bytes = grown;
    } else if (kept > 0) {
      this.bytes.copyWithin(0, from, from + kept);
    }
    this.#base = position;
    this.#filled = kept;
  }
}
