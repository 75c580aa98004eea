import { copyBytes } from './compare.ts';
import { writeU16, writeU32, writeU64 } from './integers.ts';

/**
 * A byte array that grows at its end. `bytes` is the whole backing array, of which the first `length`
 * bytes are written; it is replaced when it grows, so take it anew after every write.
 */
export class ByteWriter {
  bytes: Uint8Array;
  length = 0;

  constructor(capacity = 256) {
    this.bytes = new Uint8Array(capacity);
  }

  /**
   * Makes sure that `extra` more bytes fit, and returns where they start; does not move the end. It may
   * replace `bytes`, which must be read after it, not before it in the same expression.
   */
  reserve(extra: number): number {
    const needed = this.length + extra;
    if (needed > this.bytes.length) {
      const grown = new Uint8Array(Math.max(needed, this.bytes.length * 2));
      grown.set(this.bytes.subarray(0, this.length));
      this.bytes = grown;
    }
    return this.length;
  }

  u8(value: number): void {
    const at = this.reserve(1);
    this.bytes[at] = value;
    this.length += 1;
  }

  u16(value: number): void {
    const at = this.reserve(2);
    writeU16(this.bytes, at, value);
    this.length += 2;
  }

  u32(value: number): void {
    const at = this.reserve(4);
    writeU32(this.bytes, at, value);
    this.length += 4;
  }

  u64(value: number): void {
    const at = this.reserve(8);
    writeU64(this.bytes, at, value);
    this.length += 8;
  }

  append(from: Uint8Array, start = 0, length: number = from.length - start): void {
    const at = this.reserve(length);
    copyBytes(from, start, length, this.bytes, at);
    this.length += length;
  }

  /** Forgets what was written and keeps the memory. */
  clear(): void {
    this.length = 0;
  }

  /** A view of what was written, valid until the next write. */
  view(): Uint8Array {
    return this.bytes.subarray(0, this.length);
  }
}
