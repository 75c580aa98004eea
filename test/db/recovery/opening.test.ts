/** What a directory must be for a database to be opened in it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MiniLsm } from '../../../src/db/mini-lsm.ts';
import { MemoryFileSystem } from '../../../src/fs/memory-file-system.ts';
import { expectError } from '../../support/expect-error.ts';

test('a database that must exist is not made, neither in a new directory nor in an empty one', () => {
  const fileSystem = new MemoryFileSystem();
  fileSystem.makeDirectory('/empty');
  for (const path of ['/missing', '/empty']) {
    expectError('LSM_NOT_FOUND', () => MiniLsm.open(path, { fileSystem, createIfMissing: false }));
  }
  assert.equal(fileSystem.status('/missing'), undefined);
  assert.deepEqual(fileSystem.list('/empty'), []);
});

test('a file is no directory for a database', () => {
  const fileSystem = new MemoryFileSystem();
  fileSystem.createFile('/file').close();
  expectError('LSM_INVALID_ARGUMENT', () => MiniLsm.open('/file', { fileSystem }));
});

test('a worker needs a file system that it can open too', () => {
  const fileSystem = new MemoryFileSystem();
  expectError('LSM_INVALID_ARGUMENT', () => MiniLsm.open('/db', { fileSystem, background: 'worker' }));
  assert.equal(fileSystem.status('/db'), undefined);
});
