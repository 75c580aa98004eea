/** What stands in for zstd where the runtime has none, so that all that is around it is tested everywhere: DEFLATE. */
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import type { Zstd } from '../../src/platform/zstd.ts';

export const STAND_IN_ZSTD: Zstd = {
  compress: (bytes) => deflateRawSync(bytes),
  decompress: (frame, most) => {
    try {
      return inflateRawSync(frame, { maxOutputLength: most });
    } catch {
      return undefined;
    }
  },
};
