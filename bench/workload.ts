/**
 * Keys and values. A key is 16 decimal digits, as in LevelDB's db_bench. Entry i has the key 2i, so that
 * the odd numbers are keys that are missing all over the range. A value is 100 characters of ASCII, of
 * which the second half repeats the first: half compressible.
 *
 * Operations come in slices, whose keys are made before the clock starts: what is measured is the engine
 * and not the making of keys.
 */
import { Buffer } from 'node:buffer';
import { mix } from './permutation.ts';

export const KEY_BYTES = 16;
export const VALUE_BYTES = 100;

/** Operations of a slice; also the size of a batch. */
export const SLICE = 1000;

/** A prime number of values, so that neighbours differ and their order repeats nowhere near a block. */
const VALUES = 1009;

const ALPHABET = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_';

/** How keys and values are given to both engines, and what classic-level gives back. */
export type Encoding = 'utf8' | 'view';

export type Data = string | Uint8Array;

/** The operations that are done between two looks at the clock; reused by the next slice. */
export interface Slice {
  readonly keys: readonly Data[];
  readonly values: readonly Data[];
  readonly count: number;
}

export class Workload {
  readonly #encoding: Encoding;
  readonly #digits = Buffer.alloc(KEY_BYTES);
  readonly #values: readonly Data[];
  readonly #keys: Data[];
  readonly #sliceValues: Data[];

  constructor(encoding: Encoding, seed: number) {
    this.#encoding = encoding;
    this.#values = makeValues(encoding, seed);
    this.#keys = new Array<Data>(SLICE).fill('');
    this.#sliceValues = new Array<Data>(SLICE).fill('');
  }

  /** The operations `[start, start + SLICE)` of `total`; `numberAt` says which number each one has as its key. */
  slice(start: number, total: number, numberAt: (operation: number) => number): Slice {
    const count = Math.min(SLICE, total - start);
    for (let i = 0; i < count; i++) {
      const number = numberAt(start + i);
      this.#keys[i] = this.key(number);
      this.#sliceValues[i] = this.value(number);
    }
    return { keys: this.#keys, values: this.#sliceValues, count };
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
    return this.#encoding === 'utf8' ? digits.toString('latin1') : new Uint8Array(digits);
  }

  /** The value that belongs to that key. */
  value(number: number): Data {
    return this.#values[number % VALUES];
  }
}

function makeValues(encoding: Encoding, seed: number): Data[] {
  return Array.from({ length: VALUES }, (_, index) => {
    let half = '';
    for (let i = 0; i < VALUE_BYTES / 2; i++) {
      half += ALPHABET[mix(Math.imul(seed + 1, 0x9e3779b9) + index * VALUE_BYTES + i) % ALPHABET.length];
    }
    const bytes = Buffer.from(half + half, 'latin1');
    return encoding === 'utf8' ? bytes.toString('latin1') : new Uint8Array(bytes);
  });
}
