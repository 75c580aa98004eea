/** What a verification of a database at rest tells a person who has to decide what to do, and that it changes nothing. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { internals, MiniLsm } from '../../src/db/mini-lsm.ts';
import { LsmError } from '../../src/errors.ts';
import { joinPath, type WritableFile } from '../../src/fs/file-system.ts';
import { MemoryFileSystem } from '../../src/fs/memory-file-system.ts';
import { filesIn, namesOfKind, readBytes, replaceFile } from '../support/edit-file.ts';
import { expectError } from '../support/expect-error.ts';
import { failOnLeaks } from '../support/leaks.ts';
import { BY_HAND, contentsOf, DATABASE } from '../support/small-database.ts';

failOnLeaks();

const ENTRIES = 300;

/** Two tables, a log with two entries, a process that died. */
function killed(): MemoryFileSystem {
  const fs = new MemoryFileSystem();
  const db = MiniLsm.open(DATABASE, { ...BY_HAND, blockBytes: 256, fileSystem: fs });
  const pad = 'x'.repeat(20);
  for (let i = 0; i < ENTRIES; i++) db.put(`key ${String(i).padStart(3, '0')}`, pad);
  db.compact();
  db.put('another table', pad);
  db.flush();
  db.put('in the log', '1', { sync: true });
  db.put('in the log too', '2', { sync: true });
  const left = fs.crashClone();
  db.close();
  return left;
}

/** Verifies, and checks that nothing but the lock was written. */
function verify(fs: MemoryFileSystem, options: Parameters<typeof MiniLsm.verify>[1] = {}) {
  const before = filesIn(fs, DATABASE);
  const report = MiniLsm.verify(DATABASE, { ...options, fileSystem: fs });
  assert.deepEqual(filesIn(fs, DATABASE), before);
  assert.equal(report.ok, report.problems.length === 0);
  return report;
}

function pathOf(fs: MemoryFileSystem, kind: Parameters<typeof namesOfKind>[2], at = 0): string {
  return joinPath(DATABASE, namesOfKind(fs, DATABASE, kind).at(at) ?? '');
}

function flip(fs: MemoryFileSystem, path: string, at: number): void {
  const bytes = readBytes(fs, path);
  bytes[at] ^= 1;
  replaceFile(fs, path, bytes);
}

test('a database that is whole has no problems, and every file is named with its level', () => {
  const fs = killed();
  const report = verify(fs, { recovery: 'strict' });
  assert.deepEqual(report.problems, []);
  assert.deepEqual(
    report.files.map(({ kind, level, entries }) => [kind, level, entries]),
    [
      ['manifest', undefined, report.files[0].entries],
      ['log', undefined, 2],
      ['table', 0, 1],
      ['table', 6, ENTRIES],
    ],
  );
  assert.equal(report.entries, ENTRIES + 1);
  assert.deepEqual([report.discarded, report.unnamed, report.foreign], [[], [], []]);
});

test('a damaged table tells how many of its entries can be read, its keys only when asked, and what to do', () => {
  const fs = killed();
  const path = pathOf(fs, 'table');
  flip(fs, path, 300);
  const { problems, entries } = verify(fs);
  assert.equal(problems.length, 1);
  const [{ file, table, advice }] = problems;
  assert.equal(file, path);
  assert.ok(table !== undefined && table.entriesReadable > ENTRIES / 2 && table.entriesReadable < ENTRIES);
  assert.deepEqual([table.level, table.entries, table.smallest], [6, ENTRIES, undefined]);
  assert.match(
    advice ?? '',
    new RegExp(`repair it, which saves ${table.entriesReadable} of its ${ENTRIES} `),
  );
  assert.equal(entries, 1, 'the other table is whole');
  assert.doesNotMatch(JSON.stringify(problems), /key|kex/);
  const [asked] = verify(fs, { keys: true }).problems;
  assert.equal(Buffer.from(asked.table?.smallest ?? []).toString(), 'key 000');
  assert.equal(Buffer.from(asked.table?.largest ?? []).toString(), `key ${ENTRIES - 1}`);

  const { entries: saved } = MiniLsm.repair(DATABASE, { ...BY_HAND, fileSystem: fs });
  assert.equal(saved, table.entriesReadable + 3, 'repair keeps its word');
});

test('damage everywhere is reported at once, though the database cannot be opened', () => {
  const fs = killed();
  const log = pathOf(fs, 'wal', -1);
  flip(fs, log, 50);
  const [first, second] = [pathOf(fs, 'table', 0), pathOf(fs, 'table', 1)];
  flip(fs, first, 20);
  fs.remove(second);
  expectError('LSM_CORRUPTION', () => MiniLsm.open(DATABASE, { ...BY_HAND, fileSystem: fs }));
  const { problems, files } = verify(fs);
  assert.deepEqual(problems.map(({ file }) => file).sort(), [first, second, log].sort());
  const missing = problems.find(({ file }) => file === second);
  assert.match(`${missing?.message} ${missing?.advice}`, /missing.*none of its \d+ entr/);
  assert.match(problems.find(({ file }) => file === log)?.advice ?? '', /behind the damage/);
  assert.deepEqual(
    files.map(({ kind }) => kind),
    ['manifest'],
  );
});

for (const what of ['damaged', 'missing'] as const) {
  test(`a log behind a ${what} one is judged for itself`, () => {
    const two = killedWithTwoLogs();
    const path = pathOf(two, 'wal', 0);
    if (what === 'damaged') flip(two, path, 70);
    else two.remove(path);
    const { problems, files } = verify(two);
    assert.deepEqual(
      problems.map(({ file }) => file),
      [path],
    );
    assert.deepEqual(
      files.map(({ kind, entries }) => [kind, entries]).filter(([kind]) => kind === 'log'),
      [['log', 1]],
    );
  });
}

/** No tables; an entry in each log. */
function killedWithTwoLogs(): MemoryFileSystem {
  class NoTables extends MemoryFileSystem {
    override createFile(path: string): WritableFile {
      if (path.endsWith('.sst')) throw new LsmError('LSM_NO_SPACE', 'no room for tables');
      return super.createFile(path);
    }
  }
  const fs = new NoTables();
  const db = MiniLsm.open(DATABASE, { ...BY_HAND, fileSystem: fs });
  db.put('first log', '1');
  internals(db).writePath.rotate(0);
  db.put('second log', '2');
  const two = fs.crashClone();
  db.close();
  assert.equal(namesOfKind(two, DATABASE, 'wal').length, 2);
  return two;
}

test('a manifest that is not whole to its last byte is a problem while the database is open', () => {
  const fs = new MemoryFileSystem();
  const db = MiniLsm.open(DATABASE, { ...BY_HAND, fileSystem: fs });
  db.put('key', 'value');
  db.flush();
  const path = pathOf(fs, 'manifest');
  const bytes = readBytes(fs, path);
  assert.ok(db.verify().ok);
  flip(fs, path, bytes.length - 1); // of the seal behind the last edit
  assert.deepEqual(
    db.verify().problems.map(({ file }) => file),
    [path],
  );
  replaceFile(fs, path, bytes);
  db.close();
});

test('without a manifest every table is checked for itself', () => {
  for (const lose of ['CURRENT', 'manifest', 'manifest byte'] as const) {
    const fs = killed();
    const path = lose === 'CURRENT' ? joinPath(DATABASE, 'CURRENT') : pathOf(fs, 'manifest');
    if (lose === 'manifest byte') flip(fs, path, 60);
    else fs.remove(path);
    flip(fs, pathOf(fs, 'table'), 20);
    const { problems, files } = verify(fs);
    assert.deepEqual(
      problems.map(({ file }) => file),
      [path, pathOf(fs, 'table')],
    );
    assert.match(problems[0].advice ?? '', /deleted keys can come back/);
    assert.deepEqual(
      files.map(({ file }) => file),
      [pathOf(fs, 'table', 1)],
    );
  }
});

test('a torn tail is told, and is a problem for strict recovery alone', () => {
  const fs = killed();
  const path = pathOf(fs, 'wal', -1);
  const whole = readBytes(fs, path);
  replaceFile(fs, path, Buffer.concat([whole, Buffer.from('torn')]));
  const tail = { file: path, offset: whole.length, bytes: 4, reason: 'short header' };
  const report = verify(fs);
  assert.deepEqual([report.ok, report.discarded], [true, [tail]]);
  const strict = verify(fs, { recovery: 'strict' });
  assert.deepEqual([strict.problems.length, strict.discarded], [1, [tail]]);
  const db = MiniLsm.open(DATABASE, { ...BY_HAND, fileSystem: fs });
  assert.deepEqual(db.recovery.discarded, [tail], 'opening does what was foretold');
  db.close();
});

test('files that nothing names and files of others are told apart, and are no problems', () => {
  const fs = killed();
  replaceFile(fs, joinPath(DATABASE, '900001.sst'), Buffer.from('an output that was never finished'));
  replaceFile(fs, joinPath(DATABASE, 'notes.txt'), Buffer.from('mine'));
  const { ok, unnamed, foreign } = verify(fs);
  assert.deepEqual([ok, unnamed, foreign], [true, ['900001.sst'], ['notes.txt']]);
  const db = MiniLsm.open(DATABASE, { ...BY_HAND, fileSystem: fs });
  assert.deepEqual(db.recovery.orphans, ['900001.sst']);
  db.close();
});

test('every byte of a small database that is changed is reported, or opening gives the same as before', () => {
  const fs = killed();
  const db = MiniLsm.open(DATABASE, { ...BY_HAND, fileSystem: fs.crashClone() });
  const expected = contentsOf(db);
  db.close();
  for (const [name, bytes] of filesIn(fs, DATABASE)) {
    for (let at = 0; at < bytes.length; at += Math.max(1, Math.floor(bytes.length / 25))) {
      const disk = fs.crashClone();
      flip(disk, joinPath(DATABASE, name), at);
      const { ok, discarded } = verify(disk);
      if (!ok || discarded.length > 0) continue;
      const opened = MiniLsm.open(DATABASE, { ...BY_HAND, fileSystem: disk });
      assert.deepEqual(contentsOf(opened), expected, `${name} at ${at}`);
      opened.close();
    }
  }
});

test('progress is told, a database that is open is locked, and what is no database is said to be none', () => {
  const fs = killed();
  const progress: [number, number][] = [];
  verify(fs, { onProgress: (done, total) => progress.push([done, total]) });
  assert.equal(progress.length, 2);
  assert.equal(progress[1][0], progress[1][1]);
  const db = MiniLsm.open(DATABASE, { ...BY_HAND, fileSystem: fs });
  expectError('LSM_LOCKED', () => MiniLsm.verify(DATABASE, { fileSystem: fs }));
  db.close();
  assert.equal(verify(fs).ok, true);
  fs.makeDirectory('/empty');
  expectError('LSM_NOT_FOUND', () => MiniLsm.verify('/empty', { fileSystem: fs }));
  expectError('LSM_NOT_FOUND', () => MiniLsm.verify('/nowhere', { fileSystem: fs }));
  assert.deepEqual(fs.list('/empty'), []);
  for (const options of [{ onProgress: 1 }, { keys: 1 }, { recovery: 'lax' }, { unknown: 1 }]) {
    expectError('LSM_INVALID_ARGUMENT', () =>
      MiniLsm.verify(DATABASE, { fileSystem: fs, ...options } as object),
    );
  }
});

test('on a file system that is mounted read-only no lock is needed', () => {
  const disk = killed();
  class ReadOnly extends MemoryFileSystem {
    override lock(): never {
      const cause = Object.assign(new Error('EROFS'), { code: 'EROFS' });
      throw new LsmError('LSM_IO', 'cannot lock', { cause });
    }
  }
  const fs = new ReadOnly();
  fs.makeDirectory(DATABASE);
  for (const [name, bytes] of filesIn(disk, DATABASE)) replaceFile(fs, joinPath(DATABASE, name), bytes);
  assert.equal(MiniLsm.verify(DATABASE, { fileSystem: fs }).ok, true);
});
