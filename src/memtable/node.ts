import { trailerKind, trailerSequence } from '../keys/internal-key.ts';
import { ARENA_HEADER_WORDS, WORD_BYTES } from './arena.ts';

/**
 * The bytes of one entry of the skiplist. A node is no object but an address in an arena:
 *
 *     word 0             1              2                          3
 *          trailer low | trailer high | key length | height << 16 | address of the value
 *     word 4                4 + height
 *          tower[height]  | key | 0 to 3 bytes up to the next word
 *
 *     value: | length u32 | bytes | 0 to 3 bytes up to the next word        address 0: an empty value
 *
 * `tower[i]` is the address of the next node whose height is more than i, 0 at the end. The key follows
 * the tower so that one cache line mostly serves the comparison and the step that comes after it; the value
 * lies at the other end of the arena, where no search comes by.
 *
 * Everything but the tower is written once, before the node can be reached, and never changes.
 */
export const NODE_TRAILER_LOW = 0;
export const NODE_TRAILER_HIGH = 1;
export const NODE_SIZES = 2;
export const NODE_VALUE = 3;
export const TOWER = 4;

/** The tallest tower: with a quarter of the nodes of each level on the next, enough for 4^12 entries. */
export const MAX_HEIGHT = 12;

/** The node before all others, with a full tower and no key, is the first allocation of the arena. */
export const HEAD: number = ARENA_HEADER_WORDS;

/** Bytes of a node, in whole words. */
export function nodeBytes(height: number, keyLength: number): number {
  return (TOWER + height + Math.ceil(keyLength / WORD_BYTES)) * WORD_BYTES;
}

/** Bytes of its value, in whole words. */
export function valueBytes(valueLength: number): number {
  return valueLength === 0 ? 0 : (1 + Math.ceil(valueLength / WORD_BYTES)) * WORD_BYTES;
}

export function writeNodeHeader(
  words: Int32Array,
  node: number,
  trailerLow: number,
  trailerHigh: number,
  height: number,
  keyLength: number,
  value: number,
): void {
  words[node + NODE_TRAILER_LOW] = trailerLow;
  words[node + NODE_TRAILER_HIGH] = trailerHigh;
  words[node + NODE_SIZES] = keyLength | (height << 16);
  words[node + NODE_VALUE] = value;
}

export function nodeKeyLength(words: Int32Array, node: number): number {
  return words[node + NODE_SIZES] & 0xffff;
}

export function nodeHeight(words: Int32Array, node: number): number {
  return words[node + NODE_SIZES] >>> 16;
}

/** The byte address of the key. */
export function nodeKeyStart(words: Int32Array, node: number): number {
  return (node + TOWER + (words[node + NODE_SIZES] >>> 16)) * WORD_BYTES;
}

/** The byte address of the value; meaningless for an empty one. */
export function nodeValueStart(words: Int32Array, node: number): number {
  return (words[node + NODE_VALUE] + 1) * WORD_BYTES;
}

export function nodeValueLength(words: Int32Array, node: number): number {
  const value = words[node + NODE_VALUE];
  return value === 0 ? 0 : words[value];
}

export function nodeSequence(words: Int32Array, node: number): number {
  return trailerSequence(words[node + NODE_TRAILER_LOW], words[node + NODE_TRAILER_HIGH]);
}

export function nodeKind(words: Int32Array, node: number): number {
  return trailerKind(words[node + NODE_TRAILER_LOW]);
}
