/** The directory lost/ of a database: who may stand there, and what goes with the database. */
import assert from 'node:assert/strict';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { removeLostFiles } from '../../../src/db/repair/lost-files.ts';
import { joinPath } from '../../../src/fs/file-system.ts';
import { MemoryFileSystem } from '../../../src/fs/memory-file-system.ts';
import { NodeFileSystem } from '../../../src/fs/node-file-system.ts';
import { filesIn, namesOfKind } from '../../support/edit-file.ts';
import { expectError } from '../../support/expect-error.ts';
import { DATABASE } from '../../support/small-database.ts';
import { temporaryDirectory } from '../../support/temporary-directory.ts';
import { flip, LOST, repair, scene } from './scenes.ts';

test('a file or a link in its place is refused, and the database stays as it was', () => {
  for (const what of ['no directory', 'a symbolic link']) {
    const { fs } = scene('closed');
    flip(fs, namesOfKind(fs, DATABASE, 'table')[0], 30);
    if (what === 'no directory') {
      fs.createFile(LOST).close();
    } else {
      const status = fs.status.bind(fs);
      fs.status = (path) => (path === LOST ? { kind: 'directory', bytes: 0, isLink: true } : status(path));
    }
    const before = filesIn(fs, DATABASE);
    const error = expectError('LSM_IO', () => repair(fs));
    assert.ok(error.message.includes(`${LOST} is ${what}`), error.message);
    assert.deepEqual(filesIn(fs, DATABASE), before);
  }
});

test('what repairs put there goes with a database, and what others put there stays', () => {
  for (const others of [[], ['notes.txt', 'CURRENT.x']]) {
    const fs = new MemoryFileSystem();
    fs.makeDirectory(LOST);
    const names = ['000007.sst', '000007.sst.2', 'CURRENT', 'MANIFEST-000003.12', ...others];
    for (const name of names) fs.createFile(joinPath(LOST, name)).close();
    removeLostFiles(fs, DATABASE);
    if (others.length === 0) assert.equal(fs.status(LOST), undefined);
    else assert.deepEqual(fs.list(LOST).sort(), [...others].sort());
  }
});

test('nothing is removed behind a link, nor where nothing is', (t) => {
  const root = temporaryDirectory(t);
  const fs = new NodeFileSystem();
  mkdirSync(join(root, 'elsewhere'));
  mkdirSync(join(root, 'db'));
  writeFileSync(join(root, 'elsewhere', 'CURRENT'), '');
  removeLostFiles(fs, join(root, 'db'));
  symlinkSync(join(root, 'elsewhere'), join(root, 'db', 'lost'));
  removeLostFiles(fs, join(root, 'db'));
  assert.deepEqual(fs.list(join(root, 'elsewhere')), ['CURRENT']);
});
