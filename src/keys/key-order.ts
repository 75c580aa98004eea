/**
 * Sorts keys that lie scattered in one array, as a recovery finds them in its logs.
 *
 * A comparison sort of 60,000 keys calls a function a million times. Here most of the work is done by the sort of a
 * `Float64Array`, which leaves JavaScript once: each key becomes one number.
 *
 *     number = the bytes behind what all keys have in common, as digits | which key it is
 *
 * A digit is the rank of a byte among those that occur there, as in a ruler (key-ruler.ts), and there are as many as
 * leave room for the rest below 2^53. Keys that are alike in all of them are compared byte by byte.
 */
import { commonPrefixLength, compareBytes } from '../bytes/compare.ts';

/** Integers up to here are exact in a double. */
const LARGEST_NUMBER = 2 ** 53;

/** Bytes of a key that are looked at, behind what all have in common. */
const MOST_DIGITS = 16;

/** Keys in an array: key i is `bytes[starts[i], starts[i] + lengths[i])`. */
export interface ScatteredKeys {
  readonly bytes: Uint8Array;
  readonly starts: Uint32Array;
  readonly lengths: Uint16Array;
  readonly count: number;
}

/** The keys from the smallest on, by their numbers; of equal ones the last comes first. */
export function keyOrder(keys: ScatteredKeys): Uint32Array {
  const { bytes, starts, lengths, count } = keys;
  const order = new Uint32Array(count);
  if (count === 0) return order;
  const step = 2 ** Math.ceil(Math.log2(count));
  const numbers = numbersOf(keys, step);
  numbers.sort();
  const compare = (a: number, b: number): number =>
    compareBytes(bytes, starts[a], lengths[a], bytes, starts[b], lengths[b]) || b - a;
  for (let start = 0; start < count; ) {
    const digits = Math.floor(numbers[start] / step);
    let end = start;
    let inOrder = true;
    for (; end < count && numbers[end] < (digits + 1) * step; end++) {
      order[end] = count - 1 - (numbers[end] - digits * step);
      if (end > start && inOrder) inOrder = compare(order[end - 1], order[end]) < 0;
    }
    if (!inOrder) order.subarray(start, end).sort(compare);
    start = end;
  }
  return order;
}

/** `digits * step`, and the more the earlier a key is. */
function numbersOf({ bytes, starts, lengths, count }: ScatteredKeys, step: number): Float64Array {
  const shared = sharedLength({ bytes, starts, lengths, count });
  const ranks = new Uint8Array(256);
  for (let i = 0; i < count; i++) {
    const end = starts[i] + Math.min(lengths[i], shared + MOST_DIGITS);
    for (let at = starts[i] + shared; at < end; at++) ranks[bytes[at]] = 1;
  }
  let base = 0;
  for (let byte = 0; byte < 256; byte++) if (ranks[byte] === 1) ranks[byte] = base++;
  base = Math.max(2, base);
  let digits = 0;
  for (let most = base; digits < MOST_DIGITS && most * step <= LARGEST_NUMBER; most *= base) digits++;

  const numbers = new Float64Array(count);
  for (let i = 0; i < count; i++) {
    const start = starts[i] + shared;
    const within = Math.min(digits, lengths[i] - shared);
    let number = 0;
    for (let place = 0; place < within; place++) number = number * base + ranks[bytes[start + place]];
    for (let place = within; place < digits; place++) number *= base;
    numbers[i] = number * step + (count - 1 - i);
  }
  return numbers;
}

/** How many leading bytes all keys have in common. */
function sharedLength({ bytes, starts, lengths, count }: ScatteredKeys): number {
  let shared = lengths[0];
  for (let i = 1; i < count; i++) {
    shared = commonPrefixLength(bytes, starts[0], shared, bytes, starts[i], lengths[i]);
  }
  return shared;
}
