import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LsmError } from '../../src/errors.ts';
import { type FileSystem, MemoryFileSystem, MiniLsm } from '../../src/index.ts';
import { FaultyFileSystem } from '../simulation/faulty-file-system.ts';
import type { OperationKind } from '../simulation/operation.ts';
import { expectError } from '../support/expect-error.ts';

const SMALL = { memtableBytes: 8192, tableBytes: 4096, baseLevelBytes: 65_536 };

/** A file system on which operations of a kind, on paths of a kind, fail for want of room while it is full. */
function fullable(
  inner: MemoryFileSystem,
  kind: OperationKind,
  path: RegExp,
): { fs: FileSystem; full: boolean } {
  const state = { fs: inner as FileSystem, full: false };
  state.fs = new FaultyFileSystem(inner, (operation) => {
    if (state.full && operation.kind === kind && path.test(operation.path)) {
      throw new LsmError('LSM_NO_SPACE', 'the disk is full');
    }
  });
  return state;
}

test('writes that a full disk refuses leave no file behind, and go on when there is room', () => {
  const memory = new MemoryFileSystem();
  const disk = fullable(memory, 'append', /\.wal$/);
  const db = MiniLsm.open('/db', { fileSystem: disk.fs, ...SMALL });
  // Leave the memtable so full that the next write needs a new log.
  while (db.stats().memtables.activeBytes < 7000) db.put(`k${db.stats().sequence}`, 'v'.repeat(40));
  const sequence = db.stats().sequence;
  const files = memory.list('/db').length;
  disk.full = true;
  for (let i = 0; i < 50; i++) {
    expectError('LSM_NO_SPACE', () => db.put('large', 'v'.repeat(4000)));
  }
  assert.equal(memory.list('/db').length, files);
  assert.equal(db.stats().sequence, sequence);
  disk.full = false;
  db.put('large', 'v'.repeat(4000));
  assert.equal(db.get('large')?.length, 4000);
  db.close();
});

test('an open that fails again and again on a full disk leaves no more files each time', () => {
  const memory = new MemoryFileSystem();
  const db = MiniLsm.open('/db', { fileSystem: memory });
  for (let i = 0; i < 1000; i++) db.put(`k${i}`, 'v'.repeat(40));
  const killed = memory.crashClone();
  const before = killed
    .list('/db')
    .filter((name) => !name.startsWith('LOCK'))
    .sort();
  for (const [kind, path] of [
    ['syncDirectory', /db$/],
    ['create', /\.wal$/],
  ] as const) {
    const disk = fullable(killed, kind, path);
    disk.full = true;
    for (let i = 0; i < 3; i++) {
      expectError('LSM_NO_SPACE', () => MiniLsm.open('/db', { fileSystem: disk.fs, ...SMALL }));
    }
    assert.deepEqual(
      killed
        .list('/db')
        .filter((name) => !name.startsWith('LOCK'))
        .sort(),
      before,
    );
  }
  const again = MiniLsm.open('/db', { fileSystem: killed, ...SMALL });
  assert.equal([...again.scan()].length, 1000);
  again.close();
  db.close();
});

test('a flush that a full disk refuses is reported at once, and done when there is room', () => {
  const memory = new MemoryFileSystem();
  const disk = fullable(memory, 'append', /\.sst$/);
  const db = MiniLsm.open('/db', { fileSystem: disk.fs, ...SMALL });
  db.put('k', 'v');
  disk.full = true;
  expectError('LSM_NO_SPACE', () => db.flush());
  assert.ok(db.has('k'));
  assert.match(db.stats().pending.lastError ?? '', /full/);
  db.put('l', 'v'); // the log has room
  disk.full = false;
  db.flush();
  assert.equal(db.stats().pending.lastError, undefined);
  assert.equal(db.stats().files > 0, true);
  db.close();
});
