/** Repairing a database of which something can't be read, or is not what its name says. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { joinPath } from '../../../src/fs/file-system.ts';
import type { MemoryFileSystem } from '../../../src/fs/memory-file-system.ts';
import { translateError } from '../../../src/fs/node-errors.ts';
import { KIND_PUT } from '../../../src/keys/internal-key.ts';
import { LOG_HEADER_BYTES } from '../../../src/log/log-format.ts';
import { TableBuilder } from '../../../src/sstable/table-builder.ts';
import { readCurrent } from '../../../src/version/current-file.ts';
import { parseFileName } from '../../../src/version/file-names.ts';
import { namesOfKind, readBytes, replaceFile } from '../../support/edit-file.ts';
import { expectError } from '../../support/expect-error.ts';
import { failOnLeaks } from '../../support/leaks.ts';
import { DATABASE } from '../../support/small-database.ts';
import { everyFile, flip, LOST, lostFiles, repair, scene, wholeContents } from './scenes.ts';

failOnLeaks();

interface Read {
  readonly path: string;
  readonly length: number;
  /** How many reads of this file there were before. */
  readonly before: number;
}

/** Lets reads fail with an error of the operating system. */
function failReads(fs: MemoryFileSystem, errno: string, fails: (read: Read) => boolean): void {
  const reads = new Map<string, number>();
  const openFile = fs.openFile.bind(fs);
  fs.openFile = (path) => {
    const file = openFile(path);
    const read = file.read.bind(file);
    file.read = (into, start, length, position) => {
      const before = reads.get(path) ?? 0;
      reads.set(path, before + 1);
      if (fails({ path, length, before })) {
        throw translateError(Object.assign(new Error('no'), { code: errno }), 'read', path, 'read');
      }
      read(into, start, length, position);
    };
    return file;
  };
}

describe('a log on bad sectors', () => {
  for (const [part, isThere] of [
    ['its header', (length: number) => length <= LOG_HEADER_BYTES],
    ['its records', (length: number) => length > LOG_HEADER_BYTES],
  ] as const) {
    for (const manifest of ['kept', 'rebuilt'] as const) {
      test(`under ${part} is put into lost/, and the rest is repaired; manifest ${manifest}`, () => {
        const { fs } = scene('killed');
        const log = joinPath(DATABASE, namesOfKind(fs, DATABASE, 'wal')[0]);
        if (manifest === 'rebuilt') fs.remove(joinPath(DATABASE, 'CURRENT'));
        const openFile = fs.openFile;
        failReads(fs, 'EIO', ({ path, length }) => path === log && isThere(length));
        const report = repair(fs);
        assert.equal(report.manifest, manifest);
        const [problem] = report.problems.filter(({ file }) => file === log);
        assert.equal(problem.code, 'LSM_IO', 'nobody knows whether it is damaged');
        assert.ok(report.setAside.includes(joinPath(LOST, log.slice(DATABASE.length + 1))));
        fs.openFile = openFile;
        assert.ok(wholeContents(fs).length > 0);
      });
    }
  }
});

test('a table on bad sectors of which nobody says whose it is is put into lost/, with the error of the disk', () => {
  const { fs } = scene('killed');
  const [name] = namesOfKind(fs, DATABASE, 'table');
  const table = joinPath(DATABASE, name);
  fs.remove(joinPath(DATABASE, 'CURRENT'));
  const openFile = fs.openFile;
  failReads(fs, 'EIO', ({ path }) => path === table);
  const report = repair(fs);
  const [problem, ...others] = report.problems.filter(({ file }) => file === table);
  assert.equal(problem.code, 'LSM_IO');
  assert.deepEqual(others, []);
  assert.ok(report.setAside.includes(joinPath(LOST, name)));
  fs.openFile = openFile;
  wholeContents(fs);
});

describe('a repair that is refused a file on the way leaves the database as it was:', () => {
  test('the records of a log', () => {
    const { fs } = scene('killed');
    const log = joinPath(DATABASE, namesOfKind(fs, DATABASE, 'wal')[0]);
    const before = everyFile(fs);
    const openFile = fs.openFile;
    failReads(fs, 'EACCES', ({ path, length }) => path === log && length > LOG_HEADER_BYTES);
    assert.equal(expectError('LSM_IO', () => repair(fs)).file, log);
    fs.openFile = openFile;
    assert.deepEqual(everyFile(fs), before);
  });

  test('CURRENT, when it is asked whose files these are', () => {
    const { fs } = scene('killed');
    const current = joinPath(DATABASE, 'CURRENT');
    flip(fs, namesOfKind(fs, DATABASE, 'manifest')[0], 60);
    for (let refused = 0; ; refused++) {
      const attempt = fs.crashClone();
      const before = everyFile(attempt);
      const openFile = attempt.openFile;
      let met = false;
      failReads(attempt, 'EACCES', ({ path, before: reads }) => {
        met ||= path === current && reads === refused;
        return path === current && reads === refused;
      });
      if (refused > 2) break;
      assert.equal(expectError('LSM_IO', () => repair(attempt)).file, current);
      assert.ok(met);
      attempt.openFile = openFile;
      assert.deepEqual(everyFile(attempt), before);
    }
  });
});

describe('what lies in lost/ already', () => {
  /** A database whose CURRENT is damaged, and what an earlier repair has left under that name. */
  function withLost(spoil: (current: Uint8Array) => Uint8Array): MemoryFileSystem {
    const { fs } = scene('closed');
    flip(fs, 'CURRENT', 20);
    fs.makeDirectory(LOST);
    replaceFile(fs, joinPath(LOST, 'CURRENT'), spoil(readBytes(fs, joinPath(DATABASE, 'CURRENT')).slice()));
    return fs;
  }

  for (const [what, spoil] of [
    ['a shorter file', (bytes: Uint8Array) => bytes.subarray(1)],
    ['one with other bytes', (bytes: Uint8Array) => bytes.fill(7)],
  ] as const) {
    test(`under the same name stays, and the new one has a number: ${what}`, () => {
      const fs = withLost(spoil);
      const before = lostFiles(fs).get('CURRENT');
      assert.ok(repair(fs).setAside.includes(joinPath(LOST, 'CURRENT.2')));
      assert.equal(lostFiles(fs).get('CURRENT'), before);
      wholeContents(fs);
    });
  }

  test('is not put there twice', () => {
    const fs = withLost((bytes) => bytes);
    assert.ok(repair(fs).setAside.includes(joinPath(LOST, 'CURRENT')));
    assert.equal(lostFiles(fs).has('CURRENT.2'), false);
  });

  test('must be readable to be compared', () => {
    const fs = withLost((bytes) => bytes);
    failReads(fs, 'EACCES', ({ path }) => path === joinPath(LOST, 'CURRENT'));
    assert.equal(expectError('LSM_IO', () => repair(fs)).file, joinPath(LOST, 'CURRENT'));
  });
});

test('a whole table that is not the one of the manifest is put into lost/', () => {
  const { fs } = scene('closed');
  const [name] = namesOfKind(fs, DATABASE, 'table');
  const { databaseId } = readCurrent(fs, DATABASE);
  const fileNumber = parseFileName(name)?.number ?? 0;
  const path = joinPath(DATABASE, name);
  fs.remove(path);
  const options = { blockBytes: 4096, bloomBitsPerKey: 0, compression: 'none' } as const;
  const builder = new TableBuilder(fs, path, { databaseId, fileNumber }, options);
  builder.add(Uint8Array.of(1), 0, 1, 1, KIND_PUT, Uint8Array.of(), 0, 0);
  builder.finish();
  const report = repair(fs);
  assert.deepEqual(report.setAside, [joinPath(LOST, name)]);
  assert.match(report.problems[0].message, /it holds other entries than the manifest says/);
  wholeContents(fs);
});
