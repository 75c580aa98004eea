/** Entries as every micro-benchmark takes them: keys of 16 digits, ascending by twos, and values of 100 bytes. */
import { DataMaker, KEY_BYTES } from '../data.ts';
import { Permutation } from '../permutation.ts';

export const VALUE_BYTES = 100;

export { KEY_BYTES };

const SEED = 1;

const maker = new DataMaker({ keys: 'view', values: 'view' }, VALUE_BYTES, SEED);

/** The keys of the numbers from `first` on, every second one: the entries have the even numbers. */
export function keysFrom(first: number, count: number): readonly Uint8Array[] {
  return Array.from({ length: count }, (_, i) => bytesOf(maker.key(first + 2 * i)));
}

/** A value that is half compressible. */
export function valueFor(number: number): Uint8Array {
  return bytesOf(maker.value(number));
}

/** The same things in an order that looks random. */
export function shuffled<Thing>(things: readonly Thing[]): readonly Thing[] {
  const order = new Permutation(things.length, SEED);
  return things.map((_, place) => things[order.at(place)]);
}

function bytesOf(data: string | Uint8Array): Uint8Array {
  if (typeof data === 'string') throw new TypeError('a maker of views gives no strings');
  return data;
}
