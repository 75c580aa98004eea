/** Describes neighbouring entries of a block for those who walk over many (see cursor/stretch.ts). */
import type { Stretch } from '../cursor/stretch.ts';
import { TRAILER_BYTES } from '../keys/internal-key.ts';
import { type Block, REST_AT, sequenceAt } from './block.ts';

/** Describes the entries `[from, end)`, or as many of them as there is room for. */
export function describeForward(block: Block, from: number, end: number, into: Stretch): void {
  describe(block, from, end - from, 1, into);
}

/** Describes the entries from `from` down to `last`, or as many of them as there is room for. */
export function describeBackward(block: Block, from: number, last: number, into: Stretch): void {
  describe(block, from, from - last + 1, -1, into);
}

function describe(block: Block, from: number, count: number, step: number, into: Stretch): void {
  const { bytes, firstAt, firstLength } = block;
  const { keys, keyWords, keyStarts, keyLengths, sequences, kinds, valueStarts, valueLengths } = into;
  into.values = bytes;
  into.fetched = touch(block, from, count, step);
  into.count = 0;
  // The first key comes before all others, so that what they share with it is copied by words.
  let keyAt = (firstLength + 3) & ~3;
  if (keyAt > keys.length) return;
  for (let i = 0; i < firstLength; i++) keys[i] = bytes[firstAt + i];
  let described = 0;
  for (let index = from; described < count; index += step) {
    const at = block.entryAt(index) | 0;
    const shared = bytes[at] | (bytes[at + 1] << 8);
    const restLength = bytes[at + 2] | (bytes[at + 3] << 8);
    const rest = at + REST_AT;
    const restAt = keyAt + shared;
    if (restAt + restLength > keys.length) break;
    for (let i = 0, to = keyAt >> 2; i << 2 < shared; i++) keyWords[to + i] = keyWords[i];
    for (let i = 0; i < restLength; i++) keys[restAt + i] = bytes[rest + i];
    const trailer = rest + restLength;
    const lengthAt = trailer + TRAILER_BYTES;
    keyStarts[described] = keyAt;
    keyLengths[described] = shared + restLength;
    sequences[described] = sequenceAt(bytes, trailer);
    kinds[described] = bytes[trailer];
    valueStarts[described] = lengthAt + 4;
    valueLengths[described] =
      bytes[lengthAt] |
      (bytes[lengthAt + 1] << 8) |
      (bytes[lengthAt + 2] << 16) |
      (bytes[lengthAt + 3] << 24);
    keyAt = (restAt + restLength + 3) & ~3;
    described++;
  }
  into.count = described;
}

/**
 * Reads a word of each entry, so that the cache misses overlap: after a seek every entry is another one.
 */
function touch(block: Block, from: number, count: number, step: number): number {
  const { bytes } = block;
  let sum = 0;
  for (let index = from, left = count; left > 0; index += step, left--) sum ^= bytes[block.entryAt(index)];
  return sum;
}
