/** Every micro-benchmark, in the order in which they run. */
import { BLOCK_CASES } from './block.ts';
import { BLOOM_FILTER_CASES } from './bloom-filter.ts';
import type { MicroCase } from './case.ts';
import { CRC32_CASES } from './crc32.ts';
import { LZ4_CASES } from './lz4.ts';
import { MERGING_CURSOR_CASES } from './merging-cursor.ts';
import { SKIP_LIST_CASES } from './skip-list.ts';

export const MICRO_CASES: readonly MicroCase[] = [
  ...SKIP_LIST_CASES,
  ...BLOCK_CASES,
  ...BLOOM_FILTER_CASES,
  ...MERGING_CURSOR_CASES,
  ...CRC32_CASES,
  ...LZ4_CASES,
];
