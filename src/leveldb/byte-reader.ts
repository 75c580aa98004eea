/**
 * Reads the numbers and strings that LevelDB's formats are made of, one after another: varints, seven bits a
 * byte with the lowest first, and strings behind their length. Never beyond the end of its range.
 */
import type { LsmError } from '../errors.ts';

const TWO_TO_32 = 2 ** 32;

export class ByteReader {
  bytes: Uint8Array = new Uint8Array(0);
  position = 0;
  end = 0;
  /** Makes the error for what is wrong with these bytes. */
  fault: (what: string) => LsmError;

  constructor(fault: (what: string) => LsmError) {
    this.fault = fault;
  }

  /** Starts on `bytes[start, start + length)`. */
  attach(bytes: Uint8Array, start: number, length: number): this {
    this.bytes = bytes;
    this.position = start;
    this.end = start + length;
    return this;
  }

  get remaining(): number {
    return this.end - this.position;
  }

  /** A number below 2^32 in at most five bytes. */
  varint32(): number {
    const first = this.bytes[this.position];
    if (first < 0x80 && this.position < this.end) {
      this.position++;
      return first;
    }
    const value = this.#varint(5);
    if (value >= TWO_TO_32) throw this.fault('a number is over its limit of 32 bits');
    return value;
  }

  /** A number in at most ten bytes that is a safe integer. */
  varint64(): number {
    const value = this.#varint(10);
    if (!Number.isSafeInteger(value)) throw this.fault('a number is beyond 2^53');
    return value;
  }

  /** Moves over bytes behind a varint with their length; returns where they start. They end at `position`. */
  lengthPrefixed(): number {
    return this.skip(this.varint32());
  }

  /** Moves over bytes; returns where they start. */
  skip(length: number): number {
    if (length > this.remaining) {
      throw this.fault(`${length} bytes are announced where ${this.remaining} are left`);
    }
    const start = this.position;
    this.position += length;
    return start;
  }

  #varint(longest: number): number {
    let value = 0;
    let scale = 1;
    for (let i = 0; i < longest; i++, scale *= 128) {
      if (this.position >= this.end) throw this.fault('it ends within a number');
      const byte = this.bytes[this.position++];
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
    }
    throw this.fault(`a number has more than ${longest} bytes`);
  }
}
