/** A snapshot taken between two versions of one key keeps seeing the older one, wherever the two end up. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { MiniLsm } from '../../../src/db/mini-lsm.ts';
import type { Snapshot } from '../../../src/db/snapshots.ts';
import { failOnLeaks } from '../../support/leaks.ts';
import { BY_HAND, contentsOf, memoryDatabase, shapeOf, textOf } from '../../support/small-database.ts';

failOnLeaks();

/** Ways to bring what was written to rest. */
const SETTLE: Readonly<Record<string, (db: MiniLsm) => void>> = {
  'in the memtable': () => {},
  'in L0': (db) => db.flush(),
  'at the bottom': (db) => db.compact(),
};

for (const [where, settle] of Object.entries(SETTLE)) {
  for (const [whereThen, settleThen] of Object.entries(SETTLE)) {
    test(`the older version ${where}, the newer one then ${whereThen}`, (t) => {
      const db = memoryDatabase(t, BY_HAND);
      db.put('k', 'older');
      settle(db);
      const snapshot = db.snapshot();
      db.put('k', 'newer');
      settleThen(db);
      assert.equal(textOf(db.get('k', { snapshot })), 'older');
      assert.equal(textOf(db.get('k')), 'newer');
      assert.deepEqual(contentsOf(db, { snapshot, reverse: true }), ['k=older']);
      db.compact();
      assert.equal(textOf(db.get('k', { snapshot })), 'older');
      snapshot.close();
      db.compact();
      assert.equal(textOf(db.get('k')), 'newer');
    });
  }
}

test('many versions of one key, each under its snapshot, survive together in one table', (t) => {
  const db = memoryDatabase(t, { ...BY_HAND, blockBytes: 32, tableBytes: 1024 });
  const snapshots: { snapshot: Snapshot; expected: string | undefined }[] = [];
  db.put('a', 'neighbour');
  db.put('z', 'neighbour');
  for (let i = 0; i < 200; i++) {
    const expected = i % 5 === 4 ? undefined : `version ${i}`;
    if (expected === undefined) db.delete('k');
    else db.put('k', expected);
    snapshots.push({ snapshot: db.snapshot(), expected });
    if (i % 37 === 0) db.flush();
  }
  db.compact();
  // All versions of a user key stay in one table of a level.
  for (const tables of shapeOf(db).slice(1)) {
    assert.ok(tables.filter((range) => range.split('..').includes('k')).length <= 2);
  }
  for (const { snapshot, expected } of snapshots) {
    assert.equal(textOf(db.get('k', { snapshot })), expected);
    assert.equal([...db.scan({ snapshot })].length, expected === undefined ? 2 : 3);
  }
  for (const [at, { snapshot }] of snapshots.entries()) if (at % 2 === 0) snapshot.close();
  db.compact();
  for (const [at, { snapshot, expected }] of snapshots.entries()) {
    if (at % 2 === 1) assert.equal(textOf(db.get('k', { snapshot })), expected);
  }
});
