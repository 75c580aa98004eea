/** A range of user keys, either end open or not there at all. Ranges are never of internal keys. */
import { compareBytes } from '../bytes/compare.ts';

/** One end of a range. */
export interface Bound {
  readonly key: Uint8Array;
  readonly inclusive: boolean;
}

export interface KeyRange {
  readonly lower: Bound | undefined;
  readonly upper: Bound | undefined;
}

export const FULL_RANGE: KeyRange = { lower: undefined, upper: undefined };

/** Whether the key lies below the range. */
export function isBelow(range: KeyRange, key: Uint8Array, start: number, length: number): boolean {
  const lower = range.lower;
  if (lower === undefined) return false;
  const order = compareBytes(key, start, length, lower.key, 0, lower.key.length);
  return lower.inclusive ? order < 0 : order <= 0;
}

/** Whether the key lies above the range. */
export function isAbove(range: KeyRange, key: Uint8Array, start: number, length: number): boolean {
  const upper = range.upper;
  if (upper === undefined) return false;
  const order = compareBytes(key, start, length, upper.key, 0, upper.key.length);
  return upper.inclusive ? order > 0 : order >= 0;
}
