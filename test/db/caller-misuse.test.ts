import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { MemoryFileSystem, MiniLsm } from '../../src/index.ts';
import { expectError } from '../support/expect-error.ts';

setFlagsFromString('--expose-gc');
const collectGarbage: () => void = runInNewContext('gc');

function filled(entries = 100): MiniLsm {
  const db = MiniLsm.open('/db', { fileSystem: new MemoryFileSystem() });
  for (let i = 0; i < entries; i++) db.put(`k${String(i).padStart(4, '0')}`, 'v'.repeat(100));
  return db;
}

test('bounds are copied: changing the buffer afterwards changes no scan and no cursor', () => {
  const db = filled();
  const upper = Buffer.from('k0005');
  const scan = db.scan({ lt: upper });
  const cursor = db.cursor({ lt: upper });
  upper.write('k0050');
  assert.equal([...scan].length, 5);
  cursor.last();
  assert.equal(Buffer.from(cursor.key).toString(), 'k0004');
  db.close();
});

test("a caller cannot transfer away the engine's own memory with a cursor's views", () => {
  const db = filled();
  db.flush();
  const cursor = db.cursor();
  cursor.first();
  for (const view of [cursor.key, cursor.value]) {
    try {
      structuredClone(view, { transfer: [view.buffer as ArrayBuffer] });
    } catch {
      // Refused, in later versions of Node.
    }
  }
  assert.equal([...db.scan()].length, 100);
  assert.ok(db.has('k0000'));
  db.close();
});

test('a callback of verify that compacts does not make a sound database look damaged', () => {
  const db = filled(2000);
  db.flush();
  for (let i = 0; i < 2000; i++) db.put(`k${String(i).padStart(4, '0')}`, 'w');
  db.flush();
  let calls = 0;
  const report = db.verify({
    onProgress: () => {
      calls += 1;
      db.compact();
    },
  });
  assert.ok(calls > 1);
  assert.deepEqual(report.problems, []);
  db.close();
});

test('a callback of verify that closes the database ends it with LSM_CLOSED', () => {
  const db = filled();
  db.flush();
  expectError('LSM_CLOSED', () => db.verify({ onProgress: () => db.close() }));
});

test('closing the database within a scan ends the scan with LSM_CLOSED', () => {
  const db = filled();
  expectError('LSM_CLOSED', () => {
    for (const _ of db.scan()) db.close();
  });
});

test('a snapshot that is forgotten is closed when it is garbage', async () => {
  const db = filled();
  for (let i = 0; i < 20; i++) db.snapshot();
  const kept = db.snapshot();
  for (let round = 0; round < 100 && db.stats().snapshots > 1; round++) {
    collectGarbage();
    await setImmediate();
  }
  assert.equal(db.stats().snapshots, 1);
  assert.equal(kept.closed, false);
  db.close();
});

test('statistics count the bytes of keys and values that callers wrote', () => {
  const db = MiniLsm.open('/db', { fileSystem: new MemoryFileSystem() });
  for (let i = 0; i < 100; i++) db.put('k', 'v');
  assert.equal(db.stats().writes.userBytes, 200);
  db.close();
});

test('closing gives the lock back whatever else fails', () => {
  class Stubborn extends MemoryFileSystem {
    stubborn = false;
    override createFile(path: string): ReturnType<MemoryFileSystem['createFile']> {
      const file = super.createFile(path);
      const close = file.close.bind(file);
      file.close = () => {
        close();
        if (this.stubborn && path.endsWith('.wal')) throw new Error('close failed');
      };
      return file;
    }
  }
  const fileSystem = new Stubborn();
  const db = MiniLsm.open('/db', { fileSystem });
  db.put('k', 'v');
  db.flush();
  assert.ok(db.has('k'));
  fileSystem.stubborn = true;
  assert.throws(() => db.close(), /close failed/);
  fileSystem.stubborn = false;
  const again = MiniLsm.open('/db', { fileSystem });
  assert.ok(again.has('k'));
});
