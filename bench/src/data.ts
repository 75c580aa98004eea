/**
 * Keys and values. A key is 16 decimal digits, as in LevelDB's db_bench. Entry i has the key 2i, so that
 * the odd numbers are keys that are missing all over the range. A value is ASCII, of which the second half repeats
 * the first: half compressible.
 *
 * Operations come in slices, whose keys are made before the clock starts: what is measured is the engine
 * and not the making of keys.
 */
import { Buffer } from 'node:buffer';
import { mix } from './permutation.ts';

export const KEY_BYTES = 16;

/** Operations of a slice; also the size of a batch. */
export const SLICE = 1000;

/** A prime number of values, so that neighbours differ and their order repeats nowhere near a block. */
const VALUES = 1009;

const ALPHABET = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_';

/** As strings, or as `Uint8Array`s. */
export type Encoding = 'utf8' | 'view';

export type Data = string | Uint8Array;

/** In which form an engine is given keys and values. */
export interface DataForm {
  readonly keys: Encoding;
  readonly values: Encoding;
}

/** The operations that are done between two looks at the clock. */
export interface Slice {
  readonly keys: readonly Data[];
  readonly values: readonly Data[];
  readonly count: number;
}

export class DataMaker {
  readonly valueBytes: number;
  readonly #keyEncoding: Encoding;
  readonly #digits = Buffer.alloc(KEY_BYTES);
  readonly #values: readonly Data[];

  constructor(form: DataForm, valueBytes: number, seed: number) {
    this.valueBytes = valueBytes;
    this.#keyEncoding = form.keys;
    this.#values = makeValues(form.values, valueBytes, seed);
  }

  /**
   * The operations `[start, start + SLICE)` of `total`; `numberAt` says which number each one has as its key. `change`
   * gives keys other values than the load did: SQLite, for one, writes nothing where a value stays the same.
   */
  slice(start: number, total: number, numberAt: (operation: number) => number, change = 0): Slice {
    const count = Math.min(SLICE, total - start);
    const keys: Data[] = [];
    const values: Data[] = [];
    for (let i = 0; i < count; i++) {
      const number = numberAt(start + i);
      keys.push(this.key(number));
      values.push(this.value(number + change));
    }
    return { keys, values, count };
  }

  /** The key of a number, of which entries have the even ones. */
  key(number: number): Data {
    const digits = this.#digits;
    let rest = number;
    for (let at = KEY_BYTES - 1; at >= 0; at--) {
      const tenth = Math.floor(rest / 10);
      digits[at] = 48 + (rest - 10 * tenth);
      rest = tenth;
    }
    // Not padStart: its result is a rope that the first reader has to flatten.
    return this.#keyEncoding === 'utf8' ? digits.toString('latin1') : new Uint8Array(digits);
  }

  /** The value that belongs to that key. */
  value(number: number): Data {
    return this.#values[number % VALUES];
  }
}

function makeValues(encoding: Encoding, valueBytes: number, seed: number): Data[] {
  return Array.from({ length: VALUES }, (_, index) => {
    let half = '';
    for (let i = 0; i < Math.ceil(valueBytes / 2); i++) {
      half += ALPHABET[mix(Math.imul(seed + 1, 0x9e3779b9) + index * valueBytes + i) % ALPHABET.length];
    }
    const bytes = Buffer.from((half + half).slice(0, valueBytes), 'latin1');
    return encoding === 'utf8' ? bytes.toString('latin1') : new Uint8Array(bytes);
  });
}
