/**
 * Separators: the shortest keys that tell two neighbouring blocks apart.
 *
 * A separator s of the blocks L and R satisfies  last of L  <  s  <=  first of R  in internal order. When
 * the two user keys differ, s is the shortest prefix of R's first user key that sorts after L's last user
 * key, with the largest sequence, which sorts before every version of that prefix: a search for any version
 * of any key of R goes to R at once. When one user key has versions in both blocks, s is R's first internal
 * key itself.
 */
import { commonPrefixLength } from '../bytes/compare.ts';
import { MAX_SEQUENCE } from '../keys/internal-key.ts';

export interface Separator {
  /** How many bytes of the right block's first user key make the separator's user key. */
  readonly length: number;
  readonly sequence: number;
}

/**
 * The separator between the user key `last[0, lastLength)` and the internal key (`first[start, start +
 * length)`, `sequence`) that follows it.
 */
export function shortestSeparator(
  last: Uint8Array,
  lastLength: number,
  first: Uint8Array,
  start: number,
  length: number,
  sequence: number,
): Separator {
  const common = commonPrefixLength(last, 0, lastLength, first, start, length);
  // `first` cannot be a proper prefix of `last`: then it would sort before it.
  return common === length ? { length, sequence } : { length: common + 1, sequence: MAX_SEQUENCE };
}
