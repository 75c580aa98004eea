/** Zstandard with the faces of the LZ4 encoder and decoder: into memory and out of memory that somebody else has. */
import type { Zstd } from '../platform/zstd.ts';

export class ZstdEncoder {
  readonly #zstd: Zstd;

  constructor(zstd: Zstd) {
    this.#zstd = zstd;
  }

  /** Packs as `Lz4Encoder.encode` does: returns how many bytes it took, 0 for more than `most`. */
  encode(from: Uint8Array, length: number, to: Uint8Array, most: number): number {
    const packed = this.#zstd.compress(from.subarray(0, length));
    if (packed.length > most) return 0;
    to.set(packed);
    return packed.length;
  }
}

/** Unpacks as `decodeLz4` does: returns whether that is a frame with exactly `size` bytes in it. */
export function decodeZstd(
  zstd: Zstd,
  from: Uint8Array,
  length: number,
  to: Uint8Array,
  size: number,
): boolean {
  const content = zstd.decompress(from.subarray(0, length), size);
  if (content === undefined || content.length !== size) return false;
  to.set(content);
  return true;
}
