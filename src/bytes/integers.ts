/**
 * Fixed-width little-endian integers in byte arrays. A u64 is a JavaScript number: what the engine stores
 * in eight bytes (sequence numbers, offsets, counts) stays below 2^53, and a reader must check that it
 * does, since `readU64` of hostile bytes may give a number that is not a safe integer.
 */

const TWO_TO_32 = 0x1_0000_0000;

export function readU16(bytes: Uint8Array, at: number): number {
  return bytes[at] | (bytes[at + 1] << 8);
}

export function readU32(bytes: Uint8Array, at: number): number {
  return (bytes[at] | (bytes[at + 1] << 8) | (bytes[at + 2] << 16) | (bytes[at + 3] << 24)) >>> 0;
}

/** May exceed `Number.MAX_SAFE_INTEGER` when the bytes are damaged: check before use. */
export function readU64(bytes: Uint8Array, at: number): number {
  return readU32(bytes, at + 4) * TWO_TO_32 + readU32(bytes, at);
}

export function writeU16(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value;
  bytes[at + 1] = value >>> 8;
}

export function writeU32(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value;
  bytes[at + 1] = value >>> 8;
  bytes[at + 2] = value >>> 16;
  bytes[at + 3] = value >>> 24;
}

export function writeU64(bytes: Uint8Array, at: number, value: number): void {
  writeU32(bytes, at, value >>> 0);
  writeU32(bytes, at + 4, Math.floor(value / TWO_TO_32));
}
