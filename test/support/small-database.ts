/** An in-memory database for one test, closed after it, and ways to look at its tree. */
import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { internals, MiniLsm } from '../../src/db/mini-lsm.ts';
import { MemoryFileSystem } from '../../src/fs/memory-file-system.ts';
import type { Options } from '../../src/options.ts';
import { checkVersion } from '../../src/version/check-version.ts';
import { MappingFileSystem, TABLES_ARE_MAPPED } from '../simulation/mapping-file-system.ts';
import { OrderingFileSystem } from '../simulation/ordering-file-system.ts';

export const DATABASE = '/db';

/**
 * Opens a database in memory, whose order of durable steps is watched; the options may name a file system that
 * holds one.
 */
export function memoryDatabase(t: TestContext, options: Options = {}): MiniLsm {
  const ordering = new OrderingFileSystem(options.fileSystem ?? new MemoryFileSystem());
  const fileSystem = new MappingFileSystem(ordering);
  const db = MiniLsm.open(DATABASE, { mmap: TABLES_ARE_MAPPED, ...options, fileSystem });
  t.after(() => {
    db.close();
    assert.deepEqual(ordering.violations, []);
    assert.deepEqual(fileSystem.mappedPaths(), []);
  });
  return db;
}

/** No compaction but those asked for, and little memory, since many tests open a database very often. */
export const BY_HAND: Options = {
  l0CompactionFiles: 1000,
  l0SlowdownFiles: 1000,
  l0StopFiles: 1000,
  memtableBytes: 32 * 1024,
  cacheBytes: 64 * 1024,
};

/** Everything as small as it can be, so that a few hundred writes fill every level. */
export const TINY: Options = {
  memtableBytes: 2048,
  maxFrozenMemtables: 2,
  blockBytes: 96,
  tableBytes: 1024,
  cacheBytes: 8192,
  maxOpenFiles: 4,
  levelCount: 4,
  l0CompactionFiles: 3,
  l0SlowdownFiles: 6,
  l0StopFiles: 8,
  baseLevelBytes: 1024,
  levelRatio: 2,
  manifestBytes: 4096,
  slowdownBytesPerSecond: 2 ** 40,
};

/** The user keys that each table of each level spans, as text: `[['a..c'], [], ['a..b', 'c..d']]`. */
export function shapeOf(db: MiniLsm): string[][] {
  const { view, fs, directory } = internals(db).core;
  checkVersion(view.version, { fs, directory });
  const text = (key: Uint8Array): string => Buffer.from(key).toString();
  return view.version.levels.map((tables) =>
    tables.map(({ smallest, largest }) => `${text(smallest)}..${text(largest)}`),
  );
}

/** The entries of a database as text. */
export function contentsOf(db: MiniLsm, options?: Parameters<MiniLsm['scan']>[0]): string[] {
  const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString();
  return Array.from(db.scan(options), ([key, value]) => `${text(key)}=${text(value)}`);
}

export function textOf(bytes: Uint8Array | undefined): string | undefined {
  return bytes === undefined ? undefined : Buffer.from(bytes).toString();
}
