/** A key deleted and written again, with the versions and tombstones in different levels in every order. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { MiniLsm } from '../../../src/db/mini-lsm.ts';
import { failOnLeaks } from '../../support/leaks.ts';
import { BY_HAND, contentsOf, memoryDatabase, textOf } from '../../support/small-database.ts';

failOnLeaks();

const SETTLE: readonly ((db: MiniLsm) => void)[] = [
  () => {},
  (db) => db.flush(),
  (db) => db.compact(),
  // Only the neighbours' range: the key's own tables are left alone unless they overlap it.
  (db) => db.compact({ lt: 'b' }),
];

test('every sequence of put, delete, put with each rest in between reads as the last write says', (t) => {
  const db = memoryDatabase(t, BY_HAND);
  let round = 0;
  for (const first of SETTLE) {
    for (const second of SETTLE) {
      for (const third of SETTLE) {
        round += 1;
        const key = `key ${round % 5}`;
        db.put('a', `${round}`);
        db.put(key, `first ${round}`);
        first(db);
        db.delete(key);
        assert.equal(db.get(key), undefined);
        second(db);
        assert.equal(db.get(key), undefined);
        const between = db.snapshot();
        db.put(key, `second ${round}`);
        third(db);
        assert.equal(textOf(db.get(key)), `second ${round}`);
        assert.equal(db.get(key, { snapshot: between }), undefined);
        assert.ok(contentsOf(db, { gte: key, limit: 1 })[0].endsWith(`second ${round}`));
        between.close();
        db.delete(key);
        first(db);
        assert.equal(db.get(key), undefined);
        assert.deepEqual(contentsOf(db, { gte: 'key' }), []);
      }
    }
  }
  db.compact();
  assert.deepEqual(contentsOf(db), [`a=${round}`]);
});
