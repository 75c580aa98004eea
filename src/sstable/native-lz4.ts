/**
 * LZ4 of the optional package lz4-napi, for packing alone: a block of 4 KiB takes it 5 us, and 9 us in
 * TypeScript. Unpacking is as quick in TypeScript, which checks every length itself.
 */
import { loadPackage } from '#platform';
import { readU32 } from '../bytes/integers.ts';
import { assertInvariant, LsmError } from '../errors.ts';

/** Gives the length of what it was given as a u32, and a block of it. */
type CompressSync = (bytes: Uint8Array) => Uint8Array;

const LENGTH_BYTES = 4;

export class NativeLz4Encoder {
  readonly #compressSync: CompressSync;

  /** @throws LsmError `LSM_INVALID_ARGUMENT` if the package can't be had, saying what to do. */
  constructor(load: (name: string) => unknown = loadPackage) {
    this.#compressSync = compressSyncOf(load);
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

function compressSyncOf(load: (name: string) => unknown): CompressSync {
  let found: unknown;
  try {
    found = load('lz4-napi');
  } catch (cause) {
    const isAbsent = cause instanceof Error && 'code' in cause && cause.code === 'MODULE_NOT_FOUND';
    const what = isAbsent ? 'npm install lz4-napi' : 'it does not load here (see cause)';
    throw refusal(
      `option nativeLz4 needs the package lz4-napi: ${what}; or open the database without it`,
      cause,
    );
  }
  if (!isLz4(found)) {
    throw refusal(
      'option nativeLz4 needs lz4-napi 2: npm install lz4-napi@2; or open the database without it',
    );
  }
  return found.compressSync;
}

function isLz4(found: unknown): found is { readonly compressSync: CompressSync } {
  return (
    typeof found === 'object' &&
    found !== null &&
    'compressSync' in found &&
    typeof found.compressSync === 'function'
  );
}

function refusal(message: string, cause?: unknown): LsmError {
  return new LsmError('LSM_INVALID_ARGUMENT', message, { cause });
}
