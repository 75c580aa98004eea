import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MemoryFileSystem } from '../../src/fs/memory-file-system.ts';
import { checkVersion } from '../../src/version/check-version.ts';
import { tablePath } from '../../src/version/file-names.ts';
import type { TableMeta } from '../../src/version/table-meta.ts';
import { Version } from '../../src/version/version.ts';
import { expectError } from '../support/expect-error.ts';
import { l0Table, table, versionOf } from './table-fixture.ts';

/** A Version that `apply` would refuse to make. */
function broken(levels: Readonly<Record<number, readonly TableMeta[]>>): Version {
  return new Version(Array.from({ length: 7 }, (_, level) => levels[level] ?? []));
}

test('a sound Version passes', () => {
  checkVersion(Version.empty(7));
  checkVersion(
    versionOf({
      0: [l0Table(1, 1, 'a', 'z'), l0Table(2, 2, 'a', 'z')],
      1: [table(3, 'a', 'c'), table(4, 'd', 'f')],
      6: [table(5, 'a', 'z')],
    }),
  );
});

const UNSOUND: Readonly<Record<string, Version>> = {
  'tables out of order': broken({ 1: [table(1, 'd', 'f'), table(2, 'a', 'c')] }),
  'tables that share a key': broken({ 1: [table(1, 'a', 'c'), table(2, 'c', 'f')] }),
  'L0 out of order': broken({ 0: [l0Table(1, 1, 'a', 'c'), l0Table(2, 2, 'a', 'c')] }),
  'an epoch twice': broken({ 0: [l0Table(1, 1, 'a', 'c'), l0Table(1, 2, 'a', 'c')] }),
  'no epoch in L0': broken({ 0: [table(1, 'a', 'c')] }),
  'an epoch below L0': broken({ 1: [l0Table(1, 1, 'a', 'c')] }),
  'a file in two levels': broken({ 1: [table(1, 'a', 'c')], 2: [table(1, 'a', 'c')] }),
  'a range upside down': broken({ 1: [table(1, 'c', 'a')] }),
  'sequences upside down': broken({ 1: [table(1, 'a', 'c', { minSequence: 11 })] }),
  'an empty table': broken({ 1: [table(1, 'a', 'c', { entryCount: 0 })] }),
  'more tombstones than entries': broken({ 1: [table(1, 'a', 'c', { tombstoneCount: 11 })] }),
  'newer data in the older L0 table': broken({
    0: [l0Table(2, 2, 'a', 'c'), l0Table(1, 1, 'a', 'c', { maxSequence: 25 })],
  }),
  'a newer version of a key below an older one': broken({
    1: [table(1, 'k', 'k', { minSequence: 5, maxSequence: 6 })],
    3: [table(2, 'k', 'k', { minSequence: 6, maxSequence: 9 })],
  }),
};

for (const [name, version] of Object.entries(UNSOUND)) {
  test(`${name} is found`, () => {
    expectError('LSM_INTERNAL', () => checkVersion(version));
  });
}

test('a missing file and one of the wrong size are found', () => {
  const fs = new MemoryFileSystem();
  fs.makeDirectory('/db');
  const version = versionOf({ 1: [table(1, 'a', 'c', { fileBytes: 10 })] });
  const files = { fs, directory: '/db' };
  assert.match(expectError('LSM_CORRUPTION', () => checkVersion(version, files)).message, /missing/);
  const file = fs.createFile(tablePath('/db', 1));
  file.append(new Uint8Array(9));
  expectError('LSM_CORRUPTION', () => checkVersion(version, files));
  file.append(new Uint8Array(1));
  checkVersion(version, files);
});

test('a directory in the place of a table is no table', () => {
  const fs = new MemoryFileSystem();
  fs.makeDirectory(tablePath('/db', 1));
  const version = versionOf({ 1: [table(1, 'a', 'c')] });
  const check = () => checkVersion(version, { fs, directory: '/db' });
  assert.match(expectError('LSM_CORRUPTION', check).message, /not a file/);
});
