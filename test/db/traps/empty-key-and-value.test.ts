/** An empty value is a value, not a tombstone; an empty key is a key, the lowest of all. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MiniLsm } from '../../../src/db/mini-lsm.ts';
import { MemoryFileSystem } from '../../../src/fs/memory-file-system.ts';
import { WriteBatch } from '../../../src/wal/write-batch.ts';
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

test('an empty value is there: in the memtable, in a table, at the bottom, and after reopening', () => {
  const fileSystem = new MemoryFileSystem();
  const open = (): MiniLsm => MiniLsm.open(DATABASE, { ...BY_HAND, fileSystem });
  const check = (db: MiniLsm): void => {
    assert.deepEqual(db.get('k'), new Uint8Array(0));
    assert.equal(db.has('k'), true);
    assert.deepEqual(contentsOf(db), ['j=', 'k=']);
    assert.deepEqual(contentsOf(db, { reverse: true }), ['k=', 'j=']);
  };
  let db = open();
  db.put('k', 'not empty');
  db.put('k', '');
  db.put('j', new Uint8Array(0));
  check(db);
  db.flush();
  check(db);
  db.compact();
  check(db);
  db.close();
  db = open();
  check(db);
  db.put('k', '');
  check(db);
  db.close();
  db = open();
  check(db);
  db.close();
});

test('an empty value hides the one before it', (t) => {
  const db = memoryDatabase(t, BY_HAND);
  db.put('k', 'old');
  db.compact();
  db.put('k', '');
  db.compact();
  assert.deepEqual(db.get('k'), new Uint8Array(0));
});

test('the empty key can be written, read, deleted, scanned and compacted', (t) => {
  const db = memoryDatabase(t, BY_HAND);
  db.put('', 'empty');
  db.put('\0', 'zero');
  db.write(new WriteBatch().put('a', 'a').put('', 'newer'));
  for (const settle of [() => {}, () => db.flush(), () => db.compact()]) {
    settle();
    assert.equal(textOf(db.get('')), 'newer');
    assert.equal(db.has(new Uint8Array(0)), true);
    assert.deepEqual(contentsOf(db), ['=newer', '\0=zero', 'a=a']);
    assert.deepEqual(contentsOf(db, { gt: '' }), ['\0=zero', 'a=a']);
    assert.deepEqual(contentsOf(db, { gte: '', lt: '\0' }), ['=newer']);
    assert.deepEqual(contentsOf(db, { lte: '' }), ['=newer']);
    assert.deepEqual(contentsOf(db, { lt: '' }), []);
    assert.deepEqual(contentsOf(db, { reverse: true, limit: 1, lte: '' }), ['=newer']);
  }
  assert.deepEqual(shapeOf(db).flat(), ['..a']);
  db.delete('');
  db.compact();
  assert.equal(db.get(''), undefined);
  assert.deepEqual(contentsOf(db), ['\0=zero', 'a=a']);
});

test('a cursor finds the empty key from both sides', (t) => {
  const db = memoryDatabase(t);
  db.put('', 'empty');
  db.put('b', 'b');
  const cursor = db.cursor();
  assert.equal(cursor.seek(''), true);
  assert.equal(cursor.key.length, 0);
  assert.equal(cursor.prev(), false);
  assert.equal(cursor.seekBack('a'), true);
  assert.equal(cursor.key.length, 0);
  assert.equal(cursor.next(), true);
  assert.equal(textOf(cursor.key), 'b');
  cursor.close();
});
