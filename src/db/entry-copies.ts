/**
 * Copies of entries for the caller of a scan: one by one, or those of a stretch at once, with one copy for all their
 * values and one for all their keys. To cut an entry from that takes 35 ns; an array of its own for the key alone takes
 * as long again.
 */
import { OwnedBytes } from '../bytes/owned-bytes.ts';
import { Stretch } from '../cursor/stretch.ts';
import type { VisibleCursor } from '../cursor/visible-cursor.ts';

/** A key and its value, both copies that the caller owns. */
export type Entry = [key: Uint8Array, value: Uint8Array];

/** Who keeps one key of a scan keeps so many bytes of keys. Keys and values have slabs of their own. */
const KEY_SLAB_BYTES = 4096;

/** Values are copied at once as far as they take no more than this: the other half of a slab is for others. */
const MOST_VALUE_BYTES = 8 * 1024;

/** Where the copies of a database's scans go; short scans one after the other share slabs. */
export class EntryCopies {
  readonly keys: OwnedBytes = new OwnedBytes(KEY_SLAB_BYTES);
  readonly values: OwnedBytes;

  constructor(values: OwnedBytes) {
    this.values = values;
  }

  /** A copy of the entry under a cursor. */
  entry({ key, keyStart, keyLength, value, valueStart, valueLength }: VisibleCursor): Entry {
    return [this.values.copy(key, keyStart, keyLength), this.values.copy(value, valueStart, valueLength)];
  }
}

/** Entries of a stretch that were copied at once. */
export class EntryBatch {
  #stretch: Stretch = NO_STRETCH;
  #keys: ArrayBufferLike = NO_STRETCH.keys.buffer;
  #values: ArrayBufferLike = NO_STRETCH.keys.buffer;
  /** How far the copies stand from where the stretch says that its keys and values start. */
  #keyShift = 0;
  #valueShift = 0;

  /** Copies up to `count` entries of a stretch from entry `from` on, and says how many: as many as fit in a slab. */
  copy(stretch: Stretch, from: number, count: number, { keys, values }: EntryCopies): number {
    const { keyStarts, keyLengths, valueStarts, valueLengths } = stretch;
    const end = from + valuesWithin(stretch, from, count);
    if (end === from) return 0;
    const last = end - 1;
    const keyStart = keyStarts[from];
    const keyAt = keys.copyToSlab(stretch.keys, keyStart, keyStarts[last] + keyLengths[last] - keyStart);
    // Walking backward, the last entry is the first one in the block.
    const lowest = Math.min(valueStarts[from], valueStarts[last]);
    const highest = Math.max(valueStarts[from] + valueLengths[from], valueStarts[last] + valueLengths[last]);
    const valueAt = values.copyToSlab(stretch.values, lowest, highest - lowest);
    this.#stretch = stretch;
    this.#keys = keys.slab;
    this.#keyShift = keyAt - keyStart;
    this.#values = values.slab;
    this.#valueShift = valueAt - lowest;
    return end - from;
  }

  /** Entry `at` of the stretch, which was copied. */
  entry(at: number): Entry {
    const { keyStarts, keyLengths, valueStarts, valueLengths } = this.#stretch;
    return [
      new Uint8Array(this.#keys, keyStarts[at] + this.#keyShift, keyLengths[at]),
      new Uint8Array(this.#values, valueStarts[at] + this.#valueShift, valueLengths[at]),
    ];
  }
}

/** How many of these entries have their values within `MOST_VALUE_BYTES`; large values are better copied alone. */
function valuesWithin({ valueStarts, valueLengths }: Stretch, from: number, count: number): number {
  const start = valueStarts[from];
  const end = start + valueLengths[from];
  let within = count;
  for (; within > 0; within--) {
    const last = from + within - 1;
    const bytes = Math.max(end, valueStarts[last] + valueLengths[last]) - Math.min(start, valueStarts[last]);
    if (bytes <= MOST_VALUE_BYTES) break;
  }
  return within;
}

const NO_STRETCH = new Stretch();
