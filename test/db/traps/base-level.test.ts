/**
 * L0 is merged into the base level, which depends on the size of the tree. It must never lie below a level
 * that holds tables: newer data would get under older data, and old values would come back.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { internals, MiniLsm } from '../../../src/db/mini-lsm.ts';
import { LsmError } from '../../../src/errors.ts';
import { MemoryFileSystem } from '../../../src/fs/memory-file-system.ts';
import type { Options } from '../../../src/options.ts';
import { FaultyFileSystem } from '../../simulation/faulty-file-system.ts';
import { failOnLeaks } from '../../support/leaks.ts';
import { DATABASE, memoryDatabase, shapeOf, textOf } from '../../support/small-database.ts';

failOnLeaks();

const SMALL: Options = {
  memtableBytes: 4096,
  tableBytes: 1024,
  blockBytes: 128,
  baseLevelBytes: 1024,
  levelRatio: 2,
  levelCount: 5,
  l0CompactionFiles: 2,
};
const COUNT = 500;
const key = (i: number): string => `k${String(i).padStart(4, '0')}`;

/** A database with tables in every level below L0. */
function grown(): MemoryFileSystem {
  const fileSystem = new MemoryFileSystem();
  const db = MiniLsm.open(DATABASE, { ...SMALL, fileSystem });
  const isGrown = (): boolean => shapeOf(db).every((tables, level) => level === 0 || tables.length > 0);
  for (let i = 0; i < COUNT || !isGrown(); i++) {
    assert.ok(i < 20 * COUNT, 'every level below L0 is used at some time');
    db.put(key((i * 379) % COUNT), `old ${i}`.padEnd(60, '.'));
  }
  db.close();
  return fileSystem;
}

test('L0 goes on top of levels that the tree has become too small for, before they are emptied', () => {
  const fileSystem = grown();
  // New values for old keys wait in L0, since here nothing is compacted by itself.
  const waiting = { l0CompactionFiles: 1000, l0SlowdownFiles: 1000, l0StopFiles: 1000 };
  const first = MiniLsm.open(DATABASE, { ...SMALL, ...waiting, fileSystem });
  for (let round = 0; round < 3; round++) {
    for (let i = round; i < COUNT; i += 3) first.put(key(i), 'new');
    first.flush();
  }
  assert.ok(shapeOf(first)[0].length >= 3);
  first.close();

  // So large a base level that the last one would do for all: L0 is the most urgent, and must not go there. The
  // disk is full after this first step, before the levels are emptied.
  let written = false;
  let full = false;
  let once = true;
  const fs = new FaultyFileSystem(fileSystem, ({ kind, path }) => {
    if (full && path.endsWith('.sst') && kind === 'create') throw new LsmError('LSM_NO_SPACE', 'full');
    if (path.endsWith('.sst') && kind === 'sync') written = true;
    if (once && written && path.includes('MANIFEST') && kind === 'append') full = true;
  });
  const options = { ...SMALL, baseLevelBytes: 2 ** 30, l0CompactionFiles: 1, fileSystem: fs };
  const db = MiniLsm.open(DATABASE, options);
  assert.equal(full, true);
  assert.ok(shapeOf(db).filter((tables) => tables.length > 0).length > 1, 'other levels are still there');
  for (let i = 0; i < COUNT; i++) assert.equal(textOf(db.get(key(i))), 'new', key(i));
  once = false;
  full = false;
  db.compact();
  for (let i = 0; i < COUNT; i++) assert.equal(textOf(db.get(key(i))), 'new', key(i));
  shapeOf(db);
  db.close();
});

test('deletions do not let old values through while the tree shrinks', (t) => {
  const db = memoryDatabase(t, { ...SMALL, fileSystem: grown() });
  for (let round = 0; round < 3; round++) {
    for (let i = 0; i < COUNT; i++) {
      db.delete(key(i));
      if (i % 50 === 0) {
        shapeOf(db);
        for (let j = 0; j <= i; j += 10) assert.equal(db.get(key(j)), undefined, key(j));
      }
    }
    db.flush();
    assert.deepEqual([...db.scan()], []);
    for (let i = 0; i < COUNT; i += 20) db.put(key(i), `round ${round}`);
    db.flush();
    for (let i = 0; i < COUNT; i += 20) assert.equal(textOf(db.get(key(i))), `round ${round}`);
  }
});

test('compaction by hand puts L0 into the highest level that is used, not below it', (t) => {
  const db = memoryDatabase(t, {
    ...SMALL,
    l0CompactionFiles: 1000,
    l0SlowdownFiles: 1000,
    l0StopFiles: 1000,
    fileSystem: grown(),
  });
  db.put(key(0), 'new');
  db.put(key(COUNT - 1), 'new');
  db.compact({ lte: key(1) });
  assert.equal(textOf(db.get(key(0))), 'new');
  assert.equal(textOf(db.get(key(COUNT - 1))), 'new');
  db.compact();
  assert.equal(textOf(db.get(key(0))), 'new');
  assert.equal(textOf(db.get(key(COUNT - 1))), 'new');
  const levels = internals(db).core.view.version.levels.filter((tables) => tables.length > 0);
  assert.equal(levels.length, 1, 'all is in one level');
});

test('a tree opened with fewer levels than it uses keeps its data and works on', (t) => {
  const fileSystem = grown();
  const db = memoryDatabase(t, { ...SMALL, levelCount: 2, fileSystem });
  for (let i = 0; i < COUNT; i++) assert.ok(textOf(db.get(key(i)))?.startsWith('old'), key(i));
  for (let i = 0; i < COUNT; i += 2) db.put(key(i), 'new');
  db.compact();
  for (let i = 0; i < COUNT; i++) assert.ok(textOf(db.get(key(i)))?.startsWith(i % 2 === 0 ? 'new' : 'old'));
});
