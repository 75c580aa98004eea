/** Options under which a second of work goes through everything that a database does. */
import type { Options } from '../../../src/options.ts';

/** Small enough that flushes and compactions go on all the time. */
export const SMALL: Options = {
  memtableBytes: 8192,
  blockBytes: 512,
  tableBytes: 8192,
  baseLevelBytes: 16_384,
  levelRatio: 3,
  l0CompactionFiles: 2,
  l0SlowdownFiles: 4,
  l0StopFiles: 6,
  manifestBytes: 2048,
  cacheBytes: 65_536,
  slowdownBytesPerSecond: 2 ** 40,
};
