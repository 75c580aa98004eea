/** The public cursor: a position in the database that can move both ways. */

import { forbidTransfer } from '#platform';
import type { VisibleCursor } from '../cursor/visible-cursor.ts';
import { LsmError } from '../errors.ts';
import { type Bytes, keyBytes } from './arguments.ts';
import type { LiveCursor } from './live-cursors.ts';

/**
 * A position in a range of the database, as it was when the cursor was made: what is written, flushed or
 * compacted afterwards changes nothing for it. It keeps files and memory alive, so close it.
 *
 * It starts on no entry. `key` and `value` are views of the engine's own memory, which the next move may
 * overwrite: only read them, and copy what you keep or pass on.
 *
 * @example
 * const cursor = db.cursor({ gte: 'a', lt: 'b' });
 * try {
 *   for (cursor.first(); cursor.valid; cursor.next()) console.log(cursor.key, cursor.value);
 * } finally {
 *   cursor.close();
 * }
 */
export class DbCursor {
  readonly #held: LiveCursor;
  readonly #keys = new Guard();
  readonly #values = new Guard();

  /** Only `MiniLsm.cursor` makes cursors. */
  constructor(held: LiveCursor) {
    this.#held = held;
  }

  /** Whether the cursor stands on an entry. */
  get valid(): boolean {
    return this.#held.cursor.valid;
  }

  get closed(): boolean {
    return this.#held.closed;
  }

  /** The key under the cursor; valid until the next move. @throws LsmError `LSM_INVALID_ARGUMENT` if there is none. */
  get key(): Uint8Array {
    const cursor = this.#standing();
    const { keyStart } = cursor;
    return this.#keys.guarded(cursor.key).subarray(keyStart, keyStart + cursor.keyLength);
  }

  /** The value under the cursor; valid until the next move. @throws LsmError `LSM_INVALID_ARGUMENT` if there is none. */
  get value(): Uint8Array {
    const cursor = this.#standing();
    const value = this.#values.guarded(cursor.value);
    return value.subarray(cursor.valueStart, cursor.valueStart + cursor.valueLength);
  }

  /** Moves to the first entry of the range, and says whether there is one. */
  first(): boolean {
    const cursor = this.#open();
    cursor.first();
    return cursor.valid;
  }

  /** Moves to the last entry of the range, and says whether there is one. */
  last(): boolean {
    const cursor = this.#open();
    cursor.last();
    return cursor.valid;
  }

  /** Moves to the first entry whose key is not below this one, and says whether there is one in the range. */
  seek(key: Bytes): boolean {
    const bytes = keyBytes(key);
    const cursor = this.#open();
    this.#held.seek(bytes);
    return cursor.valid;
  }

  /** Moves to the last entry whose key is not above this one, and says whether there is one in the range. */
  seekBack(key: Bytes): boolean {
    const bytes = keyBytes(key);
    const cursor = this.#open();
    this.#held.seekBack(bytes);
    return cursor.valid;
  }

  /** Moves to the next entry, and says whether there is one. @throws LsmError `LSM_INVALID_ARGUMENT` from no entry. */
  next(): boolean {
    const cursor = this.#standing();
    cursor.next();
    return cursor.valid;
  }

  /** Moves to the entry before, and says whether there is one. @throws LsmError `LSM_INVALID_ARGUMENT` from no entry. */
  prev(): boolean {
    const cursor = this.#standing();
    cursor.prev();
    return cursor.valid;
  }

  /** Lets go of everything the cursor keeps alive, the views taken from it included. Idempotent. */
  close(): void {
    this.#held.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  #open(): VisibleCursor {
    if (this.#held.closed) {
      throw new LsmError(
        'LSM_CLOSED',
        'this cursor or its database is closed; make a new one with db.cursor()',
      );
    }
    return this.#held.cursor;
  }

  #standing(): VisibleCursor {
    const cursor = this.#open();
    if (cursor.valid) return cursor;
    throw new LsmError(
      'LSM_INVALID_ARGUMENT',
      'this cursor stands on no entry; move it with first(), last() or seek() and check valid',
    );
  }
}

/**
 * Keeps a caller who transfers a view to another thread from taking away the engine's own memory, which would lose
 * keys without an error.
 */
class Guard {
  /** The arrays change rarely: the last two are known to be guarded. */
  #last: Uint8Array | undefined;
  #secondLast: Uint8Array | undefined;

  guarded(bytes: Uint8Array): Uint8Array {
    if (bytes !== this.#last && bytes !== this.#secondLast) {
      forbidTransfer(bytes.buffer);
      this.#secondLast = this.#last;
      this.#last = bytes;
    }
    return bytes;
  }
}
