/**
 * A tombstone that ends one table while the old value starts a table of the level below. Compared as internal
 * keys the two tables do not touch, since the tombstone sorts before the old value; an engine that looks at
 * those moves the upper table beside the lower one, and the deleted key comes back.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { failOnLeaks } from '../../support/leaks.ts';
import { BY_HAND, contentsOf, memoryDatabase, shapeOf, textOf } from '../../support/small-database.ts';

failOnLeaks();

test('a key deleted at the end of one table stays deleted over a table that starts with its old value', (t) => {
  const db = memoryDatabase(t, BY_HAND);
  db.put('m', 'old');
  db.put('z', 'last');
  db.compact();
  assert.deepEqual(shapeOf(db).flat(), ['m..z']);

  db.put('a', 'first');
  db.delete('m');
  db.flush();
  assert.deepEqual(shapeOf(db).flat(), ['a..m', 'm..z']);
  assert.equal(db.get('m'), undefined);

  db.compact();
  assert.equal(db.get('m'), undefined);
  assert.deepEqual(contentsOf(db), ['a=first', 'z=last']);
  assert.deepEqual(shapeOf(db).flat(), ['a..z']);
});

test('a key deleted at the start of one table stays deleted over a table that ends with its old value', (t) => {
  const db = memoryDatabase(t, BY_HAND);
  db.put('a', 'first');
  db.put('m', 'old');
  db.compact();

  db.delete('m');
  db.put('z', 'last');
  db.flush();
  assert.deepEqual(shapeOf(db).flat(), ['m..z', 'a..m']);

  db.compact({ gt: 'm' });
  assert.deepEqual(contentsOf(db), ['a=first', 'z=last']);
  assert.equal(db.get('m'), undefined);
});

test('the old value stays visible to a snapshot from before the deletion', (t) => {
  const db = memoryDatabase(t, BY_HAND);
  db.put('m', 'old');
  db.put('z', 'last');
  db.compact();
  const snapshot = db.snapshot();
  db.put('a', 'first');
  db.delete('m');
  db.compact();
  assert.equal(textOf(db.get('m', { snapshot })), 'old');
  assert.deepEqual(contentsOf(db, { snapshot }), ['m=old', 'z=last']);
  assert.deepEqual(contentsOf(db, { reverse: true }), ['z=last', 'a=first']);
});

for (const compaction of ['leveled', 'simple-leveled'] as const) {
  test(`the same at every table edge of a tree that ${compaction} compaction made`, (t) => {
    const db = memoryDatabase(t, {
      compaction,
      memtableBytes: 2048,
      tableBytes: 1024,
      blockBytes: 128,
      baseLevelBytes: 1024,
      levelRatio: 2,
      levelCount: 5,
      l0CompactionFiles: 2,
    });
    const key = (i: number): string => `k${String(i).padStart(4, '0')}`;
    for (let i = 0; i < 400; i++) db.put(key(i), `value ${i}`.padEnd(60, '.'));
    db.flush();
    const edges = new Set(
      shapeOf(db)
        .flat()
        .flatMap((range) => range.split('..')),
    );
    assert.ok(edges.size > 20, 'there are many tables');
    for (const edge of edges) db.delete(edge);
    db.flush();
    for (let round = 0; round < 3; round++) {
      for (const edge of edges) assert.equal(db.get(edge), undefined, edge);
      assert.equal(contentsOf(db).length, 400 - edges.size + round);
      db.put(key(1000 + round), 'more');
      db.compact();
      shapeOf(db);
    }
  });
}
