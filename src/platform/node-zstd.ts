/** Zstandard of `node:zlib`, which Node.js has from 22.15 on. */
import * as zlib from 'node:zlib';
import type { Zstd } from './zstd.ts';

interface ZstdOptions {
  readonly chunkSize: number;
  readonly maxOutputLength?: number;
  readonly params: Readonly<Record<number, number>>;
}

/** What the types of Node.js 20 do not know. */
interface ZlibWithZstd {
  readonly zstdCompressSync: (bytes: Uint8Array, options: ZstdOptions) => Uint8Array;
  readonly zstdDecompressSync: (bytes: Uint8Array, options: ZstdOptions) => Uint8Array;
  readonly constants: { readonly ZSTD_c_compressionLevel: number; readonly ZSTD_d_windowLogMax: number };
}

/** The default of zstd: for blocks of 4 KiB more takes twice as long and saves 1 %. */
const LEVEL = 3;

/** Node.js makes output in pieces of this size, bytes; the default of 16 KiB takes half as long again for 4 KiB. */
const LEAST_CHUNK = 64;
const MOST_CHUNK = 64 * 1024;

/** The smallest window there is, as a power of two. */
const LEAST_WINDOW = 10;

/** Null where there is none. */
export const nativeZstd: Zstd | null =
  'zstdCompressSync' in zlib ? zstdOf(zlib as unknown as ZlibWithZstd) : null;

function zstdOf({ zstdCompressSync, zstdDecompressSync, constants }: ZlibWithZstd): Zstd {
  const { ZSTD_c_compressionLevel, ZSTD_d_windowLogMax } = constants;
  return {
    compress: (bytes) =>
      zstdCompressSync(bytes, {
        chunkSize: chunkFor(bytes.length),
        params: { [ZSTD_c_compressionLevel]: LEVEL },
      }),
    decompress: (frame, most) => {
      try {
        return zstdDecompressSync(frame, {
          chunkSize: chunkFor(most),
          maxOutputLength: most,
          // A frame may ask for 128 MiB of window, whatever it holds.
          params: { [ZSTD_d_windowLogMax]: Math.max(LEAST_WINDOW, Math.ceil(Math.log2(most))) },
        });
      } catch (error) {
        if (isRefusal(error)) return undefined;
        throw error;
      }
    },
  };
}

function chunkFor(length: number): number {
  return Math.min(Math.max(length, LEAST_CHUNK), MOST_CHUNK);
}

/** Whether the bytes are to blame: they are no frame, end too early, or hold too much. */
function isRefusal(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (code === 'ZSTD_error_memory_allocation') return false;
  return code === 'ERR_BUFFER_TOO_LARGE' || code === 'Z_BUF_ERROR' || code.startsWith('ZSTD_error_');
}
