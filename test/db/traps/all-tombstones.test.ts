/** A compaction that drops everything writes no table at all. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { internals, MiniLsm } from '../../../src/db/mini-lsm.ts';
import { MemoryFileSystem } from '../../../src/fs/memory-file-system.ts';
import { failOnLeaks } from '../../support/leaks.ts';
import {
  BY_HAND,
  contentsOf,
  DATABASE,
  memoryDatabase,
  shapeOf,
  textOf,
} from '../../support/small-database.ts';

failOnLeaks();

const COUNT = 300;
const key = (i: number): string => `k${String(i).padStart(3, '0')}`;

function tableNames(fs: MemoryFileSystem): string[] {
  return fs.list(DATABASE).filter((name) => name.endsWith('.sst'));
}

for (const compaction of ['leveled', 'simple-leveled'] as const) {
  test(`after everything was deleted, ${compaction} compaction leaves no table`, () => {
    const fileSystem = new MemoryFileSystem();
    const options = { ...BY_HAND, compaction, fileSystem, blockBytes: 128, tableBytes: 1024 };
    let db = MiniLsm.open(DATABASE, options);
    for (let i = 0; i < COUNT; i++) {
      db.put(key((i * 7) % COUNT), 'value');
      if (i === 100) db.flush();
    }
    db.compact();
    assert.ok(tableNames(fileSystem).length > 1);
    for (let i = 0; i < COUNT; i++) db.delete(key(i));
    db.compact();
    assert.deepEqual(shapeOf(db).flat(), []);
    assert.deepEqual(tableNames(fileSystem), []);
    assert.deepEqual(contentsOf(db), []);
    db.close();
    db = MiniLsm.open(DATABASE, options);
    assert.deepEqual(contentsOf(db), []);
    assert.equal(db.stats().sequence, 2 * COUNT, 'the sequence goes on');
    db.put('again', 'there');
    db.compact();
    assert.deepEqual(contentsOf(db), ['again=there']);
    db.close();
  });
}

test('deletions of keys that never were leave no table either', (t) => {
  const db = memoryDatabase(t, BY_HAND);
  for (let i = 0; i < 10; i++) db.delete(key(i));
  db.flush();
  assert.equal(shapeOf(db).flat().length, 1);
  db.compact();
  assert.deepEqual(shapeOf(db).flat(), []);
});

test('tombstones stay while a snapshot may need what they hide, and go when it is closed', (t) => {
  const db = memoryDatabase(t, BY_HAND);
  for (let i = 0; i < 10; i++) db.put(key(i), 'value');
  const snapshot = db.snapshot();
  for (let i = 0; i < 10; i++) db.delete(key(i));
  db.compact();
  assert.equal(textOf(db.get(key(3), { snapshot })), 'value');
  assert.deepEqual(contentsOf(db), []);
  const tombstones = (): number =>
    internals(db)
      .core.view.version.levels.flat()
      .reduce((sum, table) => sum + table.tombstoneCount, 0);
  assert.equal(tombstones(), 10);
  snapshot.close();
  db.compact();
  assert.deepEqual(shapeOf(db).flat(), []);
});
