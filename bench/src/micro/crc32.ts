/** The checksum: of a short record, which a table in JavaScript does, and of a block, which the platform does. */
import { crc32 } from '../../../src/bytes/crc32.ts';
import { exactly, type MicroCase } from './case.ts';

const TIMES = 1_000;

/** Lengths, and the checksum that a thousand rounds end with, by zlib. */
const LENGTHS: readonly (readonly [number, number])[] = [
  [64, 0xa0bdee2b],
  [4096, 0x8893367e],
  [65_536, 0x15a1ba84],
];

export const CRC32_CASES: readonly MicroCase[] = LENGTHS.map(([length, checksum]) => ({
  piece: 'crc32',
  work: `${length} bytes`,
  operations: TIMES,
  bytes: length,
  isRight: exactly(checksum),
  prepare() {
    const bytes = Uint8Array.from({ length }, (_, at) => at & 0xff);
    return () => {
      let crc = 0;
      for (let time = 0; time < TIMES; time++) crc = crc32(bytes, 0, bytes.length, crc);
      return crc;
    };
  },
}));
