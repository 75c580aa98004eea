import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MemoryFileSystem } from '../../src/fs/memory-file-system.ts';
import { MiniLsm } from '../../src/index.ts';
import { MemTable } from '../../src/memtable/mem-table.ts';
import { tablePath } from '../../src/version/file-names.ts';
import { FaultyFileSystem } from '../simulation/faulty-file-system.ts';
import { OpenFilesFileSystem } from '../simulation/open-files-file-system.ts';
import { expectError } from '../support/expect-error.ts';
import { DATABASE } from '../support/small-database.ts';

test('an open that fails leaves no file open, even where closing fails too', () => {
  const disk = new MemoryFileSystem();
  MiniLsm.open(DATABASE, { fileSystem: disk }).close();
  for (let at = 1; ; at++) {
    const kinds = ['list', 'remove', 'rename', 'syncDirectory', 'close'] as const;
    const faulty = new FaultyFileSystem(disk.crashClone(), undefined, new Set(kinds));
    const watched = new OpenFilesFileSystem(faulty);
    faulty.arm({ at, when: 'before', errno: 'EIO', forever: true });
    try {
      MiniLsm.open(DATABASE, { fileSystem: watched }).close();
    } catch {
      assert.deepEqual(watched.openPaths(), []);
      continue;
    }
    // What can't be removed is left for the next open.
    if (faulty.faults > 0) continue;
    assert.ok(at > 5);
    break;
  }
  const watched = new OpenFilesFileSystem(disk);
  expectError('LSM_EXISTS', () => MiniLsm.open(DATABASE, { fileSystem: watched, errorIfExists: true }));
  assert.deepEqual(watched.openPaths(), []);
});

test('without memory for a memtable no file is made, and none stays open', (t) => {
  const fileSystem = new MemoryFileSystem();
  const watched = new OpenFilesFileSystem(fileSystem);
  t.mock.method(MemTable, 'create', () => {
    throw new RangeError('Array buffer allocation failed');
  });
  expectError('LSM_TOO_LARGE', () => MiniLsm.open(DATABASE, { fileSystem: watched }));
  assert.deepEqual(fileSystem.list(DATABASE), []);
  assert.deepEqual(watched.openPaths(), []);
});

test('a file with a number that leaves none for others is refused with its number', () => {
  const fileSystem = new MemoryFileSystem();
  MiniLsm.open(DATABASE, { fileSystem }).close();
  fileSystem.createFile(tablePath(DATABASE, Number.MAX_SAFE_INTEGER)).close();
  const { message } = expectError('LSM_TOO_LARGE', () => MiniLsm.open(DATABASE, { fileSystem }));
  assert.match(message, new RegExp(`${Number.MAX_SAFE_INTEGER}.*move it away`));
});
