/**
 * CRC-32C (Castagnoli: reflected, polynomial 0x82F63B78), with which LevelDB guards every record and block.
 * It stores the checksum masked, since the checksum of bytes that hold their own checksum is a weak one.
 */

const TABLE: Int32Array = buildTable();

/** The checksum of a range; `seed` is the checksum of what came before it. */
export function crc32c(bytes: Uint8Array, start: number, length: number, seed = 0): number {
  let crc = ~seed;
  for (let at = start, end = start + length; at < end; at++) {
    crc = TABLE[(crc ^ bytes[at]) & 0xff] ^ (crc >>> 8);
  }
  return ~crc >>> 0;
}

/** A checksum as LevelDB stores it: rotated right by 15 bits, plus a constant. */
export function masked(crc: number): number {
  return (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0;
}

function buildTable(): Int32Array {
  const table = new Int32Array(256);
  for (let byte = 0; byte < 256; byte++) {
    let crc = byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0x82f63b78 : crc >>> 1;
    table[byte] = crc;
  }
  return table;
}
