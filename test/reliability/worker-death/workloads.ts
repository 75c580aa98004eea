/** Databases with something to do for a worker. */
import { MiniLsm } from '../../../src/db/mini-lsm.ts';
import type { MiniLevel } from '../../../src/level/mini-level.ts';
import type { Options } from '../../../src/options.ts';

export interface Workload {
  readonly name: string;
  /** Fills a new database, which is then closed and opened again. */
  readonly prepare?: (db: MiniLsm) => void;
  /** The writes before the work; what a reader must find afterwards is what it finds behind them. */
  readonly write: (db: MiniLsm) => void;
  /** What the worker dies of. Blocking, or while the event loop turns. */
  readonly work: (db: MiniLsm) => void;
  readonly workInTurns: (db: MiniLevel) => Promise<void>;
}

/** Little of everything, and no compaction but those asked for. */
export const OPTIONS: Options = {
  memtableBytes: 64 * 1024,
  tableBytes: 2048,
  blockBytes: 512,
  cacheBytes: 4096,
  l0CompactionFiles: 1000,
};

const flush: Pick<Workload, 'work' | 'workInTurns'> = {
  work: (db) => db.flush(),
  workInTurns: (db) => db.flush(),
};

const compact: Pick<Workload, 'work' | 'workInTurns'> = {
  work: (db) => db.compact(),
  workInTurns: (db) => db.compactRange('', '~'),
};

export const WORKLOADS: readonly Workload[] = [
  { name: 'a flush', write: (db) => fill(db, 40, 1), ...flush },
  {
    name: 'a merge into several tables',
    prepare: (db) => {
      for (let round = 1; round <= 3; round++) {
        fill(db, 40, round);
        for (let i = round; i < 40; i += 7) db.delete(keyOf(i));
        db.flush();
      }
    },
    write: () => {},
    ...compact,
  },
  {
    name: 'a flush and a merge',
    prepare: (db) => {
      fill(db, 60, 1);
      db.flush();
    },
    write: (db) => {
      for (let i = 0; i < 60; i += 2) db.delete(keyOf(i));
    },
    ...compact,
  },
  {
    name: 'a merge that looks up, and flushes meanwhile',
    prepare: (db) => {
      for (const part of [0, 1]) {
        for (let i = part; i < 2600; i += 2) db.put(keyOf(i), '');
        db.flush();
      }
    },
    write: (db) => fill(db, 10, 2),
    work: (db) => {
      db.compact();
      fill(db, 10, 2);
      db.flush();
    },
    workInTurns: async (db) => {
      const compaction = db.compactRange('', '~');
      const flushes = [1, 2, 3].map(async (): Promise<void> => {
        fill(db.engine, 10, 2);
        await db.flush();
      });
      await Promise.all([compaction, ...flushes]);
    },
  },
];

/** Makes the database of a workload, if it begins with one. */
export function prepare({ prepare: fill }: Workload, directory: string): void {
  if (fill === undefined) return;
  const db = MiniLsm.open(directory, { ...OPTIONS, background: 'inline' });
  fill(db);
  db.close();
}

function fill(db: MiniLsm, count: number, round: number): void {
  for (let i = 0; i < count; i++) db.put(keyOf(i), `${round}`.repeat(20 + (i % 50)));
}

function keyOf(i: number): string {
  return `key-${String(i).padStart(5, '0')}`;
}
