/**
 * LevelDB's internal key: the user key and eight bytes, `sequence << 8 | kind`, with kind 0 for a deletion
 * and 1 for a value. Its order is that of our own internal keys: user key, then sequence descending.
 */
import { readU32 } from '../bytes/integers.ts';
import {
  type EntryKind,
  KIND_DELETE,
  KIND_PUT,
  MAX_SEQUENCE,
  TRAILER_BYTES,
  trailerHigh,
  trailerSequence,
} from '../keys/internal-key.ts';

const LEVELDB_DELETION = 0;
const LEVELDB_VALUE = 1;

const MAX_TRAILER_HIGH: number = trailerHigh(MAX_SEQUENCE);

export interface InternalKey {
  readonly userKey: Uint8Array;
  readonly sequence: number;
}

/** Our kind for one of LevelDB's; undefined for a kind that it does not have. */
export function kindOf(levelDbKind: number): EntryKind | undefined {
  if (levelDbKind === LEVELDB_VALUE) return KIND_PUT;
  return levelDbKind === LEVELDB_DELETION ? KIND_DELETE : undefined;
}

/** The sequence number in the trailer at `at`; undefined if it is beyond 2^53. */
export function sequenceAt(bytes: Uint8Array, at: number): number | undefined {
  const high = readU32(bytes, at + 4);
  return high > MAX_TRAILER_HIGH ? undefined : trailerSequence(readU32(bytes, at), high);
}

/** A copy of the internal key in `bytes[start, end)`; undefined if it is none. */
export function decodeInternalKey(bytes: Uint8Array, start: number, end: number): InternalKey | undefined {
  const trailer = end - TRAILER_BYTES;
  if (trailer < start || kindOf(bytes[trailer]) === undefined) return undefined;
  const sequence = sequenceAt(bytes, trailer);
  return sequence === undefined ? undefined : { userKey: bytes.slice(start, trailer), sequence };
}
