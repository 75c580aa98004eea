/** The public scan: a range of entries to walk with `for`. */
import type { VisibleCursor } from '../cursor/visible-cursor.ts';
import { LsmError } from '../errors.ts';
import { type Entry, EntryBatch, type EntryCopies } from './entry-copies.ts';
import type { LiveCursor } from './live-cursors.ts';

/** So many entries are copied at once, or one by one. */
const FEWEST_AT_ONCE = 2;

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
  readonly #copies: EntryCopies;
  #left: number;
  #started = false;
  #done = false;
  /** Of the entries that were copied at once, the next one to give and where they end. */
  #next = 0;
  #end = 0;
  #batch: EntryBatch | undefined;

  constructor(held: LiveCursor, copies: EntryCopies, reverse: boolean, limit: number) {
    this.#held = held;
    this.#copies = copies;
    this.#reverse = reverse;
    this.#left = limit;
  }

  [Symbol.iterator](): this {
    return this;
  }

  /** Short, so that V8 puts it into the loop that calls it. */
  next(): IteratorResult<Entry, undefined> {
    if (this.#next < this.#end && !this.#held.closed) {
      return { done: false, value: (this.#batch as EntryBatch).entry(this.#next++) };
    }
    return this.#move();
  }

  /** Ends the walk early. Idempotent. */
  return(): IteratorResult<Entry, undefined> {
    if (!this.#done) {
      this.#done = true;
      this.#end = 0;
      this.#held.close();
    }
    return { done: true, value: undefined };
  }

  [Symbol.dispose](): void {
    this.return();
  }

  /** One move of the cursor, and copies of what comes with it. */
  #move(): IteratorResult<Entry, undefined> {
    if (this.#done) return { done: true, value: undefined };
    if (this.#held.closed) {
      throw new LsmError('LSM_CLOSED', 'the database was closed during this scan');
    }
    const { cursor } = this.#held;
    try {
      if (this.#left > 0) this.#moveCursor(cursor);
    } catch (error) {
      this.return();
      throw error;
    }
    if (this.#left <= 0 || !cursor.valid) return this.return();
    this.#left -= 1;
    const value = this.#copies.entry(cursor);
    this.#copyAhead(cursor);
    return { done: false, value };
  }

  #moveCursor(cursor: VisibleCursor): void {
    if (this.#started) {
      if (this.#reverse) cursor.prev();
      else cursor.next();
      return;
    }
    this.#started = true;
    if (this.#reverse) cursor.last();
    else cursor.first();
  }

  #copyAhead(cursor: VisibleCursor): void {
    const from = cursor.stretchAt;
    const count = Math.min(this.#left, cursor.stretchEnd - from);
    const { stretch } = cursor;
    if (count < FEWEST_AT_ONCE || stretch === undefined) return;
    this.#batch ??= new EntryBatch();
    const copied = this.#batch.copy(stretch, from, count, this.#copies);
    if (copied === 0) return;
    cursor.pass(copied);
    this.#left -= copied;
    this.#next = from;
    this.#end = from + copied;
  }
}
