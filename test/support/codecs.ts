/** The codecs that this runtime has: every test of packed tables runs with each. */
import { nativeZstd } from '#platform';
import { COMPRESSIONS, type Compression } from '../../src/bytes/compression.ts';

export const CODECS: readonly Compression[] = COMPRESSIONS.filter(
  (codec) => codec !== 'zstd' || nativeZstd !== null,
);
