/**
 * Under what a list of operations is performed. None of it may make a difference to any answer.
 *
 * Every seed takes one of those in memory by turns, one drawn at random, and one of the dear ones by turns:
 * tiny memtables, the face of abstract-level, a worker thread on the disk, both, or classic-level.
 */
import type { Options } from '../../../src/options.ts';
import type { Random } from '../../support/random.ts';
import { ClassicSubject } from './classic-subject.ts';
import { EngineSubject } from './engine-subject.ts';
import { DiskHost, MemoryHost } from './hosts.ts';
import type { KeyPool } from './key-pool.ts';
import { LevelSubject } from './level-subject.ts';
import type { Subject } from './subject.ts';

export interface Configuration {
  readonly name: string;
  /** The share of the operations that are performed: waiting for the disk takes its time. */
  readonly share: number;
  start(pool: KeyPool): Subject;
}

/**
 * Small enough that a few thousand writes fill every level, and large enough that most operations do not write a
 * table: that costs a hundred times as much as anything else.
 */
export const SMALL: Options = {
  compression: 'none',
  memtableBytes: 16_384,
  maxFrozenMemtables: 2,
  blockBytes: 256,
  tableBytes: 4096,
  cacheBytes: 16_384,
  maxOpenFiles: 8,
  levelCount: 4,
  l0CompactionFiles: 3,
  l0SlowdownFiles: 6,
  l0StopFiles: 8,
  baseLevelBytes: 8192,
  levelRatio: 2,
  manifestBytes: 16_384,
  slowdownBytesPerSecond: 2 ** 40,
};

/** Everything as small as it can be; performed in part. */
const TINY: Options = {
  ...SMALL,
  memtableBytes: 1024,
  maxFrozenMemtables: 1,
  blockBytes: 32,
  tableBytes: 1024,
};

/** All named ones for the engine in memory. */
const IN_MEMORY: Readonly<Record<string, Options>> = {
  'everything small': SMALL,
  'one memtable': { ...SMALL, maxFrozenMemtables: 1 },
  'tables of 1 KiB': { ...SMALL, tableBytes: 1024, baseLevelBytes: 1024, levelCount: 7 },
  'blocks of 64 bytes': { ...SMALL, blockBytes: 64 },
  'no filter': { ...SMALL, bloomBitsPerKey: 0 },
  'poor filter': { ...SMALL, bloomBitsPerKey: 1 },
  'no cache': { ...SMALL, cacheBytes: 0 },
  'compressed blocks': { ...SMALL, compression: 'lz4', blockBytes: 1024 },
  'mapped tables': { ...SMALL, mmap: true },
  'mapped tables, compressed': {
    ...SMALL,
    mmap: true,
    compression: 'lz4',
    blockBytes: 1024,
    cacheBytes: 1024,
  },
  'simple leveled': { ...SMALL, compaction: 'simple-leveled' },
  'two levels': { ...SMALL, levelCount: 2 },
  'one open file': { ...SMALL, maxOpenFiles: 1, cacheBytes: 0 },
  'large tables': { ...SMALL, tableBytes: 2 ** 20, baseLevelBytes: 2 ** 20 },
  'never flushed by itself': { ...SMALL, memtableBytes: 2 ** 22 },
  'never compacted by itself': {
    ...SMALL,
    l0CompactionFiles: 1000,
    l0SlowdownFiles: 1000,
    l0StopFiles: 1000,
  },
  'compacted at every flush': { ...SMALL, l0CompactionFiles: 1, levelCount: 7 },
  'manifest of 1 KiB': { ...SMALL, manifestBytes: 1024 },
  defaults: {},
};

/** What takes more than memory, turns of the event loop, or very many tables. */
const DEAR: readonly Configuration[] = [
  {
    name: 'everything tiny',
    share: 0.2,
    start: (pool) => new EngineSubject(pool, new MemoryHost(), TINY),
  },
  {
    name: 'abstract-level in memory',
    share: 0.5,
    start: (pool) => new LevelSubject(pool, new MemoryHost(), SMALL),
  },
  {
    name: 'worker thread on the disk',
    share: 0.1,
    start: (pool) => new EngineSubject(pool, new DiskHost(), SMALL),
  },
  {
    name: 'classic-level',
    share: 0.5,
    start: (pool) => new ClassicSubject(pool, new DiskHost()),
  },
  {
    name: 'abstract-level on the disk',
    share: 0.1,
    start: (pool) => new LevelSubject(pool, new DiskHost(), SMALL),
  },
];

/** Those of a seed. */
export function configurationsFor(seed: number, random: Random): Configuration[] {
  const names = Object.keys(IN_MEMORY);
  const name = names[seed % names.length];
  const options = randomOptions(random);
  return [
    inMemory(name, IN_MEMORY[name]),
    inMemory(JSON.stringify(options), options),
    DEAR[seed % DEAR.length],
  ];
}

function inMemory(name: string, options: Options): Configuration {
  return { name, share: 1, start: (pool) => new EngineSubject(pool, new MemoryHost(), options) };
}

function randomOptions(random: Random): Options {
  const oneOf = <Choice>(...choices: Choice[]): Choice => choices[random.below(choices.length)];
  const l0CompactionFiles = oneOf(1, 2, 3, 4, 8);
  const l0SlowdownFiles = l0CompactionFiles + random.below(4);
  return {
    compaction: oneOf('leveled', 'simple-leveled'),
    compression: oneOf<Options['compression']>('none', 'lz4', ['none', 'lz4']),
    memtableBytes: oneOf(8192, 16_384, 32_768, 65_536),
    maxFrozenMemtables: oneOf(1, 2, 5),
    blockBytes: oneOf(32, 64, 96, 256, 1024, 4096),
    tableBytes: oneOf(2048, 4096, 8192, 65_536),
    bloomBitsPerKey: oneOf(0, 1, 3, 10, 32),
    cacheBytes: oneOf(0, 100, 1024, 8192, 65_536),
    maxOpenFiles: oneOf(1, 2, 4, 100),
    levelCount: oneOf(2, 3, 4, 7, 16),
    l0CompactionFiles,
    l0SlowdownFiles,
    l0StopFiles: l0SlowdownFiles + random.below(4),
    baseLevelBytes: oneOf(1024, 2048, 8192, 65_536),
    levelRatio: oneOf(2, 3, 10),
    manifestBytes: oneOf(1024, 4096, 65_536),
    slowdownBytesPerSecond: 2 ** 40,
    mmap: oneOf(false, true),
  };
}
