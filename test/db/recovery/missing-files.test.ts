/** A file that is missing, cut short, too long, or another database's: an error names it, and nothing is lost. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { MiniLsm } from '../../../src/db/mini-lsm.ts';
import { joinPath } from '../../../src/fs/file-system.ts';
import { MemoryFileSystem } from '../../../src/fs/memory-file-system.ts';
import { filesIn, namesOfKind, readBytes, replaceFile } from '../../support/edit-file.ts';
import { expectError } from '../../support/expect-error.ts';
import { failOnLeaks } from '../../support/leaks.ts';
import { BY_HAND, contentsOf, DATABASE } from '../../support/small-database.ts';

failOnLeaks();

/** A table at the bottom, one in L0, and batches in the log. */
function written(): MemoryFileSystem {
  const fs = new MemoryFileSystem();
  const db = MiniLsm.open(DATABASE, { ...BY_HAND, fileSystem: fs });
  db.put('a', 'bottom');
  db.compact();
  db.put('b', 'L0');
  db.flush();
  db.put('c', 'log');
  return fs.crashClone();
}

const CONTENTS = ['a=bottom', 'b=L0', 'c=log'];

function open(fs: MemoryFileSystem): MiniLsm {
  return MiniLsm.open(DATABASE, { ...BY_HAND, fileSystem: fs });
}

/** Opening is refused with an error about that file, and leaves every file as it is. */
function expectRefusal(fs: MemoryFileSystem, name: string): void {
  const before = filesIn(fs, DATABASE);
  const error = expectError('LSM_CORRUPTION', () => open(fs));
  assert.equal(error.file, joinPath(DATABASE, name), error.message);
  assert.match(error.message, new RegExp(name));
  assert.deepEqual(filesIn(fs, DATABASE), before);
}

/** With the right bytes put back, everything is there. */
function expectAllAfter(fs: MemoryFileSystem, name: string, bytes: Uint8Array): void {
  replaceFile(fs, joinPath(DATABASE, name), bytes);
  const db = open(fs);
  assert.deepEqual(contentsOf(db), CONTENTS);
  assert.deepEqual(db.verify().problems, []);
  db.close();
}

const KINDS = { table: 2, wal: 1, manifest: 1, current: 1 } as const;

for (const kind of ['table', 'wal', 'manifest', 'current'] as const) {
  describe(`a file of the kind ${kind}`, () => {
    const whole = written();
    const names = namesOfKind(whole, DATABASE, kind);
    assert.equal(names.length, KINDS[kind]);

    for (const [at, name] of names.entries()) {
      const path = joinPath(DATABASE, name);
      const bytes = readBytes(whole, path);

      test(`that is missing is named (${at + 1})`, () => {
        const fs = whole.crashClone();
        fs.remove(path);
        expectRefusal(fs, name);
        expectAllAfter(fs, name, bytes);
      });

      test(`that is empty is named (${at + 1})`, () => {
        const fs = whole.crashClone();
        replaceFile(fs, path, new Uint8Array(0));
        expectRefusal(fs, name);
        expectAllAfter(fs, name, bytes);
      });

      test(`that belongs to another database is named (${at + 1})`, () => {
        const fs = whole.crashClone();
        const other = written();
        replaceFile(fs, path, readBytes(other, path));
        // A table of the same size is only looked at when it is read; a foreign CURRENT meets a manifest
        // that is not its own.
        if (kind === 'table') {
          const db = open(fs);
          assert.equal(expectError('LSM_CORRUPTION', () => contentsOf(db)).file, path);
          assert.deepEqual(
            db.verify().problems.map(({ file }) => file),
            [path],
          );
          db.close();
        } else {
          expectRefusal(fs, kind === 'current' ? namesOfKind(fs, DATABASE, 'manifest')[0] : name);
          expectAllAfter(fs, name, bytes);
        }
      });

      if (kind === 'wal') continue; // bytes of a torn batch may stand there
      test(`that has more bytes than it should is named (${at + 1})`, () => {
        const fs = whole.crashClone();
        replaceFile(fs, path, Uint8Array.from([...bytes, 0]));
        if (kind === 'manifest') {
          // A torn edit looks like this: it was never acknowledged.
          const db = open(fs);
          assert.deepEqual(contentsOf(db), CONTENTS);
          db.close();
          return;
        }
        expectRefusal(fs, name);
        expectAllAfter(fs, name, bytes);
      });
    }
  });
}

test('two tables that changed places are refused where they are read', () => {
  const fs = new MemoryFileSystem();
  const first = open(fs);
  for (const key of ['a', 'b']) {
    first.put(key, 'same size');
    first.flush();
  }
  first.close();
  const [one, two] = namesOfKind(fs, DATABASE, 'table').map((name) => joinPath(DATABASE, name));
  const [ofOne, ofTwo] = [readBytes(fs, one), readBytes(fs, two)];
  assert.equal(ofOne.length, ofTwo.length);
  replaceFile(fs, one, ofTwo);
  replaceFile(fs, two, ofOne);
  const db = open(fs);
  for (const key of ['a', 'b']) expectError('LSM_CORRUPTION', () => db.get(key));
  expectError('LSM_CORRUPTION', () => contentsOf(db));
  db.close();
});

describe('a directory without CURRENT', () => {
  test('is refused while a table or a log in it holds data, and left as it is', () => {
    for (const kinds of [['table'], ['wal'], ['table', 'wal']]) {
      const fs = written();
      for (const name of fs.list(DATABASE)) {
        const keeps = kinds.some((kind) => namesOfKind(fs, DATABASE, kind as 'table').includes(name));
        if (!keeps) fs.remove(joinPath(DATABASE, name));
      }
      expectRefusal(fs, 'CURRENT');
    }
  });

  test('is a new database if the first open was interrupted before it was done', () => {
    const fs = new MemoryFileSystem();
    open(fs).close();
    const log = namesOfKind(fs, DATABASE, 'wal')[0];
    const header = readBytes(fs, joinPath(DATABASE, log)).subarray(0, 48);
    replaceFile(fs, joinPath(DATABASE, log), header);
    fs.remove(joinPath(DATABASE, 'CURRENT'));
    const db = open(fs);
    assert.equal(db.recovery.created, true);
    db.put('a', 'new');
    assert.deepEqual(contentsOf(db), ['a=new']);
    db.close();
  });
});
