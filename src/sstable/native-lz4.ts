/**
 * LZ4 of the optional package lz4-napi, for packing alone: a block of 4 KiB takes it 5 us, and 9 us in
 * TypeScript. Unpacking is as quick in TypeScript, which checks every length itself.
 */
import { loadPackage } from '#platform';
import { readU32 } from '../bytes/integers.ts';
import { assertInvariant } from '../errors.ts';
import { loadOptionalPackage } from '../fs/optional-package.ts';

/** Gives the length of what it was given as a u32, and a block of it. */
type CompressSync = (bytes: Uint8Array) => Uint8Array;

const LENGTH_BYTES = 4;

export class NativeLz4Encoder {
  readonly #compressSync: CompressSync;

  /** @throws LsmError `LSM_INVALID_ARGUMENT` if the package can't be had, saying what to do. */
  constructor(load: (name: string) => unknown = loadPackage) {
    this.#compressSync = loadOptionalPackage(LZ4_NAPI, load).compressSync;
  }

  /** Packs as `Lz4Encoder.encode` does: returns how many bytes it took, 0 for more than `most`. */
  encode(from: Uint8Array, length: number, to: Uint8Array, most: number): number {
    const packed = this.#compressSync(from.subarray(0, length));
    assertInvariant(readU32(packed, 0) === length, 'lz4-napi says how long what it packs is');
    if (packed.length - LENGTH_BYTES > most) return 0;
    to.set(packed.subarray(LENGTH_BYTES));
    return packed.length - LENGTH_BYTES;
  }
}

function isLz4(found: unknown): found is { readonly compressSync: CompressSync } {
  return (
    typeof found === 'object' &&
    found !== null &&
    'compressSync' in found &&
    typeof found.compressSync === 'function'
  );
}

const LZ4_NAPI = { name: 'lz4-napi', version: 2, option: 'nativeLz4', isRight: isLz4 } as const;
