/**
 * Heads of keys: of a data block, the four bytes of each key that follow what all its keys have in common, as
 * one big-endian number, less 2^31 so that it is a small integer to V8; a key that ends before is filled up with
 * zeros. Where two heads differ, their keys are
 * in the same order, so a search among heads, which lie side by side, leaves only keys with the target's own
 * head to be compared where they lie. A binary search among the keys themselves meets a cache miss or two at
 * every step, and misses are what a lookup costs.
 *
 * Heads are made when a block enters the cache; they are no part of the format. Where there is too little room
 * for all of them, only entries 0, 2^shift, 2 * 2^shift, ... have one.
 */

export const HEAD_BYTES = 4;
export const LARGEST_HEAD = 0x7fff_ffff;
/** What makes a signed number of an unsigned one and keeps the order. */
export const HEAD_SIGN = 0x8000_0000;

/** How many heads a block of so many entries has with that shift. */
export function headCount(entries: number, shift: number): number {
  return ((entries - 1) >>> shift) + 1;
}

/** The head of a key that goes on with these bytes behind the common part. */
export function headOf(key: Uint8Array, start: number, length: number): number {
  if (length >= HEAD_BYTES) {
    return ((key[start] << 24) | (key[start + 1] << 16) | (key[start + 2] << 8) | key[start + 3]) ^ HEAD_SIGN;
  }
  let head = 0;
  for (let i = 0; i < length; i++) head |= key[start + i] << (24 - 8 * i);
  return head ^ HEAD_SIGN;
}
