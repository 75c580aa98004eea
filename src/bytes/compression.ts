/** How the blocks of tables are packed: the names of the codecs, and which level has which. */

/** `'none'` leaves blocks as they are. */
export type Compression = 'none' | 'lz4' | 'zstd';

export const COMPRESSIONS: readonly Compression[] = ['none', 'lz4', 'zstd'];

/** One codec for all levels, or one for each from L0 on, the last of which holds for all deeper levels. */
export type CompressionByLevel = Compression | readonly Compression[];

/** The codec of a level. */
export function compressionAt(compression: CompressionByLevel, level: number): Compression {
  if (typeof compression === 'string') return compression;
  return compression[Math.min(level, compression.length - 1)];
}
