/**
 * Clients of one database at the same time, with flushes and compactions under them: what they did and saw
 * must be explained by doing it one after the other, each write and each view at one moment between its call
 * and its return, the writes by promises in the order of their calls. Every sixteenth history has a worker
 * thread under it and real files; all others take the same course each time.
 */
import { join } from 'node:path';
import type { DatabaseOptions } from '../../../src/index.ts';
import { MiniLevel } from '../../../src/level/mini-level.ts';
import { Random } from '../../support/random.ts';
import { inScratchDirectory } from '../../support/scratch-directory.ts';
import type { Counts, Explorer } from '../explorer.ts';
import { Clients } from './clients.ts';
import { SlowSyncs } from './slow-syncs.ts';

export const explorer: Explorer = {
  name: 'linearizability',
  unit: 'histories',
  budget: { test: 500, long: 20_000 },
  explore,
};

/** From so many entries in tables on, clearing everything drops the tables. */
const MANY_ENTRIES = 1100;

type Options = DatabaseOptions<string, string>;

async function explore(seed: number): Promise<Counts> {
  const random = new Random(seed);
  const options: Options = {
    memtableBytes: 1024 << random.below(3),
    maxFrozenMemtables: 1 + random.below(2),
    blockBytes: 128,
    tableBytes: 1024,
    cacheBytes: 4096,
    l0CompactionFiles: 1 + random.below(3),
    compaction: random.oneIn(3) ? 'simple-leveled' : 'leveled',
  };
  if (seed % 16 === 15) {
    return inScratchDirectory((directory) =>
      goThrough(random, join(directory, 'db'), { ...options, background: 'worker' }, false),
    );
  }
  const fileSystem = new SlowSyncs(random);
  return goThrough(random, '/db', { ...options, fileSystem, background: 'inline' }, seed % 16 === 7);
}

async function goThrough(
  random: Random,
  location: string,
  options: Options,
  clearsAll: boolean,
): Promise<Counts> {
  const db = new MiniLevel(location, options);
  await Clients.deposit(db);
  if (clearsAll) await fillTables(db);
  const clients = new Clients(db, random, clearsAll);
  try {
    await clients.run(2 + random.below(5), 20);
    await clients.readAll(db);
    await clients.close();
  } finally {
    await db.close();
  }
  const again = new MiniLevel(location, options);
  await again.open();
  try {
    await clients.readAll(again);
  } finally {
    await again.close();
  }
  clients.history.assertLinearizable();
  return { [explorer.unit]: 1, 'operations in histories': clients.history.length };
}

async function fillTables(db: MiniLevel<string, string>): Promise<void> {
  await db.batch(
    Array.from({ length: MANY_ENTRIES }, (_, i) => ({ type: 'put', key: `many/${i}`, value: '' })),
  );
  await db.flush();
}
