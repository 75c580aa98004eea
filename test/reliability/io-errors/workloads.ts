/**
 * Workloads that are made to fail at every operation on the disk: each is short and uses one part of the
 * engine for the most part, and all together use every one that touches the disk.
 */
import { importLevelDB } from '../../../src/leveldb/import-leveldb.ts';
import type { Options } from '../../../src/options.ts';
import { batch, directory, edit, log, SOURCE, TARGET } from '../../leveldb/builders.ts';
import type { DirectoryImage } from '../../simulation/disk-image.ts';
import { Random } from '../../support/random.ts';
import type { Write } from '../../support/writes.ts';
import type { State } from '../world/history.ts';
import type { World } from '../world/world.ts';
import { clearAll, clearRange, useLevel } from './level-workloads.ts';
import { leftBehind, withoutManifest } from './starts.ts';

export interface Workload {
  readonly name: string;
  readonly options?: Options;
  /** What is on the disk before; by default nothing. */
  readonly start?: () => Start;
  run(world: World): void | Promise<void>;
}

/** A disk, and what the database on it holds. */
export interface Start {
  readonly image: DirectoryImage;
  readonly state: State;
}

/** Writes `count` keys, each once, in an order that mixes them. */
function fill(world: World, count: number, tag: string, length = 60): void {
  for (let i = 0; i < count; i++) world.put(`key ${(i * 7) % count}`, `${tag} ${i} `.padEnd(length, '.'));
}

function writes(count: number, tag: string): Write[] {
  return Array.from({ length: count }, (_, i) =>
    i % 4 === 3 ? [`key ${i - 1}`, undefined] : [`key ${i}`, `${tag} ${i}`],
  );
}

export const WORKLOADS: readonly Workload[] = [
  {
    name: 'opens a new database',
    run: (world) => {
      world.put('a', '1');
      world.get('a');
      world.reopen();
      world.get('a');
    },
  },
  {
    name: 'puts, and flushes by itself',
    run: (world) => {
      fill(world, 30, 'first');
      world.get('key 3');
      world.get('none');
    },
  },
  {
    name: 'puts with sync',
    run: (world) => {
      for (let i = 0; i < 12; i++) world.put(`key ${i % 5}`, `value ${i}`.padEnd(150, '.'), i % 3 !== 1);
      world.get('key 1');
    },
  },
  {
    name: 'batches, with sync and without',
    run: (world) => {
      for (let i = 0; i < 8; i++) world.batch(writes(6, `batch ${i}`), i % 2 === 0);
      world.scan();
    },
  },
  {
    name: 'brings puts to the disk by sync()',
    run: (world) => {
      for (let i = 0; i < 6; i++) {
        fill(world, 3, `round ${i}`);
        world.sync();
      }
    },
  },
  {
    name: 'flushes by hand',
    run: (world) => {
      for (let i = 0; i < 3; i++) {
        world.put(`key ${i}`, `value ${i}`);
        world.flush();
        world.get('key 0');
      }
      world.flush();
    },
  },
  {
    name: 'compacts by hand',
    run: (world) => {
      fill(world, 12, 'old');
      world.flush();
      for (let i = 0; i < 12; i += 2) world.delete(`key ${i}`);
      world.compact();
      world.scan();
    },
  },
  {
    name: 'compacts level by level',
    options: { baseLevelBytes: 1024, tableBytes: 1024, levelRatio: 2 },
    run: (world) => {
      for (let round = 0; round < 3; round++) fill(world, 14, `round ${round}`, 80);
      world.scan();
    },
  },
  {
    name: 'compacts whole levels',
    options: { compaction: 'simple-leveled' },
    run: (world) => {
      for (let round = 0; round < 3; round++) fill(world, 14, `round ${round}`, 80);
      world.scan(true);
    },
  },
  {
    name: 'moves tables down',
    run: (world) => {
      for (let i = 0; i < 30; i++) world.put(`key ${100 + i}`, 'ascending'.padEnd(80, '.'));
      world.compact();
      world.scan();
    },
  },
  {
    name: 'rewrites the manifest',
    options: { manifestBytes: 1024, l0CompactionFiles: 1000, l0SlowdownFiles: 1000, l0StopFiles: 1000 },
    run: (world) => {
      for (let i = 0; i < 6; i++) {
        world.put(`key ${i}`.padEnd(300, '.'), `value ${i}`);
        world.flush();
      }
    },
  },
  {
    name: 'opens what it closed, with logs',
    run: (world) => {
      for (let i = 0; i < 3; i++) {
        fill(world, 5, `round ${i}`);
        world.reopen();
      }
      world.scan();
    },
  },
  {
    name: 'opens what a dead process left, with a torn log',
    start: leftBehind,
    run: (world) => {
      world.scan();
      fill(world, 4, 'after the death');
      world.reopen();
    },
  },
  {
    name: 'makes a checkpoint',
    run: (world) => {
      fill(world, 12, 'first', 100);
      world.checkpoint('/copy');
      world.put('later', 'not in the copy');
    },
  },
  {
    name: 'makes checkpoints while it writes',
    run: (world) => {
      for (let i = 0; i < 2; i++) {
        fill(world, 5, `round ${i}`, 100);
        world.checkpoint(`/backups/${i}`);
      }
      world.compact();
    },
  },
  {
    name: 'repairs a database that is whole',
    run: (world) => {
      fill(world, 12, 'first', 100);
      world.delete('key 3');
      world.repair();
      world.scan();
    },
  },
  {
    name: 'repairs a database without a manifest',
    start: withoutManifest,
    run: (world) => {
      world.needsRepair = true;
      for (let i = 0; i < 2; i++) world.repair();
      world.scan();
    },
  },
  {
    name: 'verifies',
    run: (world) => {
      fill(world, 20, 'first', 80);
      world.verify();
      world.verify();
    },
  },
  {
    name: 'reads all over, with few files open and no cache',
    options: { maxOpenFiles: 1, cacheBytes: 0 },
    run: (world) => {
      fill(world, 20, 'first', 100);
      for (let i = 0; i < 20; i += 3) world.get(`key ${i}`);
      world.scan();
      world.scan(true);
      world.get('none');
    },
  },
  {
    name: 'reads through a cache',
    options: { maxOpenFiles: 100, cacheBytes: 4096 },
    run: (world) => {
      fill(world, 20, 'first', 100);
      for (let i = 0; i < 3; i++) world.scan();
      for (let i = 0; i < 20; i += 3) world.get(`key ${i}`);
    },
  },
  {
    name: 'walks with cursors',
    run: (world) => {
      fill(world, 16, 'first', 100);
      world.walk('key 1');
      world.walk('key 5');
      world.walk('');
    },
  },
  {
    name: 'holds snapshots over compactions',
    run: (world) => {
      fill(world, 8, 'first', 80);
      world.snapshot();
      fill(world, 8, 'second', 80);
      world.snapshot();
      world.delete('key 1');
      world.compact();
      world.readSnapshots();
      world.releaseSnapshots();
      world.compact();
    },
  },
  {
    name: 'commits groups',
    run: async (world) => {
      for (let i = 0; i < 4; i++) {
        await world.groups(
          { writes: writes(3, `plain ${i}`), sync: false },
          { writes: writes(4, `durable ${i}`), sync: true },
          { writes: writes(2, `joins ${i}`), sync: false },
        );
        world.get('key 1');
      }
    },
  },
  {
    name: 'commits groups that need new logs, between blocking writes',
    run: async (world) => {
      for (let i = 0; i < 5; i++) {
        const large: Write[] = [[`large ${i}`, 'x'.repeat(600)]];
        const group = world.groups({ writes: large, sync: i % 2 === 0 });
        world.put(`small ${i}`, 'between');
        await group;
      }
      world.scan();
    },
  },
  { name: 'is used as a level', run: useLevel },
  { name: 'clears a range', run: clearRange },
  { name: 'clears everything, by dropping tables', options: { memtableBytes: 65_536 }, run: clearAll },
  {
    name: 'imports LevelDB',
    run: async (world) => {
      const state = new Map([
        ['a', '1'],
        ['b', '2'],
        ['c', '3'],
      ]);
      world.trouble.quietly(() => copyLevelDb(world, state));
      const { fileSystem } = world;
      const options = { ...world.options, fileSystem };
      const imported = await world.attemptAsync(() => importLevelDB(SOURCE, TARGET, options));
      world.copies.push({ path: TARGET, state, isDone: 'value' in imported });
    },
  },
  {
    name: 'destroys the database',
    run: (world) => {
      fill(world, 12, 'first', 100);
      world.destroy();
      world.destroy();
    },
  },
  {
    name: 'makes a new database where one was destroyed',
    run: (world) => {
      for (let i = 0; i < 4; i++) {
        world.put('key', `value ${i}`);
        world.destroy();
      }
      fill(world, 5, 'second');
    },
  },
  {
    name: 'closes with everything in memory',
    run: (world) => {
      for (let i = 0; i < 3; i++) {
        world.put(`key ${i}`, 'in memory', i === 1);
        world.close();
        world.close();
      }
    },
  },
  {
    name: 'writes what is larger than a memtable',
    run: (world) => {
      world.put('small', '1');
      world.put('large', 'x'.repeat(3000));
      world.put('small', '2');
      world.put('large', 'y'.repeat(5000), true);
      world.get('large');
      world.compact();
    },
  },
  {
    name: 'compresses, without filters',
    options: { compression: 'lz4', bloomBitsPerKey: 0 },
    run: (world) => {
      fill(world, 24, 'first', 100);
      world.compact();
      world.scan();
      world.get('none');
    },
  },
  {
    name: 'deletes everything',
    run: (world) => {
      fill(world, 12, 'first', 80);
      for (let i = 0; i < 12; i++) world.delete(`key ${i}`, i === 11);
      world.compact();
      world.scan();
    },
  },
];

/** The steps of a random workload, each with how often it comes. */
const STEPS: readonly (readonly [
  weight: number,
  step: (world: World, random: Random) => void | Promise<void>,
])[] = [
  [12, (world, random) => world.put(randomKey(random), randomValue(random), random.oneIn(4))],
  [4, (world, random) => world.delete(randomKey(random), random.oneIn(4))],
  [4, (world, random) => world.batch(writes(1 + random.below(6), randomValue(random)), random.oneIn(4))],
  [
    2,
    (world, random) =>
      world.groups({ writes: writes(1 + random.below(6), randomValue(random)), sync: random.oneIn(2) }),
  ],
  [3, (world, random) => world.get(randomKey(random))],
  [1, (world, random) => world.scan(random.oneIn(2))],
  [1, (world, random) => world.walk(randomKey(random))],
  [1, (world) => world.snapshot()],
  [1, (world) => world.readSnapshots()],
  [1, (world) => world.releaseSnapshots()],
  [1, (world) => world.sync()],
  [1, (world) => world.flush()],
  [1, (world) => world.compact()],
  [1, (world) => world.reopen()],
  [1, (world) => world.verify()],
];

function randomKey(random: Random): string {
  return `key ${random.below(12)}`;
}

function randomValue(random: Random): string {
  return `${random.below(1_000_000)} `.padEnd(random.oneIn(12) ? 1200 : random.below(150), '.');
}

const CHOICES = STEPS.flatMap(([weight, step]) => Array.from({ length: weight }, () => step));

/** Steps and options that the seed alone decides. */
export function randomWorkload(seed: number): Workload {
  const random = new Random(seed);
  const options: Options = {
    compaction: random.oneIn(4) ? 'simple-leveled' : 'leveled',
    compression: random.oneIn(3) ? 'lz4' : 'none',
    cacheBytes: random.oneIn(2) ? 0 : 2048,
    maxOpenFiles: 1 + random.below(6),
    maxFrozenMemtables: 1 + random.below(2),
  };
  return {
    name: 'random steps',
    options,
    run: async (world) => {
      const steps = new Random(seed + 1);
      for (let left = 25; left > 0; left--) await CHOICES[steps.below(CHOICES.length)](world, steps);
    },
  };
}

function copyLevelDb({ fileSystem }: World, state: State): void {
  const source = directory({
    'MANIFEST-000008': log(edit()),
    '000009.log': log(batch(1, ...state)),
  });
  fileSystem.makeDirectory(SOURCE);
  for (const name of source.list(SOURCE)) {
    const from = source.openFile(`${SOURCE}/${name}`);
    const bytes = new Uint8Array(from.size);
    from.read(bytes, 0, bytes.length, 0);
    const file = fileSystem.createFile(`${SOURCE}/${name}`);
    file.append(bytes);
    file.sync();
    file.close();
    from.close();
  }
  fileSystem.syncDirectory(SOURCE);
}
