import type { Stretch } from './stretch.ts';

/**
 * The contract of every cursor inside the engine: memtable, block, table, level, and their merge.
 *
 * A cursor walks internal keys in their order (see keys/internal-key.ts) and shows every version and every
 * tombstone; hiding them is the work of the visible cursor alone. It starts on no entry; `valid` says
 * whether it stands on one, and only then may the fields be read. They are plain fields, refreshed by every
 * move, so that walking allocates nothing: the bytes of key and value are good until the next move (a key may
 * lie in a scratch array of the cursor, a value in memory that is lent to another block afterwards).
 *
 * An error (damage, I/O) is thrown by the move that met it and leaves the cursor invalid. A read error is
 * never taken for the end of the data.
 */
export abstract class Cursor {
  /** Whether the cursor stands on an entry. */
  declare valid: boolean;

  /** The user key is `key[keyStart, keyStart + keyLength)`. */
  declare key: Uint8Array;
  declare keyStart: number;
  declare keyLength: number;
  declare sequence: number;
  declare kind: number;

  /** The value is `value[valueStart, valueStart + valueLength)`; empty for a tombstone. */
  declare value: Uint8Array;
  declare valueStart: number;
  declare valueLength: number;

  /**
   * Assigns the fields. Were they initialised where they are declared, V8 would define them by a slow way, since
   * each kind of cursor that it defines them for has another shape.
   */
  constructor() {
    this.valid = false;
    this.key = EMPTY;
    this.keyStart = 0;
    this.keyLength = 0;
    this.sequence = 0;
    this.kind = 0;
    this.value = EMPTY;
    this.valueStart = 0;
    this.valueLength = 0;
  }

  abstract seekToFirst(): void;
  abstract seekToLast(): void;

  /** Moves to the first entry at or after (user key, sequence) in internal order. */
  abstract seek(key: Uint8Array, start: number, length: number, sequence: number): void;

  /** Moves one entry on; the cursor must be valid. */
  abstract next(): void;

  /** Moves one entry back; the cursor must be valid. */
  abstract prev(): void;

  /**
   * Describes entries from the current one on, in the direction of the last move and without moving: at most so
   * many, and none at or behind the entry under `bound`. A cursor that can't say, or not cheaply, describes none.
   */
  ahead(into: Stretch, _forward: boolean, _most: number, _bound: Cursor | undefined): void {
    into.count = 0;
  }

  /** Moves so many entries on, to one that the last call of {@link ahead} described. */
  skip(entries: number, forward: boolean): void {
    for (let left = entries; left > 0; left--) {
      if (forward) this.next();
      else this.prev();
    }
  }

  /** Gives back what the cursor holds; idempotent. Afterwards only `close` may be called, or what opens it again. */
  close(): void {
    this.valid = false;
  }
}

/** The entry that a cursor stands on. */
export type Entry = Readonly<
  Pick<
    Cursor,
    'key' | 'keyStart' | 'keyLength' | 'sequence' | 'kind' | 'value' | 'valueStart' | 'valueLength'
  >
>;

/** A cursor for whoever only walks from the first entry to the last. */
export type ForwardWalk = Entry &
  Readonly<Pick<Cursor, 'valid'>> &
  Pick<Cursor, 'seekToFirst' | 'next' | 'close'>;

export const EMPTY: Uint8Array = new Uint8Array(0);

/**
 * The answer of a point lookup, filled in place so that a lookup allocates nothing. `kind` is 0 while
 * nothing was found; a tombstone is an answer too, and ends the search.
 */
export class LookupResult {
  kind = 0;
  sequence = 0;
  value: Uint8Array = EMPTY;
  valueStart = 0;
  valueLength = 0;
}
