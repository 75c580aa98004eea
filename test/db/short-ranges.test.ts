/** Cursors that come and go: what one leaves to the next, and what it leaves out. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type DbCursor, MemoryFileSystem, MiniLsm } from '../../src/index.ts';

const keyOf = (at: number): string => `key ${at}`.repeat(1 + (at % 3) * 40);

test('a cursor takes over the key array of a closed one, and never that of an open one', () => {
  const db = MiniLsm.open('/db', { fileSystem: new MemoryFileSystem() });
  for (let i = 0; i < 30; i++) db.put(keyOf(i), 'v');
  const open: { readonly cursor: DbCursor; readonly at: number }[] = [];
  const begin = (at: number): void => {
    const cursor = db.cursor();
    assert.ok(cursor.seek(keyOf(at)));
    open.push({ cursor, at });
  };
  for (let i = 0; i < 30; i++) {
    begin(i);
    if (i % 2 === 1) {
      const [{ cursor }] = open.splice(i % open.length, 1);
      cursor.close();
      cursor.close();
    }
    for (const { cursor, at } of open) assert.equal(Buffer.from(cursor.key).toString(), keyOf(at));
  }
  for (const { cursor } of open) cursor.close();
  begin(0);
  const array = open.at(-1)?.cursor.key.buffer;
  open.at(-1)?.cursor.close();
  begin(3);
  assert.equal(open.at(-1)?.cursor.key.buffer, array);
  db.close();
});

test('a cursor made when the memtable was empty sees nothing that is written later', () => {
  const db = MiniLsm.open('/db', { fileSystem: new MemoryFileSystem() });
  const first = db.cursor();
  db.put('b', 'v');
  assert.equal(first.first(), false);
  db.flush();
  const second = db.cursor();
  db.put('a', 'v');
  db.delete('b');
  assert.equal(first.last(), false);
  assert.ok(second.first());
  assert.equal(Buffer.from(second.key).toString(), 'b');
  assert.equal(second.next(), false);
  assert.equal(second.seekBack('a'), false);
  db.close();
});
