/**
 * An internal key is one version of a user key:
 *
 *     user_key | trailer u64        trailer = sequence << 8 | kind
 *
 * Internal keys sort by user key ascending (bytewise), then by sequence descending, so that a search for
 * (user key, snapshot sequence) lands on the newest version that the snapshot may see. A sequence number
 * fits in 53 bits, so it is a plain number everywhere and the trailer is written as two 32-bit halves.
 *
 * Only order *within* a table or memtable uses internal keys. Overlap, filters, the bounds of files and
 * where an output file is cut look at user keys alone: an engine that compares internal keys there brings
 * deleted keys back (LevelDB issue 320 was of that family).
 */
import { compareBytes } from '../bytes/compare.ts';

/** What an entry means. Part of the formats: never renumber. Higher kinds are reserved. */
export const KIND_PUT = 1;
export const KIND_DELETE = 2;
export type EntryKind = typeof KIND_PUT | typeof KIND_DELETE;

/** The largest sequence number; a search with it sees every version. */
export const MAX_SEQUENCE: number = Number.MAX_SAFE_INTEGER;

/** Longest user key, bytes: it has to fit a u16. */
export const MAX_KEY_BYTES = 65_535;

/** Longest value, bytes (1 GiB). */
export const MAX_VALUE_BYTES: number = 2 ** 30;

/** Bytes of a trailer. */
export const TRAILER_BYTES = 8;

const TWO_TO_24 = 0x100_0000;

/** The low half of a trailer: the low 24 bits of the sequence above the kind. Unsigned. */
export function trailerLow(sequence: number, kind: number): number {
  return (((sequence % TWO_TO_24) << 8) | kind) >>> 0;
}

/** The high half of a trailer: bits 24 to 52 of the sequence. */
export function trailerHigh(sequence: number): number {
  return Math.floor(sequence / TWO_TO_24);
}

export function trailerSequence(low: number, high: number): number {
  return high * TWO_TO_24 + (low >>> 8);
}

export function trailerKind(low: number): number {
  return low & 0xff;
}

export function isEntryKind(kind: number): kind is EntryKind {
  return kind === KIND_PUT || kind === KIND_DELETE;
}

/** The order of internal keys: user key ascending, then sequence descending. */
export function compareInternal(
  a: Uint8Array,
  aStart: number,
  aLength: number,
  aSequence: number,
  b: Uint8Array,
  bStart: number,
  bLength: number,
  bSequence: number,
): number {
  const order = compareBytes(a, aStart, aLength, b, bStart, bLength);
  return order !== 0 ? order : bSequence - aSequence;
}
