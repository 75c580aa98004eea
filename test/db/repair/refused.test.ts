/** What is no database of ours is not repaired, and left exactly as it is. */
import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { MiniLsm } from '../../../src/db/mini-lsm.ts';
import type { RepairOptions } from '../../../src/db/repair/report.ts';
import { joinPath } from '../../../src/fs/file-system.ts';
import { MemoryFileSystem } from '../../../src/fs/memory-file-system.ts';
import { translateError } from '../../../src/fs/node-errors.ts';
import { asNewerFormat, namesOfKind, readBytes, replaceFile } from '../../support/edit-file.ts';
import { expectError } from '../../support/expect-error.ts';
import { failOnLeaks } from '../../support/leaks.ts';
import { DATABASE } from '../../support/small-database.ts';
import { temporaryDirectory } from '../../support/temporary-directory.ts';
import { contentsOf, everyFile, repair, scene, wholeContents } from './scenes.ts';

failOnLeaks();

describe('a repair is refused', () => {
  test('where there is no directory, in the words that Node.js uses', (t) => {
    const path = join(temporaryDirectory(t), 'nowhere');
    const error = expectError('LSM_NOT_FOUND', () => MiniLsm.repair(path));
    assert.match(error.message, /no such file or directory/);
    assert.equal(error.file, path);
  });

  test('of a file, of an empty directory and of one with files of others', (t) => {
    const root = temporaryDirectory(t);
    writeFileSync(join(root, 'notes.txt'), 'mine');
    mkdirSync(join(root, 'empty'));
    expectError('LSM_INVALID_ARGUMENT', () => MiniLsm.repair(join(root, 'notes.txt')));
    expectError('LSM_NOT_FOUND', () => MiniLsm.repair(join(root, 'empty')));
    expectError('LSM_NOT_FOUND', () => MiniLsm.repair(root));
    assert.deepEqual(readdirSync(root).sort(), ['empty', 'notes.txt']);
    assert.deepEqual(readdirSync(join(root, 'empty')), []);
  });

  test('of a LevelDB database', (t) => {
    const root = temporaryDirectory(t);
    writeFileSync(join(root, 'CURRENT'), 'MANIFEST-000005\n');
    writeFileSync(join(root, 'MANIFEST-000005'), 'V');
    writeFileSync(join(root, '000007.sst'), 'of RocksDB');
    const error = expectError('LSM_UNSUPPORTED_FORMAT', () => MiniLsm.repair(root));
    assert.match(error.message, /LevelDB/);
    assert.deepEqual(readdirSync(root).sort(), ['000007.sst', 'CURRENT', 'MANIFEST-000005']);
  });

  test('of files of which none says whose it is', () => {
    const fs = new MemoryFileSystem();
    fs.makeDirectory(DATABASE);
    for (const name of ['000007.sst', '000008.wal', 'MANIFEST-000009', 'CURRENT']) {
      replaceFile(fs, joinPath(DATABASE, name), new Uint8Array(300).fill(7));
    }
    const before = everyFile(fs);
    expectError('LSM_CORRUPTION', () => repair(fs));
    assert.deepEqual(everyFile(fs), before);
  });

  test('of an open database', () => {
    const fs = new MemoryFileSystem();
    const db = MiniLsm.open(DATABASE, { fileSystem: fs });
    expectError('LSM_LOCKED', () => repair(fs));
    db.close();
    repair(fs);
  });

  for (const kind of ['current', 'manifest', 'table', 'wal'] as const) {
    for (const known of [true, false]) {
      test(`of a ${kind} of a newer version${known ? '' : ', without CURRENT'}`, () => {
        const { fs } = scene('closed');
        const [name] = namesOfKind(fs, DATABASE, kind);
        const path = joinPath(DATABASE, name);
        replaceFile(fs, path, asNewerFormat(readBytes(fs, path), kind));
        if (!known && kind !== 'current') fs.remove(joinPath(DATABASE, 'CURRENT'));
        const before = everyFile(fs);
        const error = expectError('LSM_UNSUPPORTED_FORMAT', () => repair(fs));
        assert.equal(error.file, path);
        assert.deepEqual(everyFile(fs), before);
      });
    }
  }

  for (const kind of ['current', 'manifest', 'table', 'wal'] as const) {
    for (const errno of ['EACCES', 'EMFILE']) {
      test(`where a ${kind} may be whole, and reading it fails with ${errno}`, () => {
        const { fs } = scene('killed');
        const [name] = namesOfKind(fs, DATABASE, kind);
        const before = everyFile(fs);
        const openFile = fs.openFile.bind(fs);
        fs.openFile = (path) => {
          const file = openFile(path);
          if (path !== joinPath(DATABASE, name)) return file;
          file.read = () => {
            throw translateError(Object.assign(new Error('refused'), { code: errno }), 'read', path, 'read');
          };
          return file;
        };
        const error = expectError('LSM_IO', () => repair(fs));
        assert.equal(error.file, joinPath(DATABASE, name));
        fs.openFile = openFile;
        assert.deepEqual(everyFile(fs), before);
      });
    }
  }

  test('with arguments that are none', () => {
    const wrong: readonly unknown[] = [{ onProgress: 1 }, { blockBytes: -1 }, { what: 1 }, null, 5, 'x', []];
    for (const options of wrong) {
      expectError('LSM_INVALID_ARGUMENT', () => MiniLsm.repair(DATABASE, options as RepairOptions));
    }
    for (const path of ['', 'a\0b', 5, undefined]) {
      expectError('LSM_INVALID_ARGUMENT', () => MiniLsm.repair(path as string));
    }
  });
});

test('files of others, and things that only have the names of ours, are left alone', () => {
  for (const known of [true, false]) {
    const { fs, model } = scene('closed');
    if (!known) fs.remove(joinPath(DATABASE, 'CURRENT'));
    replaceFile(fs, `${DATABASE}/notes.txt`, Uint8Array.of(1));
    replaceFile(fs, `${DATABASE}/1.sst`, Uint8Array.of(2));
    fs.makeDirectory(`${DATABASE}/000800.sst`);
    fs.makeDirectory(`${DATABASE}/MANIFEST-000801`);
    repair(fs);
    for (const name of ['notes.txt', '1.sst', '000800.sst', 'MANIFEST-000801']) {
      assert.ok(fs.list(DATABASE).includes(name), name);
    }
    assert.deepEqual(wholeContents(fs), contentsOf(model));
  }
});

test('on the disk, a database is repaired and then opened by a thread of its own', (t) => {
  const path = join(temporaryDirectory(t), 'db');
  const db = MiniLsm.open(path, { memtableBytes: 4096, background: 'inline' });
  for (let i = 0; i < 300; i++) db.put(`key ${i}`, 'v'.repeat(i));
  db.close();
  writeFileSync(join(path, 'CURRENT'), 'nonsense');
  const report = MiniLsm.repair(path);
  assert.equal(report.entries, 300);
  assert.deepEqual(report.setAside.slice(0, 1), [join(path, 'lost', 'CURRENT')]);
  const again = MiniLsm.open(path, { createIfMissing: false });
  assert.equal([...again.scan()].length, 300);
  assert.deepEqual(again.verify().problems, []);
  again.close();
});
