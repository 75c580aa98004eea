/**
 * Reads a range for an iterator, in pieces: what abstract-level's iterators of entries, keys and values have in
 * common. The view that it reads is held from its making to its close.
 *
 * It never keeps the event loop for long: it lets it turn after a thousand entries or a mebibyte, before it
 * reads ahead for the first time, and after a seek.
 */
import { nextTurn } from '#platform';
import type { VisibleCursor } from '../cursor/visible-cursor.ts';
import { checkNotAborted } from '../db/arguments.ts';
import type { LiveCursor } from '../db/live-cursors.ts';
import { LsmError } from '../errors.ts';
import { isAbove, isBelow, type KeyRange } from '../keys/key-range.ts';
import { asLevelError, withLevelErrors } from './level-error.ts';

/** Between two turns of the event loop at most so much is read. */
const TURN_ENTRIES = 1000;
const TURN_BYTES = 2 ** 20;

/** How much `next()` reads ahead at most, and what it and `nextv()` keep to by default. */
const AHEAD_ENTRIES = 1000;
const HIGH_WATER_MARK_BYTES = 16 * 1024;

export interface RangeReaderOptions {
  readonly reverse: boolean;
  /** -1 for all. */
  readonly limit: number;
  readonly signal?: AbortSignal | undefined;
  readonly highWaterMarkBytes?: number | undefined;
}

export class RangeReader<Item> {
  readonly #held: LiveCursor;
  readonly #range: KeyRange;
  readonly #make: (cursor: VisibleCursor) => Item;
  readonly #reverse: boolean;
  readonly #limit: number;
  readonly #highWaterMark: number;
  readonly #signal: AbortSignal | undefined;
  /** What was read ahead; from `#taken` on it is not given out yet. */
  #ahead: Item[] = [];
  #taken = 0;
  /** Whether the cursor has been put somewhere, and whether the entry there is still to be read. */
  #placed = false;
  #unread = false;
  #ended = false;
  /** Why the cursor is nowhere; whatever is read fails for it, until a seek. */
  #failure: unknown;
  /** `next()` reads one entry first: often it is all that is wanted. */
  #first = true;
  #sought = false;
  #entries = 0;
  #bytes = 0;
  /** Items that were taken without abstract-level, which cannot count them. */
  #walked = 0;

  constructor(
    held: LiveCursor,
    range: KeyRange,
    options: RangeReaderOptions,
    make: (cursor: VisibleCursor) => Item,
  ) {
    this.#held = held;
    this.#range = range;
    this.#make = make;
    this.#reverse = options.reverse;
    this.#limit = options.limit < 0 ? Number.POSITIVE_INFINITY : options.limit;
    this.#signal = options.signal;
    const mark = options.highWaterMarkBytes ?? HIGH_WATER_MARK_BYTES;
    // Anything that is no size counts as 0, Infinity included, as in classic-level.
    this.#highWaterMark = Number.isFinite(mark) && mark > 0 ? mark : 0;
  }

  /** How many items were read ahead. */
  get cached(): number {
    return this.#ahead.length - this.#taken;
  }

  /** How many items {@link walk} has given. */
  get walked(): number {
    return this.#walked;
  }

  /** The next of the items that were read ahead, for `for await`; undefined if there is none. */
  walk(): Item | undefined {
    if (this.#taken === this.#ahead.length) return undefined;
    this.#walked += 1;
    return this.#ahead[this.#taken++];
  }

  /** The next item; undefined at the end. */
  next(): Item | undefined | Promise<Item | undefined> {
    if (this.#taken < this.#ahead.length) return this.#ahead[this.#taken++];
    if (this.#ended) return undefined;
    // Before it reads ahead for the first time, and wherever it was sent, it lets others have their turn.
    const turns = this.#isTurnDue || this.#sought || this.#entries === 1;
    return turns ? this.#turn().then(() => this.#nextAhead()) : this.#nextAhead();
  }

  /** At least one item and at most `size`; none at the end. */
  nextv(size: number): Item[] | Promise<Item[]> {
    this.#first = false;
    if (this.#taken < this.#ahead.length) {
      const start = this.#taken;
      this.#taken = Math.min(start + size, this.#ahead.length);
      return this.#ahead.slice(start, this.#taken);
    }
    const read = (): Item[] => this.#read([], size, this.#highWaterMark);
    return this.#isTurnDue ? this.#turn().then(read) : read();
  }

  /** All that is left up to the limit; `given` items of it were given out before. */
  all(given: number): Item[] | Promise<Item[]> {
    const left = this.#limit - given;
    const items = this.#ahead.slice(this.#taken, this.#taken + left);
    this.#taken = this.#ahead.length;
    if (this.#signal === undefined) this.#readOn(items, left);
    return this.#ended || items.length >= left ? items : this.#rest(items, left);
  }

  /**
   * Goes to an entry: the first that is not before the target in the direction of the iterator. What fails in
   * that is told by the next read.
   */
  seek(target: Uint8Array): void {
    this.#ahead = [];
    this.#taken = 0;
    this.#first = true;
    this.#sought = true;
    this.#placed = true;
    this.#failure = undefined;
    try {
      const cursor = this.#cursor();
      const outside =
        isBelow(this.#range, target, 0, target.length) || isAbove(this.#range, target, 0, target.length);
      if (!outside && this.#reverse) this.#held.seekBack(target);
      else if (!outside) this.#held.seek(target);
      this.#ended = outside || !cursor.valid;
      this.#unread = true;
    } catch (error) {
      this.#fail(error);
    }
  }

  close(): void {
    this.#ahead = [];
    this.#taken = 0;
    this.#ended = true;
    this.#held.close();
  }

  /** A signal is to be heard before each read. */
  get #isTurnDue(): boolean {
    return this.#entries >= TURN_ENTRIES || this.#bytes >= TURN_BYTES || this.#signal !== undefined;
  }

  #nextAhead(): Item | undefined {
    const size = this.#first ? 1 : AHEAD_ENTRIES;
    this.#first = false;
    this.#ahead = this.#read([], size, this.#highWaterMark);
    this.#taken = Math.min(1, this.#ahead.length);
    return this.#ahead[0];
  }

  async #rest(items: Item[], limit: number): Promise<Item[]> {
    while (!this.#ended && items.length < limit) {
      await this.#turn();
      this.#readOn(items, limit);
    }
    return items;
  }

  /** Reads until the event loop should turn. */
  #readOn(items: Item[], limit: number): void {
    this.#read(items, Math.min(TURN_ENTRIES, limit - items.length), TURN_BYTES);
  }

  /** Appends items until there are so many more, or their bytes exceed a number. */
  #read(items: Item[], count: number, bytes: number): Item[] {
    try {
      const cursor = this.#cursor();
      const end = items.length + count;
      const exceeded = this.#bytes + bytes;
      while (items.length < end && !this.#ended) {
        this.#step(cursor);
        if (!cursor.valid) {
          this.#ended = true;
          break;
        }
        items.push(this.#make(cursor));
        this.#entries += 1;
        this.#bytes += cursor.keyLength + cursor.valueLength;
        if (this.#bytes > exceeded) break;
      }
      return items;
    } catch (error) {
      this.#fail(error);
      throw this.#failure;
    }
  }

  #fail(error: unknown): void {
    this.#failure = asLevelError(error);
    this.#ended = false;
  }

  #step(cursor: VisibleCursor): void {
    if (this.#unread) this.#unread = false;
    else if (!this.#placed) {
      this.#placed = true;
      if (this.#reverse) cursor.last();
      else cursor.first();
    } else if (this.#reverse) cursor.prev();
    else cursor.next();
  }

  async #turn(): Promise<void> {
    this.#entries = 0;
    this.#bytes = 0;
    this.#sought = false;
    await nextTurn();
    withLevelErrors(() => checkNotAborted(this.#signal));
  }

  #cursor(): VisibleCursor {
    if (this.#failure !== undefined) throw this.#failure;
    if (this.#held.closed) throw new LsmError('LSM_CLOSED', 'the database was closed under this iterator');
    return this.#held.cursor;
  }
}
