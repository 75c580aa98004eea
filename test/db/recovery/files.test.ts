/**
 * Which files there are: the manifest is rewritten when it has grown, no number is ever used twice, what a
 * process that died left behind is removed at the next open, and files of others are not.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { internals, MiniLsm } from '../../../src/db/mini-lsm.ts';
import { LsmError } from '../../../src/errors.ts';
import { type FileSystem, joinPath } from '../../../src/fs/file-system.ts';
import { MemoryFileSystem } from '../../../src/fs/memory-file-system.ts';
import type { Options } from '../../../src/options.ts';
import { parseFileName } from '../../../src/version/file-names.ts';
import { WriteAheadLog } from '../../../src/wal/write-ahead-log.ts';
import { WriteBatch } from '../../../src/wal/write-batch.ts';
import { type Fault, FaultyFileSystem } from '../../simulation/faulty-file-system.ts';
import { CRASH_OPTIONS, CrashWorkload, openAndCompare, randomTasks } from '../../support/crash-workload.ts';
import { namesOfKind, readBytes, replaceFile } from '../../support/edit-file.ts';
import { expectError } from '../../support/expect-error.ts';
import { failOnLeaks } from '../../support/leaks.ts';
import { Model } from '../../support/model.ts';
import { Random, seedOf } from '../../support/random.ts';
import { BY_HAND, contentsOf, DATABASE } from '../../support/small-database.ts';

failOnLeaks();

/** The files of the engine in a directory, without locks. */
function ours(fs: MemoryFileSystem): string[] {
  return fs.list(DATABASE).filter((name) => (parseFileName(name)?.kind ?? 'lock') !== 'lock');
}

/** The files that an open database needs. */
function needed(db: MiniLsm): string[] {
  const { core, manifest } = internals(db);
  const name = (number: number, end: string): string => `${String(number).padStart(6, '0')}${end}`;
  return [
    'CURRENT',
    `MANIFEST-${name(manifest.number, '')}`,
    ...core.view.memtables.map(({ log }) => name(log, '.wal')),
    ...core.view.version.levels.flat().map(({ fileNumber }) => name(fileNumber, '.sst')),
  ].sort();
}

test('a manifest that has grown is rewritten: it stays small, and says the same', () => {
  const fs = new MemoryFileSystem();
  const options: Options = { ...CRASH_OPTIONS, manifestBytes: 2048, fileSystem: fs };
  const db = MiniLsm.open(DATABASE, options);
  const numbers = new Set<string>();
  let largest = 0;
  for (let i = 0; i < 600; i++) {
    db.put(`key ${i % 30}`, `value ${i}`.padEnd(60, '.'));
    const [manifest, ...others] = namesOfKind(fs, DATABASE, 'manifest');
    assert.deepEqual(others, [], 'the one before is removed');
    numbers.add(manifest);
    largest = Math.max(largest, readBytes(fs, joinPath(DATABASE, manifest)).length);
  }
  assert.ok(numbers.size > 5, `it was rewritten ${numbers.size} times`);
  assert.ok(largest < 8192, `it had ${largest} bytes at most`);
  assert.deepEqual(db.verify().problems, []);
  const expected = contentsOf(db);
  db.close();
  const again = MiniLsm.open(DATABASE, options);
  assert.deepEqual(contentsOf(again), expected);
  again.close();
});

test('the files of an open database are those it needs, whatever happened before', (t) => {
  const random = new Random(seedOf(t));
  let disk = new MemoryFileSystem();
  let model = new Model();
  for (let life = 0; life < 40; life++) {
    const faulty = new FaultyFileSystem(disk);
    const workload = new CrashWorkload(faulty, model);
    faulty.arm({ at: 20 + random.below(120), when: 'after', errno: 'EIO', forever: true });
    workload.run(randomTasks(random, 40));
    disk = disk.crashClone();
    const opened = openAndCompare(disk, workload.possible());
    model = opened.model;
    assert.deepEqual(ours(disk).sort(), needed(opened.db));
    opened.db.close();
  }
});

/** A disk that remembers every file that was ever made on it, and the numbers that were used again. */
class NumberedDisk {
  readonly used = new Map<number, string>();
  readonly reused: string[] = [];
  disk = new MemoryFileSystem();

  /** The disk as a process sees it, with a fault that hits it before its effect, so that no file is made. */
  mount(fault?: Fault): FileSystem {
    const recording = new FaultyFileSystem(this.disk, ({ kind, path }) => {
      const number = parseFileName(path.slice(DATABASE.length + 1))?.number ?? 0;
      if (kind !== 'create' || number === 0) return;
      const before = this.used.get(number);
      if (before !== undefined) this.reused.push(`${path} has the number of ${before}`);
      this.used.set(number, path);
    });
    const faulty = new FaultyFileSystem(recording);
    faulty.arm(fault);
    return faulty;
  }
}

test('no file number is ever used twice, over many reopenings and deaths', (t) => {
  const random = new Random(seedOf(t));
  const numbered = new NumberedDisk();
  let model: Model | undefined;
  for (let life = 0; life < 60; life++) {
    // A database whose first open never ended was none: its successor, with another id, starts over.
    const dies = life > 0 && random.oneIn(2);
    const at = 1 + random.below(150);
    const workload = new CrashWorkload(
      numbered.mount(dies ? { at, when: 'before', errno: 'EIO', forever: true } : undefined),
      model,
    );
    const done = workload.run(randomTasks(random, 30));
    if (done && random.oneIn(2)) workload.abandon();
    numbered.disk = numbered.disk.crashClone();
    const opened = openAndCompare(numbered.disk.crashClone(), workload.possible());
    model = opened.model;
    opened.db.close();
  }
  assert.deepEqual(numbered.reused, []);
  assert.ok(numbered.used.size > 200, `${numbered.used.size} files`);
});

test('the numbers of a compaction that was given up are not used again after a close', () => {
  const numbered = new NumberedDisk();
  let full = false;
  const open = (): MiniLsm => {
    const mounted = new FaultyFileSystem(numbered.mount(), ({ kind, path }) => {
      if (full && kind === 'sync' && path.endsWith('.sst')) throw new LsmError('LSM_NO_SPACE', 'full');
    });
    return MiniLsm.open(DATABASE, { ...BY_HAND, fileSystem: mounted });
  };
  for (let round = 0; round < 3; round++) {
    const db = open();
    for (let i = 0; i < 2; i++) {
      db.put('key', `value ${round} ${i}`);
      db.flush();
    }
    full = true;
    expectError('LSM_NO_SPACE', () => db.compact());
    full = false;
    db.close();
  }
  assert.deepEqual(numbered.reused, []);
});

test('orphans are removed at open and counted, and files of others stay', () => {
  const fs = new MemoryFileSystem();
  let db = MiniLsm.open(DATABASE, { ...BY_HAND, fileSystem: fs });
  db.put('a', '1');
  db.flush();
  db.close();
  const [table] = namesOfKind(fs, DATABASE, 'table');
  const orphans = ['900001.sst', '900002.sst', '900003.wal', 'MANIFEST-900004'];
  for (const name of [...orphans, 'CURRENT.tmp']) {
    replaceFile(fs, joinPath(DATABASE, name), readBytes(fs, joinPath(DATABASE, table)));
  }
  const foreign = ['notes.txt', '900001.sst.bak', 'MANIFEST-old'];
  for (const name of foreign) replaceFile(fs, joinPath(DATABASE, name), Buffer.from('mine'));

  db = MiniLsm.open(DATABASE, { ...BY_HAND, fileSystem: fs });
  assert.equal(db.recovery.orphansRemoved, orphans.length);
  assert.deepEqual(contentsOf(db), ['a=1']);
  assert.deepEqual(ours(fs).sort(), needed(db));
  for (const name of foreign) {
    assert.equal(Buffer.from(readBytes(fs, joinPath(DATABASE, name))).toString(), 'mine');
  }
  db.put('b', '2');
  db.flush();
  const numbers = namesOfKind(fs, DATABASE, 'table').map((name) => Number.parseInt(name, 10));
  assert.ok(
    Math.max(...numbers) > 900_004,
    'numbers of orphans are not used again, though the files are gone',
  );
  db.close();
  db = MiniLsm.open(DATABASE, { ...BY_HAND, fileSystem: fs });
  assert.equal(db.recovery.orphansRemoved, 0, 'a clean close leaves none');
  db.close();
});

test('what a table holds is removed only when no cursor reads it any more', () => {
  const fs = new MemoryFileSystem();
  const db = MiniLsm.open(DATABASE, { ...BY_HAND, fileSystem: fs });
  db.put('a', '1');
  db.flush();
  const [old] = namesOfKind(fs, DATABASE, 'table');
  const cursor = db.cursor();
  db.put('a', '2');
  db.compact();
  assert.ok(fs.list(DATABASE).includes(old));
  assert.equal(cursor.first(), true);
  assert.equal(Buffer.from(cursor.value).toString(), '1');
  cursor.close();
  assert.ok(!fs.list(DATABASE).includes(old));
  assert.deepEqual(ours(fs).sort(), needed(db));
  db.close();
});

test('a log that leaves out a sequence number, or says one twice, is refused', () => {
  for (const [first, second] of [
    [1, 3],
    [1, 1],
    [2, 3],
  ]) {
    const fs = new MemoryFileSystem();
    const db = MiniLsm.open(DATABASE, { ...BY_HAND, fileSystem: fs });
    const { databaseId } = internals(db).core;
    db.close();
    const [name] = namesOfKind(fs, DATABASE, 'wal');
    const path = joinPath(DATABASE, name);
    fs.remove(path);
    const identity = { kind: 'wal', databaseId, fileNumber: parseFileName(name)?.number ?? 0 } as const;
    const log = WriteAheadLog.create(fs, path, identity);
    log.append(new WriteBatch().put('a', '1'), first);
    log.append(new WriteBatch().put('b', '2'), second);
    log.finish();
    const error = expectError('LSM_CORRUPTION', () => MiniLsm.open(DATABASE, { fileSystem: fs }));
    assert.equal(error.file, path);
  }
});
