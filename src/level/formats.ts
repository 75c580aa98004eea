/**
 * The formats in which keys and values cross the border to abstract-level, which makes every other encoding
 * out of them. Going in, the engine takes all of them as they are.
 */
import { copyBytes } from '../bytes/compare.ts';
import { OwnedBytes } from '../bytes/owned-bytes.ts';
import { decodeUtf8, utf8Bytes } from '../bytes/utf8.ts';

/** What the user gave, encoded, or what is to be decoded. */
export type Format = string | Buffer | Uint8Array;

/** Makes what a caller owns out of bytes that are good only for a moment. */
export type Decoder = (bytes: Uint8Array, start: number, length: number) => Format;

/** The decoders of one database. */
export class Decoders {
  readonly #view: Decoder;

  constructor() {
    const copies = new OwnedBytes();
    this.#view = (bytes, start, length) => copies.copy(bytes, start, length);
  }

  /** That of a format; abstract-level asks for no others than our manifest names. */
  of(format: string): Decoder {
    if (format === 'utf8') return decodeUtf8;
    return format === 'buffer' ? copyToBuffer : this.#view;
  }
}

/** A small one shares its memory with others, as is usual for buffers. */
function copyToBuffer(bytes: Uint8Array, start: number, length: number): Buffer {
  const copy = Buffer.allocUnsafe(length);
  copyBytes(bytes, start, length, copy, 0);
  return copy;
}

/** A key as bytes. */
export function keyBytesOf(key: Format): Uint8Array {
  return typeof key === 'string' ? utf8Bytes(key) : key;
}
