/**
 * RocksDB's own db_bench, a C++ program: which of its benchmarks is a workload of ours, by which flags. Keys are 16
 * bytes, as many as ours and as random; values are half compressible.
 */

/** The flags of one run. */
export interface Command {
  /** Its name in what the program prints. */
  readonly benchmark: string;
  readonly database: 'empty' | 'loaded' | 'own';
  /** What runs before it in the same process, unmeasured. */
  readonly before?: readonly string[];
  readonly flags?: readonly string[];
  readonly threads?: number;
  /** What it counts as one operation is all entries. */
  readonly isOnce?: boolean;
}

/** So that a tree has the same shape as ours, where that is what is compared. */
const OUR_SIZES = [
  `--write_buffer_size=${8 << 20}`,
  `--target_file_size_base=${8 << 20}`,
  `--max_bytes_for_level_base=${32 << 20}`,
];

export const LOADING: readonly string[] = ['filluniquerandom', 'flush', 'waitforcompaction'];

/** Brings the cache, which is that of the process, to the state that ours begins with. */
const WARM = ['readtocache'];

const SYNC = ['--sync=1'];

export const COMMANDS: Readonly<Record<string, Command>> = {
  fillseq: { benchmark: 'fillseq', database: 'empty' },
  fillrandom: { benchmark: 'filluniquerandom', database: 'empty' },
  fillbatch: { benchmark: 'filluniquerandom', database: 'empty', flags: ['--batch_size=1000'] },
  fillsync: { benchmark: 'fillrandom', database: 'empty', flags: SYNC },
  fillsync100: { benchmark: 'fillrandom', database: 'empty', flags: SYNC, threads: 100 },
  readrandom: { benchmark: 'readrandom', database: 'loaded', before: WARM },
  readmissing: { benchmark: 'readmissing', database: 'loaded', before: WARM },
  multiget: { benchmark: 'multireadrandom', database: 'loaded', before: WARM, flags: ['--batch_size=100'] },
  readseq: { benchmark: 'readseq', database: 'loaded', before: WARM },
  readreverse: { benchmark: 'readreverse', database: 'loaded', before: WARM },
  seekrandom: { benchmark: 'seekrandom', database: 'loaded', before: WARM, flags: ['--seek_nexts=10'] },
  rangerandom: { benchmark: 'seekrandom', database: 'loaded', before: WARM, flags: ['--seek_nexts=10'] },
  overwrite: { benchmark: 'overwrite', database: 'loaded' },
  readwhilewriting: { benchmark: 'readwhilewriting', database: 'loaded', before: WARM },
  compact: { benchmark: 'compact', database: 'own', isOnce: true },
  deleterandom: { benchmark: 'deleterandom', database: 'own' },
  load: { benchmark: 'filluniquerandom', database: 'empty', flags: OUR_SIZES },
};
