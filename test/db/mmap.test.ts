/** The option mmap: where it can be had, and a database that reads its tables through mappings of the real disk. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { MemoryFileSystem, MiniLsm } from '../../src/index.ts';
import { MappingFileSystem } from '../simulation/mapping-file-system.ts';
import { expectError } from '../support/expect-error.ts';
import { MAPPINGS_ARE_MISSING } from '../support/real-mappings.ts';
import { BY_HAND, contentsOf, textOf } from '../support/small-database.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

function fill(db: MiniLsm, from: number, to: number): void {
  for (let i = from; i < to; i++) db.put(`key ${i}`, `value ${i} `.padEnd(100, '.'));
}

test('a file system whose files cannot be mapped is refused, and nothing is made', () => {
  const fileSystem = new MemoryFileSystem();
  const error = expectError('LSM_INVALID_ARGUMENT', () => MiniLsm.open('/db', { fileSystem, mmap: true }));
  assert.match(error.message, /mmap/);
  assert.deepEqual(fileSystem.list('/'), []);
});

test('tables are mapped when they are read first, and not longer than they are needed', () => {
  const fileSystem = new MappingFileSystem(new MemoryFileSystem());
  const db = MiniLsm.open('/db', { ...BY_HAND, fileSystem, mmap: true });
  fill(db, 0, 300);
  db.flush();
  assert.deepEqual(fileSystem.mappedPaths(), []);
  assert.equal(textOf(db.get('key 7'))?.slice(0, 7), 'value 7');
  assert.ok(fileSystem.mappedPaths().length > 0);

  const before = contentsOf(db);
  const cursor = db.cursor();
  assert.ok(cursor.first());
  const read = fileSystem.mappedPaths();
  fill(db, 300, 400);
  db.compact();
  assert.equal(contentsOf(db).length, 400);
  // The cursor goes on where its tables are read, which nothing else needs.
  for (const path of read) assert.ok(fileSystem.mappedPaths().includes(path));
  let seen = 1;
  while (cursor.next()) seen += 1;
  assert.equal(seen, before.length);
  cursor.close();
  for (const path of read) assert.ok(!fileSystem.mappedPaths().includes(path));
  db.close();
});

test('an open cursor does not keep a mapping when the database is closed', () => {
  const fileSystem = new MappingFileSystem(new MemoryFileSystem());
  const db = MiniLsm.open('/db', { ...BY_HAND, fileSystem, mmap: true });
  fill(db, 0, 300);
  db.flush();
  const cursor = db.cursor();
  assert.ok(cursor.first());
  assert.ok(fileSystem.mappedPaths().length > 0);
  db.close();
  assert.deepEqual(fileSystem.mappedPaths(), []);
  expectError('LSM_CLOSED', () => cursor.next());
});

test('what callers were given is theirs, whatever becomes of the mapping', () => {
  const fileSystem = new MappingFileSystem(new MemoryFileSystem());
  const db = MiniLsm.open('/db', { ...BY_HAND, fileSystem, mmap: true });
  fill(db, 0, 300);
  db.flush();
  const value = db.get('key 9');
  const [[key]] = db.scan({ limit: 1 });
  db.close();
  assert.equal(textOf(value), 'value 9 '.padEnd(100, '.'));
  assert.equal(textOf(key), 'key 0');
});

function realTest(name: string, run: (t: TestContext) => void): void {
  test(name, { skip: MAPPINGS_ARE_MISSING ?? false }, run);
}

for (const compression of ['none', 'lz4'] as const) {
  realTest(`a database on the disk reads the same through mappings (compression ${compression})`, (t) => {
    const path = temporaryDirectory(t);
    const options = { ...BY_HAND, compression, tableBytes: 16_384, mmap: true };
    const db = MiniLsm.open(path, options);
    fill(db, 0, 2000);
    db.compact();
    fill(db, 1500, 2500);
    db.flush();
    const through = contentsOf(db);
    for (let i = 0; i < 2500; i += 7)
      assert.equal(textOf(db.get(`key ${i}`)), `value ${i} `.padEnd(100, '.'));
    assert.equal(db.get('key'), undefined);
    assert.deepEqual(contentsOf(db, { reverse: true }), through.toReversed());
    assert.equal(db.verify().ok, true);
    if (existsSync('/proc/self/maps')) assert.ok(mapsOf(path) > 1);
    db.close();
    if (existsSync('/proc/self/maps')) assert.equal(mapsOf(path), 0);
    const plain = MiniLsm.open(path, { ...options, mmap: false });
    assert.deepEqual(contentsOf(plain), through);
    plain.close();
  });
}

/** How many files of a directory the system says that this process has mapped. */
function mapsOf(directory: string): number {
  return readFileSync('/proc/self/maps', 'utf8').split(`${directory}/`).length - 1;
}

realTest(
  'a table that somebody cuts off ends the process where it is mapped, and is damage where it is read',
  (t) => {
    for (const [how, end] of [
      ['mapped', 'SIGBUS'],
      ['read', 'LSM_CORRUPTION'],
    ] as const) {
      const path = temporaryDirectory(t);
      const db = MiniLsm.open(path);
      fill(db, 0, 10_000);
      db.compact();
      db.close();
      const reader = fileURLToPath(new URL('./cut-off-reader.js', import.meta.url));
      const { signal, stdout, stderr } = spawnSync(process.execPath, [reader, path, how], {
        encoding: 'utf8',
      });
      assert.equal(signal ?? stdout.trim(), end, stderr);
    }
  },
);
