import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LsmError } from '../../src/errors.ts';
import { MemoryFileSystem } from '../../src/fs/memory-file-system.ts';
import { levelDbManifestName, refuseLevelDb } from '../../src/version/leveldb-directory.ts';
import { expectError } from '../support/expect-error.ts';

const text = (value: string): Uint8Array => new TextEncoder().encode(value);

function directoryWith(files: Readonly<Record<string, string>>): MemoryFileSystem {
  const fs = new MemoryFileSystem();
  fs.makeDirectory('/d');
  for (const [name, content] of Object.entries(files)) {
    const file = fs.createFile(`/d/${name}`);
    file.append(text(content));
    file.close();
  }
  return fs;
}

test('the CURRENT of LevelDB is the name of a manifest and a line end, and nothing else', () => {
  assert.equal(levelDbManifestName(text('MANIFEST-000008\n')), 'MANIFEST-000008');
  for (const current of ['MANIFEST-000008', 'MANIFEST-\n', '/MANIFEST-000008\n', 'MANIFEST-000008\n\n', '']) {
    assert.equal(levelDbManifestName(text(current)), undefined);
  }
  assert.equal(levelDbManifestName(text('MANIFEST-000008\n'.padEnd(64, '\n'))), undefined);
});

test('a directory of LevelDB is refused, also without its CURRENT', () => {
  for (const files of [{ CURRENT: 'MANIFEST-000008\n' }, { '000005.ldb': '' }, { '000006.log': '' }]) {
    expectError('LSM_UNSUPPORTED_FORMAT', () => refuseLevelDb(directoryWith(files), '/d'));
  }
});

test('any other directory is not, nor one that does not exist', () => {
  for (const files of [{}, { CURRENT: 'something else' }, { '000005.sst': '', 'notes.log': '' }]) {
    refuseLevelDb(directoryWith(files), '/d');
  }
  refuseLevelDb(new MemoryFileSystem(), '/d');
});

test('a directory that cannot be read is an error of its own', () => {
  const fs = directoryWith({});
  fs.openFile = () => {
    throw new LsmError('LSM_IO', 'no');
  };
  expectError('LSM_IO', () => refuseLevelDb(fs, '/d'));
});
