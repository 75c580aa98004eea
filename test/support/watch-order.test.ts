import assert from 'node:assert/strict';
import { test } from 'node:test';
import { internals, MiniLsm } from '../../src/db/mini-lsm.ts';
import { MemoryFileSystem } from '../../src/fs/memory-file-system.ts';
import { OrderingFileSystem } from '../simulation/ordering-file-system.ts';

test('whatever database a test opens in memory is watched, in every file that npm test runs', () => {
  const db = MiniLsm.open('/db', { fileSystem: new MemoryFileSystem() });
  const { fs } = internals(db).core;
  db.put('a', '1', { sync: true });
  db.close();
  assert.ok(fs instanceof OrderingFileSystem);
  assert.deepEqual(fs.violations, []);
});
