/** Short numbers that stand for bytes: answers are compared by them, since there are very many. */

/** Bytes whose fingerprint is known. */
export interface Fingerprinted {
  readonly bytes: Uint8Array;
  readonly print: number;
}

/** FNV-1a, 32 bits. */
export function fingerprint(bytes: Uint8Array): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < bytes.length; i++) hash = Math.imul(hash ^ bytes[i], 0x01000193);
  return hash ^ bytes.length;
}

/** Puts a number into a hash, in the manner of MurmurHash3. */
export function mix(hash: number, number: number): number {
  let mixed = Math.imul(number, 0xcc9e2d51);
  mixed = Math.imul((mixed << 15) | (mixed >>> 17), 0x1b873593) ^ hash;
  return (Math.imul((mixed << 13) | (mixed >>> 19), 5) + 0xe6546b64) | 0;
}

/** Stands for an entry within a sum over all entries of a database, which does not depend on their order. */
export function entryPrint(key: number, value: number): number {
  return mix(mix(0, key), value);
}
