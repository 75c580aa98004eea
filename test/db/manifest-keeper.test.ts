import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ManifestKeeper } from '../../src/db/manifest-keeper.ts';
import { MemoryFileSystem } from '../../src/fs/memory-file-system.ts';
import { Version } from '../../src/version/version.ts';
import { FaultyFileSystem } from '../simulation/faulty-file-system.ts';
import { readBytes } from '../support/edit-file.ts';
import { expectError } from '../support/expect-error.ts';
import { DATABASE } from '../support/small-database.ts';

test('after a rewriting failed nothing is written to the manifest before, which may not be the live one', () => {
  const disk = new MemoryFileSystem();
  disk.makeDirectory(DATABASE);
  const fs = new FaultyFileSystem(disk, undefined, new Set(['rename']));
  const version = Version.empty(7);
  let number = 0;
  const keeper = new ManifestKeeper(fs, DATABASE, new Uint8Array(16), () => ++number, 1, {
    lastSequence: 0,
    nextEpoch: 1,
  });
  keeper.install(version, []);
  keeper.append({ added: [], deleted: [], nextFileNumber: 10 });
  fs.arm({ at: fs.operations + 1, when: 'after', errno: 'EIO' });
  const error = expectError('LSM_IO', () => keeper.rewriteIfGrown(version, []));
  // CURRENT may name either.
  const before = readBytes(disk, `${DATABASE}/MANIFEST-000001`);
  assert.equal(
    expectError('LSM_IO', () => keeper.append({ added: [], deleted: [], nextFileNumber: 20 })),
    error,
  );
  keeper.finish();
  assert.deepEqual(readBytes(disk, `${DATABASE}/MANIFEST-000001`), before);
});
