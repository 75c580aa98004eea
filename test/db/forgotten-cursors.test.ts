import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { MemoryFileSystem, MiniLsm } from '../../src/index.ts';

setFlagsFromString('--expose-gc');
const collectGarbage: () => void = runInNewContext('gc');

test('cursors and scans that are forgotten are closed when they are garbage', async () => {
  const db = MiniLsm.open('/db', { fileSystem: new MemoryFileSystem() });
  for (let i = 0; i < 10; i++) db.put(`k${i}`, 'v');
  for (let i = 0; i < 50; i++) {
    db.cursor().first();
    db.scan()[Symbol.iterator]().next();
  }
  const kept = db.cursor();
  kept.first();
  assert.equal(db.stats().cursors, 101);
  for (let round = 0; round < 100 && db.stats().cursors > 1; round++) {
    collectGarbage();
    await setImmediate();
  }
  assert.equal(db.stats().cursors, 1);
  assert.ok(kept.valid);
  db.close();
  assert.ok(kept.closed);
});

test('a forgotten cursor is closed also when no other one follows it', async () => {
  const db = MiniLsm.open('/db', { fileSystem: new MemoryFileSystem() });
  db.put('k', 'v');
  db.cursor().first();
  for (let round = 0; round < 100 && db.stats().cursors > 0; round++) {
    await setImmediate();
    collectGarbage();
  }
  assert.equal(db.stats().cursors, 0);
  db.close();
});

test('databases that are used one after the other in one turn leave no memory behind', () => {
  const memtableBytes = 2 ** 20;
  for (let i = 0; i < 100; i++) {
    const db = MiniLsm.open('/db', {
      fileSystem: new MemoryFileSystem(),
      memtableBytes,
      background: 'inline',
    });
    db.put('k', 'v');
    assert.equal([...db.scan()].length, 1);
    const cursor = db.cursor();
    cursor.first();
    cursor.close();
    db.close();
  }
  const held = (): number => process.memoryUsage().arrayBuffers;
  // Within the turn still; one collection leaves to the next what it frees beside us.
  for (let round = 0; round < 100 && held() >= 20 * memtableBytes; round++) collectGarbage();
  assert.ok(held() < 20 * memtableBytes, `${held()} bytes are held`);
});
