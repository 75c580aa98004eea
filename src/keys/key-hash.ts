/** The hash of a user key that every filter of keys uses, so that a lookup computes it once for all of them. */
import { hashBytes } from '../bytes/hash.ts';

/** Part of the table format. */
export const KEY_HASH_SEED = 0x6d6c736d;

export function keyHash(key: Uint8Array, start: number, length: number): number {
  return hashBytes(key, start, length, KEY_HASH_SEED);
}
