/**
 * Checksums that know where their bytes belong. A plain CRC accepts a valid block that landed in the wrong
 * place or came from another file; these start from a number made of the database, the file and the
 * offset. For the same bytes, CRCs from different starting values always differ.
 */
import { crc32 } from './crc32.ts';
import { mix32 } from './hash.ts';
import { writeU64 } from './integers.ts';

/** Length of a database id, bytes. */
export const DATABASE_ID_BYTES = 16;

/** The part of the starting value that is the same for a whole file. */
export function fileSeed(databaseId: Uint8Array, fileNumber: number): number {
  const number = new Uint8Array(8);
  writeU64(number, 0, fileNumber);
  return crc32(number, 0, 8, crc32(databaseId, 0, DATABASE_ID_BYTES));
}

/** The checksum of bytes that stand at `offset` of the file with that seed. */
export function checksumAt(
  seed: number,
  offset: number,
  bytes: Uint8Array,
  start: number,
  length: number,
): number {
  return crc32(bytes, start, length, offsetSeed(seed, offset));
}

function offsetSeed(seed: number, offset: number): number {
  const high = Math.floor(offset / 0x1_0000_0000);
  return mix32(seed ^ mix32(offset >>> 0) ^ high);
}
