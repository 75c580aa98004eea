/** A cursor that turns round at every entry stands where it should, over every kind of source. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { MiniLsm } from '../../../src/db/mini-lsm.ts';
import { failOnLeaks } from '../../support/leaks.ts';
import { BY_HAND, memoryDatabase, textOf } from '../../support/small-database.ts';

failOnLeaks();

const COUNT = 60;
const key = (i: number): string => `k${String(i).padStart(3, '0')}`;

/** Versions, tombstones and keys of one kind in the memtable, several L0 tables and the bottom. */
function layered(db: MiniLsm): void {
  for (let i = 0; i < COUNT; i++) db.put(key(i), `bottom ${i}`);
  db.compact();
  for (let layer = 1; layer <= 3; layer++) {
    for (let i = layer; i < COUNT; i += 4) db.put(key(i), `L0 ${layer} ${i}`);
    for (let i = layer; i < COUNT; i += 9) db.delete(key(i));
    db.flush();
  }
  for (let i = 0; i < COUNT; i += 5) db.put(key(i), `memtable ${i}`);
  for (let i = 0; i < COUNT; i += 11) db.delete(key(i));
}

test('forward, back and forward again at each entry', (t) => {
  const db = memoryDatabase(t, { ...BY_HAND, blockBytes: 64 });
  layered(db);
  const expected = Array.from(db.scan(), ([k, v]) => `${textOf(k)}=${textOf(v)}`);
  assert.ok(expected.length > 30);
  const cursor = db.cursor();
  const shown = (): string => `${textOf(cursor.key)}=${textOf(cursor.value)}`;

  cursor.first();
  for (let at = 0; at < expected.length; at++) {
    assert.equal(shown(), expected[at]);
    if (at > 0) {
      assert.equal(cursor.prev(), true);
      assert.equal(shown(), expected[at - 1]);
      assert.equal(cursor.next(), true);
      assert.equal(shown(), expected[at]);
    }
    assert.equal(cursor.next(), at + 1 < expected.length);
  }

  cursor.last();
  for (let at = expected.length - 1; at >= 0; at--) {
    assert.equal(shown(), expected[at]);
    if (at + 1 < expected.length) {
      assert.equal(cursor.next(), true);
      assert.equal(shown(), expected[at + 1]);
      assert.equal(cursor.prev(), true);
      assert.equal(shown(), expected[at]);
    }
    assert.equal(cursor.prev(), at > 0);
  }
  cursor.close();
});

test('turning round after every seek, while the tree changes under it', (t) => {
  const db = memoryDatabase(t, { ...BY_HAND, blockBytes: 64 });
  layered(db);
  const expected = Array.from(db.scan(), ([k]) => textOf(k));
  const cursor = db.cursor();
  for (let i = 0; i < COUNT; i++) {
    if (i % 10 === 5) db.compact();
    db.put(key(i), 'newer');
    db.delete(key(COUNT - i));
    const at = expected.findIndex((k) => (k ?? '') >= key(i));
    assert.equal(cursor.seek(key(i)), at >= 0);
    if (at < 0) continue;
    assert.equal(textOf(cursor.key), expected[at]);
    assert.equal(cursor.prev(), at > 0);
    if (at === 0) continue;
    assert.equal(textOf(cursor.key), expected[at - 1]);
    assert.equal(cursor.next(), true);
    assert.equal(textOf(cursor.key), expected[at]);
    assert.equal(cursor.seekBack(`${key(i)}~`), true);
    const before = expected.findLastIndex((k) => (k ?? '') <= `${key(i)}~`);
    assert.equal(textOf(cursor.key), expected[before]);
    assert.equal(cursor.next(), before + 1 < expected.length);
  }
  cursor.close();
});
