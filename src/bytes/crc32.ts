/**
 * CRC-32 (IEEE 802.3, reflected, polynomial 0xEDB88320), as zlib and PNG have it. The native one of the
 * platform where there is one; for short ranges, and elsewhere, a table of 256 words, since a native call
 * needs a view of the bytes and costs more than it saves.
 */
import { nativeCrc32 } from '#platform';

/** Up to this many bytes the table is quicker than a native call (measured on Node 20: about 130). */
const TABLE_LIMIT = 96;

const TABLE: Int32Array = buildTable();

/** The checksum of a range; `seed` is the checksum of what came before it, or any number mixed in. */
export function crc32(bytes: Uint8Array, start: number, length: number, seed = 0): number {
  if (length > TABLE_LIMIT && nativeCrc32 !== undefined) {
    return nativeCrc32(bytes.subarray(start, start + length), seed);
  }
  let crc = ~seed;
  for (let at = start, end = start + length; at < end; at++) {
    crc = TABLE[(crc ^ bytes[at]) & 0xff] ^ (crc >>> 8);
  }
  return ~crc >>> 0;
}

function buildTable(): Int32Array {
  const table = new Int32Array(256);
  for (let byte = 0; byte < 256; byte++) {
    let crc = byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
    table[byte] = crc;
  }
  return table;
}
