/**
 * A ruler laid along a sorted list of keys: it turns a key into a number and finds the key's place among the numbers,
 * which stand side by side, in place of comparing bytes that lie here and there. Among the separators of an index a
 * binary search meets a cache miss and a branch that nobody can predict at most of its steps; the ruler guesses where
 * the key stands, as one opens a dictionary, and is mostly right at once.
 *
 *     number = the bytes behind what all keys have in common, as the digits of a number
 *
 * A digit is the rank of a byte among those that occur in the keys, so that decimal or hexadecimal text is as evenly
 * spread as the numbers that it writes, and more of it fits: as many digits as stay below 2^52, 15 of decimal text or
 * 6 of arbitrary bytes. Behind the end of a key all digits are 0.
 *
 * Invariant: of two different numbers the smaller is that of the smaller key. Equal numbers say nothing, and
 * the bytes have to be compared. Keys that are not in order are harmless: the answer is wrong, but it is in the list.
 */
import { commonPrefixLength } from '../bytes/compare.ts';

/** Bytes of a key that a ruler can heed at most. */
export const RULER_DIGITS = 16;

const LARGEST_NUMBER = 2 ** 52;

/** A place is told in 64ths of the way from one key to the next: cache lines of a block of 4 KiB. */
export const PLACE_BITS = 6;
export const PART_MASK: number = (1 << PLACE_BITS) - 1;
/** Less than a whole way, so that rounding never leads to the next key. */
const MOST_OF_A_WAY = 63.9;

/** The ends of keys, of `RULER_DIGITS` bytes at most each, behind the prefix that all keys share. */
export class KeyEnds {
  readonly count: number;
  /** Those of key i stand from `i * RULER_DIGITS` on. */
  readonly bytes: Uint8Array;
  readonly lengths: Uint8Array;

  constructor(count: number) {
    this.count = count;
    this.bytes = new Uint8Array(count * RULER_DIGITS);
    this.lengths = new Uint8Array(count);
  }
}

export class KeyRuler {
  readonly #prefix: Uint8Array;
  /** Of each byte: its rank, from 0 on, or if no key has it `~smaller`, where so many smaller ones occur. */
  readonly #ranks: Int16Array = new Int16Array(256);
  readonly #base: number;
  readonly #digits: number;
  /** The numbers of the keys. */
  readonly #marks: Float64Array;
  /** From the second key on, where keys are taken to be evenly spread. */
  readonly #second: number;
  readonly #perNumber: number;

  /** For keys that consist of `prefix` and these ends. */
  constructor(prefix: Uint8Array, ends: KeyEnds) {
    this.#prefix = new Uint8Array(prefix);
    this.#base = Math.max(2, rankBytes(ends, this.#ranks));
    this.#digits = digitsFor(ends, this.#base);
    this.#marks = new Float64Array(ends.count);
    for (let i = 0; i < ends.count; i++) {
      this.#marks[i] = this.#numberOf(ends.bytes, i * RULER_DIGITS, ends.lengths[i]);
    }
    // The first key of an index block is made up.
    const second = Math.min(1, ends.count - 1);
    const span = this.#marks[ends.count - 1] - this.#marks[second];
    this.#second = this.#marks[second];
    this.#perNumber = span > 0 ? (ends.count - 1 - second) / span : 0;
  }

  /** For one key or more, in order; none of them is kept. */
  static along(keys: readonly Uint8Array[]): KeyRuler {
    const [first] = keys;
    const last = keys[keys.length - 1];
    const shared = commonPrefixLength(first, 0, first.length, last, 0, last.length);
    const ends = new KeyEnds(keys.length);
    for (const [i, key] of keys.entries()) {
      const end = key.subarray(shared, shared + RULER_DIGITS);
      ends.bytes.set(end, i * RULER_DIGITS);
      ends.lengths[i] = end.length;
    }
    return new KeyRuler(first.subarray(0, shared), ends);
  }

  /** Memory for each key, bytes. */
  static readonly KEY_BYTES: number = 8;

  /**
   * Where a key stands: `i << PLACE_BITS | part`, when key i is the last that is not above it (or 0 if all are)
   * and the key seems to stand so many 64ths of the way further on. If the numbers can't tell: `~last`, where
   * `last` is the last key that may be the one.
   */
  place(key: Uint8Array, start: number, length: number): number {
    const prefix = this.#prefix;
    const marks = this.#marks;
    const count = marks.length | 0;
    const within = Math.min(length, prefix.length);
    for (let i = 0; i < within; i++) {
      const difference = key[start + i] - prefix[i];
      if (difference !== 0) return difference < 0 ? 0 : (count - 1) << PLACE_BITS;
    }
    if (length < prefix.length) return 0;
    const number = this.#numberOf(key, start + prefix.length, length - prefix.length);
    const at = this.#lastUpTo(number);
    const below = marks[at];
    if (below === number) return ~at;
    if (below > number || at + 1 === count) return at << PLACE_BITS;
    const part = ((number - below) / (marks[at + 1] - below)) * MOST_OF_A_WAY;
    return (at << PLACE_BITS) | part;
  }

  /** The first key that may be equal to one whose place is `~last`. */
  firstLike(last: number): number {
    const marks = this.#marks;
    const number = marks[last];
    let low = 0;
    let high = last;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (marks[middle] < number) low = (middle + 1) | 0;
      else high = middle;
    }
    return low;
  }

  /** The last mark that is not above the number, or the first one: guessed, then searched for in growing steps. */
  #lastUpTo(number: number): number {
    const marks = this.#marks;
    const count = marks.length | 0;
    const guess = (number - this.#second) * this.#perNumber;
    let low = guess > 0 ? (guess < count - 2 ? (guess | 0) + 1 : count - 1) : 0;
    let high = low;
    let step = 1;
    if (marks[low] <= number) {
      high = (low + 1) | 0;
      while (high < count && marks[high] <= number) {
        low = high;
        high = Math.min(count, high + step) | 0;
        step <<= 1;
      }
    } else {
      low = Math.max(0, low - 1);
      while (low > 0 && marks[low] > number) {
        high = low;
        low = Math.max(0, low - step) | 0;
        step <<= 1;
      }
    }
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (marks[middle] <= number) low = middle;
      else high = middle;
    }
    return low;
  }

  #numberOf(bytes: Uint8Array, start: number, length: number): number {
    const ranks = this.#ranks;
    const digits = this.#digits;
    const base = this.#base;
    const end = Math.min(length, digits);
    let number = 0;
    let i = 0;
    while (i < end) {
      const rank = ranks[bytes[start + i]];
      if (rank < -1) {
        // After everything that goes on with a smaller byte, before everything with a larger one.
        number = number * base - (rank + 2);
        for (i++; i < digits; i++) number = number * base + base - 1;
        return number;
      }
      if (rank === -1) break;
      number = number * base + rank;
      i++;
    }
    for (; i < digits; i++) number *= base;
    return number;
  }
}

/** Fills in the ranks and returns how many there are. */
function rankBytes(ends: KeyEnds, ranks: Int16Array): number {
  for (let i = 0; i < ends.count; i++) {
    const at = i * RULER_DIGITS;
    for (let place = 0; place < ends.lengths[i]; place++) ranks[ends.bytes[at + place]] = 1;
  }
  let smaller = 0;
  for (let byte = 0; byte < 256; byte++) ranks[byte] = ranks[byte] === 1 ? smaller++ : ~smaller;
  return smaller;
}

/** As many digits as the longest end has, if so many fit. */
function digitsFor(ends: KeyEnds, base: number): number {
  let longest = 0;
  for (let i = 0; i < ends.count; i++) longest = Math.max(longest, ends.lengths[i]);
  let digits = 0;
  for (let number = base; digits < longest && number <= LARGEST_NUMBER; number *= base) digits++;
  return digits;
}
