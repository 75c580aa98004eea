import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readWholeFile } from '../../src/fs/file-system.ts';
import { MemoryFileSystem } from '../../src/fs/memory-file-system.ts';
import { expectError } from '../support/expect-error.ts';

function sample(): MemoryFileSystem {
  const fs = new MemoryFileSystem();
  fs.makeDirectory('/d/e');
  const file = fs.createFile('/d/e/a');
  file.append(Uint8Array.of(1, 2));
  file.close();
  return fs;
}

test('a crash clone holds everything appended, synced or not', () => {
  const fs = sample();
  fs.createFile('/d/unsynced').append(Uint8Array.of(3));
  const clone = fs.crashClone();
  assert.deepEqual([...readWholeFile(clone, '/d/e/a', 10)], [1, 2]);
  assert.deepEqual([...readWholeFile(clone, '/d/unsynced', 10)], [3]);
});

test('a crash clone and its original go separate ways', () => {
  const fs = new MemoryFileSystem();
  const file = fs.createFile('/a');
  file.append(Uint8Array.of(1));
  const clone = fs.crashClone();
  file.append(Uint8Array.of(2));
  clone.createFile('/b').append(Uint8Array.of(3));
  assert.deepEqual([...readWholeFile(fs, '/a', 10)], [1, 2]);
  assert.deepEqual([...readWholeFile(clone, '/a', 10)], [1]);
  assert.deepEqual(fs.list('/'), ['a']);
});

test('a crash clone holds no locks', () => {
  const fs = sample();
  fs.lock('/d');
  fs.crashClone().lock('/d').release();
  expectError('LSM_LOCKED', () => fs.lock('/d'));
});

test('relative paths start at the root', () => {
  const fs = sample();
  assert.equal(fs.status('d/./e/../e/a')?.kind, 'file');
  assert.equal(fs.status('.')?.kind, 'directory');
  expectError('LSM_EXISTS', () => fs.createFile('d/e/a'));
});

test('the root cannot be removed or created', () => {
  const fs = new MemoryFileSystem();
  expectError('LSM_IO', () => fs.removeDirectory('/'));
  expectError('LSM_EXISTS', () => fs.createFile('/'));
  fs.makeDirectory('/');
});
