/** The public scan: a range of entries to walk with `for`. */
import type { OwnedBytes } from '../bytes/owned-bytes.ts';
import type { VisibleCursor } from '../cursor/visible-cursor.ts';
import { LsmError } from '../errors.ts';
import type { LiveCursor } from './live-cursors.ts';

/** A key and its value, both copies that the caller owns. */
export type Entry = [key: Uint8Array, value: Uint8Array];

/**
 * The entries of a range. Every iteration reads the database as it is when it begins, and closes what it
 * opened when it ends, also by `break`.
 */
export class Scan implements Iterable<Entry> {
  readonly #begin: () => ScanIterator;

  /** Only `MiniLsm.scan` makes scans. */
  constructor(begin: () => ScanIterator) {
    this.#begin = begin;
  }

  [Symbol.iterator](): ScanIterator {
    return this.#begin();
  }
}

/** One walk over a scan. */
export class ScanIterator implements IterableIterator<Entry> {
  readonly #held: LiveCursor;
  readonly #reverse: boolean;
  /** That of the database: a slab of its own would cost a short scan more than its entries. */
  readonly #copies: OwnedBytes;
  #left: number;
  #started = false;
  #done = false;

  constructor(held: LiveCursor, copies: OwnedBytes, reverse: boolean, limit: number) {
    this.#held = held;
    this.#copies = copies;
    this.#reverse = reverse;
    this.#left = limit;
  }

  [Symbol.iterator](): this {
    return this;
  }

  next(): IteratorResult<Entry, undefined> {
    if (this.#done) return { done: true, value: undefined };
    if (this.#held.closed) {
      throw new LsmError('LSM_CLOSED', 'the database was closed during this scan');
    }
    const { cursor } = this.#held;
    try {
      if (this.#left > 0) this.#move(cursor);
    } catch (error) {
      this.return();
      throw error;
    }
    if (this.#left <= 0 || !cursor.valid) return this.return();
    this.#left -= 1;
    const key = this.#copies.copy(cursor.key, 0, cursor.keyLength);
    const value = this.#copies.copy(cursor.value, cursor.valueStart, cursor.valueLength);
    return { done: false, value: [key, value] };
  }

  /** Ends the walk early. Idempotent. */
  return(): IteratorResult<Entry, undefined> {
    if (!this.#done) {
      this.#done = true;
      this.#held.close();
    }
    return { done: true, value: undefined };
  }

  [Symbol.dispose](): void {
    this.return();
  }

  #move(cursor: VisibleCursor): void {
    if (this.#started) {
      if (this.#reverse) cursor.prev();
      else cursor.next();
      return;
    }
    this.#started = true;
    if (this.#reverse) cursor.last();
    else cursor.first();
  }
}
