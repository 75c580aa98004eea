/**
 * What `npm run bench:all` measures: the parts of docs/benchmarks.md, each a run of its own with the engines, sizes
 * and rounds that it needs, so that all of them together take some forty minutes on two quiet cores.
 */
export interface Part {
  /** Of its result too. */
  readonly name: string;
  readonly what: string;
  /** About how long it takes. */
  readonly minutes: number;
  /** Left out unless it is asked for by its name. */
  readonly isExtra?: boolean;
  readonly program: 'bench' | 'micro';
  readonly args: readonly string[];
}

/** What keeps its data on a disk. */
const STORES = 'mini-lsm,mini-level,classic-level,lmdb,better-sqlite3,rocksdb';

const WITH_TARGETS =
  'readrandom,readmissing,readseq,readreverse,seekrandom,fillrandom,fillbatch,fillseq,fillsync100,readwhilewriting';
const WITHOUT =
  'fillsync,readhot,multiget,rangerandom,overwrite,compact,deleterandom,openclean,opencrash,ycsb,level,mixed';
const GROWING = 'fillrandom,readrandom,readseq,seekrandom';

const TEN_MILLION = ['--entries', '10000000', '--rounds', '1', '--seconds', '10'] as const;

/** The most telling first: who ends the run early has those. */
export const PARTS: readonly Part[] = [
  {
    name: 'targets',
    what: 'workloads that have targets, 1,000,000 entries, three rounds',
    minutes: 13,
    program: 'bench',
    args: [
      ...['--entries', '1000000', '--rounds', '3', '--seconds', '3'],
      ...['--engines', STORES, '--workloads', WITH_TARGETS],
    ],
  },
  {
    name: 'load',
    what: 'the load of 10,000,000 entries, mini-lsm and RocksDB',
    minutes: 2,
    program: 'bench',
    args: [...TEN_MILLION, '--engines', 'mini-lsm,rocksdb', '--workloads', 'load'],
  },
  {
    name: 'growth',
    what: 'cost with 10,000 and 100,000 entries',
    minutes: 2,
    program: 'bench',
    args: [
      ...['--entries', '10000,100000', '--rounds', '2', '--seconds', '2'],
      ...['--engines', STORES, '--workloads', GROWING],
    ],
  },
  { name: 'micro', what: 'the pieces of the engine', minutes: 0.5, program: 'micro', args: [] },
  {
    name: 'others',
    what: 'all other workloads, and all engines, one round',
    minutes: 9,
    program: 'bench',
    args: ['--entries', '1000000', '--rounds', '1', '--seconds', '2', '--workloads', WITHOUT],
  },
  {
    name: 'ten-million',
    what: 'reading and opening 10,000,000 entries, mini-lsm and classic-level',
    minutes: 6,
    program: 'bench',
    args: [
      ...[...TEN_MILLION, '--engines', 'mini-lsm,classic-level'],
      ...['--workloads', 'readrandom,readseq,seekrandom,openclean,opencrash'],
    ],
  },
  {
    name: 'values',
    what: 'values of 16 bytes and 1 KiB',
    minutes: 2,
    program: 'bench',
    args: [
      ...['--entries', '100000', '--value-bytes', '16,1024', '--rounds', '1', '--seconds', '2'],
      ...['--engines', STORES, '--workloads', GROWING],
    ],
  },
  {
    name: 'large',
    what: 'values of 16 KiB, more data than the caches hold',
    minutes: 2,
    program: 'bench',
    args: [
      ...[
        '--entries',
        '20000',
        '--value-bytes',
        '16384',
        '--cache-mib',
        '64',
        '--rounds',
        '1',
        '--seconds',
        '3',
      ],
      ...['--engines', STORES, '--workloads', GROWING],
    ],
  },
  {
    name: 'load-classic-level',
    what: 'the load of 10,000,000 entries by await put of classic-level',
    minutes: 11,
    isExtra: true,
    program: 'bench',
    args: [...TEN_MILLION, '--engines', 'classic-level', '--workloads', 'load'],
  },
];
