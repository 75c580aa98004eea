/**
 * A 32-bit hash of a byte range, for bloom filters: four bytes a step, with the mixing constants of
 * MurmurHash3 (Austin Appleby, public domain). It is part of the table format: a filter is only readable
 * with the hash that built it.
 */
export function hashBytes(bytes: Uint8Array, start: number, length: number, seed: number): number {
  let hash = seed ^ length;
  const end = start + length;
  let at = start;
  for (; at + 4 <= end; at += 4) {
    const word = bytes[at] | (bytes[at + 1] << 8) | (bytes[at + 2] << 16) | (bytes[at + 3] << 24);
    let mixed = Math.imul(word, 0xcc9e2d51);
    mixed = (mixed << 15) | (mixed >>> 17);
    hash ^= Math.imul(mixed, 0x1b873593);
    hash = Math.imul((hash << 13) | (hash >>> 19), 5) + 0xe6546b64;
  }
  let tail = 0;
  for (let shift = 0; at < end; at++, shift += 8) tail |= bytes[at] << shift;
  if (tail !== 0) {
    tail = Math.imul(tail, 0xcc9e2d51);
    hash ^= Math.imul((tail << 15) | (tail >>> 17), 0x1b873593);
  }
  return mix32(hash);
}

/** Spreads every bit of a 32-bit number over all of them (MurmurHash3's finaliser); unsigned. */
export function mix32(value: number): number {
  let mixed = value | 0;
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}
