/** What callers and surroundings can do wrong: each gets an error that says what to do, and nothing is lost. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { MiniLsm } from '../../src/db/mini-lsm.ts';
import { LsmError, type LsmErrorCode } from '../../src/errors.ts';
import { joinPath } from '../../src/fs/file-system.ts';
import { MemoryFileSystem } from '../../src/fs/memory-file-system.ts';
import type { Options } from '../../src/options.ts';
import { parseFileName } from '../../src/version/file-names.ts';
import { WriteBatch } from '../../src/wal/write-batch.ts';
import { FaultyFileSystem } from '../simulation/faulty-file-system.ts';
import type { Operation } from '../simulation/operation.ts';
import { smallDisk } from '../simulation/small-disk.ts';
import { asNewerFormat, filesIn, namesOfKind, readBytes, replaceFile } from '../support/edit-file.ts';
import { expectError } from '../support/expect-error.ts';
import { failOnLeaks } from '../support/leaks.ts';
import { BY_HAND, contentsOf, DATABASE, memoryDatabase } from '../support/small-database.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

failOnLeaks();

/** Stands in keys and values, and must never stand in a message. */
const SECRET = 'topsecret';

/** The error has the code, a text worth reading, and nothing of what the user stored. */
function expectClear(code: LsmErrorCode, work: () => unknown): LsmError {
  const error = expectError(code, work);
  assert.ok(error.message.length > 15, `a message that explains: ${error.message}`);
  for (let at: unknown = error; at instanceof Error; at = at.cause) {
    assert.ok(!at.message.includes(SECRET), `a message without content: ${at.message}`);
  }
  return error;
}

/** A database with two entries, for calls that must leave it as it is. */
function prepared(t: TestContext, options: Options = {}): MiniLsm {
  const db = memoryDatabase(t, options);
  db.put('a', SECRET);
  db.put('b', SECRET);
  t.after(() => {
    if (!db.closed) assert.deepEqual(contentsOf(db), [`a=${SECRET}`, `b=${SECRET}`], 'nothing is lost');
  });
  return db;
}

const NOT_BYTES: readonly unknown[] = [
  undefined,
  null,
  5,
  5n,
  true,
  {},
  [],
  [1, 2],
  Symbol(SECRET),
  () => SECRET,
  new Date(),
  new Uint16Array(2),
  new ArrayBuffer(2),
  new DataView(new ArrayBuffer(2)),
  { length: 1, 0: 1 },
];
const NOT_OPTIONS: readonly unknown[] = [
  null,
  5,
  5n,
  'text',
  true,
  [],
  Symbol(SECRET),
  () => ({}),
  new Uint8Array(2),
];

/** As the compiler would not let it pass. */
const wrong = (value: unknown): never => value as never;

describe('a wrong type', () => {
  /** Every method, with a key, a value, a batch, a snapshot or options that it takes. */
  const KEYS: Readonly<Record<string, (db: MiniLsm, bad: never) => unknown>> = {
    'put(key)': (db, bad) => db.put(bad, 'v'),
    'delete(key)': (db, bad) => db.delete(bad),
    'get(key)': (db, bad) => db.get(bad),
    'has(key)': (db, bad) => db.has(bad),
    'cursor.seek(key)': (db, bad) => db.cursor().seek(bad),
    'cursor.seekBack(key)': (db, bad) => db.cursor().seekBack(bad),
    'batch.put(key)': (_, bad) => new WriteBatch().put(bad, 'v'),
    'batch.delete(key)': (_, bad) => new WriteBatch().delete(bad),
    'put(value)': (db, bad) => db.put('a', bad),
    'batch.put(value)': (_, bad) => new WriteBatch().put('a', bad),
  };
  for (const [name, call] of Object.entries(KEYS)) {
    test(`in ${name} is refused`, (t) => {
      const db = prepared(t);
      for (const bad of NOT_BYTES) expectClear('LSM_INVALID_ARGUMENT', () => call(db, wrong(bad)));
    });
  }

  for (const bound of ['gt', 'gte', 'lt', 'lte']) {
    test(`in the bound ${bound} of scan, cursor and compact is refused`, (t) => {
      const db = prepared(t);
      for (const bad of NOT_BYTES) {
        if (bad === undefined) continue; // the same as no bound
        for (const method of ['scan', 'cursor', 'compact'] as const) {
          expectClear('LSM_INVALID_ARGUMENT', () => db[method]({ [bound]: bad } as never));
        }
      }
    });
  }

  const OPTIONS: Readonly<Record<string, (db: MiniLsm, bad: never) => unknown>> = {
    put: (db, bad) => db.put('a', 'v', bad),
    delete: (db, bad) => db.delete('a', bad),
    write: (db, bad) => db.write(new WriteBatch().put('a', 'v'), bad),
    'write of an empty batch': (db, bad) => db.write(new WriteBatch(), bad),
    get: (db, bad) => db.get('a', bad),
    has: (db, bad) => db.has('a', bad),
    scan: (db, bad) => db.scan(bad),
    cursor: (db, bad) => db.cursor(bad),
    compact: (db, bad) => db.compact(bad),
    verify: (db, bad) => db.verify(bad),
    open: (_, bad) => MiniLsm.open(DATABASE, bad),
    destroy: (_, bad) => MiniLsm.destroy(DATABASE, bad),
  };
  for (const [name, call] of Object.entries(OPTIONS)) {
    test(`in the options of ${name} is refused, and so is an unknown option`, (t) => {
      const db = prepared(t);
      for (const bad of NOT_OPTIONS) expectClear('LSM_INVALID_ARGUMENT', () => call(db, wrong(bad)));
      const error = expectClear('LSM_INVALID_ARGUMENT', () => call(db, wrong({ snyc: true })));
      assert.match(error.message, /snyc/, 'the message names it');
    });
  }

  test('in a single option is refused, naming it', (t) => {
    const db = prepared(t);
    const calls: readonly [name: string, bad: readonly unknown[], call: (options: never) => unknown][] = [
      ['sync', [null, 1, 'yes'], (options) => db.put('a', 'v', options)],
      ['sync', [null, 1, 'yes'], (options) => db.delete('a', options)],
      ['sync', [null, 1, 'yes'], (options) => db.write(new WriteBatch().put('a', 'v'), options)],
      ['snapshot', [null, 1, {}, 'yes'], (options) => db.get('a', options)],
      ['snapshot', [null, 1, {}, 'yes'], (options) => db.has('a', options)],
      ['snapshot', [null, 1, {}, 'yes'], (options) => db.scan(options)],
      ['snapshot', [null, 1, {}, 'yes'], (options) => db.cursor(options)],
      ['reverse', [null, 1, 'yes'], (options) => db.scan(options)],
      ['limit', [null, '1', 1.5, -2, Number.NaN, 1n], (options) => db.scan(options)],
      ['fillCache', [null, 1], (options) => db.scan(options)],
      ['fillCache', [null, 1], (options) => db.cursor(options)],
      ['onProgress', [null, 1, {}], (options) => db.verify(options)],
    ];
    for (const [name, values, call] of calls) {
      for (const bad of values) {
        const error = expectClear('LSM_INVALID_ARGUMENT', () => call(wrong({ [name]: bad })));
        assert.match(error.message, new RegExp(name));
      }
    }
  });

  test('for a batch is refused', (t) => {
    const db = prepared(t);
    for (const bad of [...NOT_BYTES, 'text', new Uint8Array(3), [new WriteBatch()]]) {
      expectClear('LSM_INVALID_ARGUMENT', () => db.write(wrong(bad)));
    }
  });

  test('for a path is refused', () => {
    for (const bad of [...NOT_BYTES, '', 'a\0b', new URL('file:///tmp')]) {
      expectClear('LSM_INVALID_ARGUMENT', () => MiniLsm.open(wrong(bad)));
      expectClear('LSM_INVALID_ARGUMENT', () => MiniLsm.destroy(wrong(bad)));
    }
  });

  test('in the middle of a batch leaves what was added before', (t) => {
    const db = memoryDatabase(t);
    const batch = new WriteBatch().put('a', '1');
    expectClear('LSM_INVALID_ARGUMENT', () => batch.put('b', wrong(5)));
    expectClear('LSM_TOO_LARGE', () => batch.put('c'.repeat(65_536), 'v'));
    assert.equal(batch.count, 1);
    db.write(batch.put('d', '2'));
    assert.deepEqual(contentsOf(db), ['a=1', 'd=2']);
  });
});

test('a snapshot of another database is refused, and so is a closed one', (t) => {
  const db = prepared(t);
  const other = memoryDatabase(t);
  const foreign = other.snapshot();
  const closed = db.snapshot();
  closed.close();
  for (const [code, snapshot] of [
    ['LSM_INVALID_ARGUMENT', foreign],
    ['LSM_CLOSED', closed],
  ] as const) {
    expectClear(code, () => db.get('a', { snapshot }));
    expectClear(code, () => db.has('a', { snapshot }));
    expectClear(code, () => db.scan({ snapshot }));
    expectClear(code, () => db.cursor({ snapshot }));
  }
});

test('a snapshot closed between scan() and the walk is refused at the walk', (t) => {
  const db = prepared(t);
  const snapshot = db.snapshot();
  const scan = db.scan({ snapshot });
  snapshot.close();
  expectClear('LSM_CLOSED', () => [...scan]);
});

test('an over-long key is refused, as bytes and as text, and the longest one is taken', (t) => {
  const db = prepared(t);
  const tooLong: readonly (string | Uint8Array)[] = [
    new Uint8Array(65_536),
    'k'.repeat(65_536),
    '€'.repeat(21_846), // three bytes each
    'é'.repeat(32_768),
    '\u{1f600}'.repeat(16_384),
    '\ud800'.repeat(21_846), // lone surrogates are stored as U+FFFD
    new Uint8Array(10_000_000),
  ];
  for (const key of tooLong) {
    const calls = [
      () => db.put(key, 'v'),
      () => db.delete(key),
      () => db.get(key),
      () => db.has(key),
      () => new WriteBatch().put(key, 'v'),
      () => new WriteBatch().delete(key),
      () => db.scan({ gte: key }),
      () => db.cursor({ lt: key }),
      () => db.compact({ gt: key }),
      () => db.cursor().seek(key),
      () => db.cursor().seekBack(key),
    ];
    for (const call of calls) assert.match(expectClear('LSM_TOO_LARGE', call).message, /65,?535/);
  }
  for (const key of [new Uint8Array(65_535), '€'.repeat(21_845), 'k'.repeat(65_535)]) {
    db.put(key, 'v');
    assert.equal(db.has(key), true);
    db.delete(key);
  }
});

test('an over-long value is refused, and the database works on', (t) => {
  const db = prepared(t);
  const value = new Uint8Array(2 ** 30 + 1);
  const error = expectClear('LSM_TOO_LARGE', () => db.put('a', value));
  assert.match(error.message, /1,?073,?741,?824/);
  expectClear('LSM_TOO_LARGE', () => new WriteBatch().put('a', value));
});

describe('options of open', () => {
  const RANGES: Readonly<Record<string, readonly unknown[]>> = {
    memtableBytes: [0, -1, 1023, 2 ** 31, 1.5, '4096', Number.NaN, Infinity, null],
    maxFrozenMemtables: [0, 65],
    blockBytes: [31, 32 * 1024 + 1],
    tableBytes: [1023, 2 ** 30 + 1],
    bloomBitsPerKey: [-1, 33, 0.5],
    cacheBytes: [-1, 2 ** 41],
    maxOpenFiles: [0, 1_000_001],
    levelCount: [1, 17],
    l0CompactionFiles: [0, 1001],
    l0SlowdownFiles: [0, 10_001],
    l0StopFiles: [0, 10_001],
    baseLevelBytes: [1023],
    levelRatio: [1, 101],
    slowdownPendingBytes: [0],
    stopPendingBytes: [0],
    slowdownBytesPerSecond: [0],
    manifestBytes: [0],
    createIfMissing: [1, 'true', null],
    errorIfExists: [1, 'true', null],
    mmap: [1, 'true', null],
    nativeLz4: [1, 'true', null],
    background: ['thread', 1, null],
    compaction: ['none', 1, null],
    compression: ['snappy', true, null, [], ['none', 'snappy']],
    fileSystem: ['memory', 1, null, {}],
  };
  for (const [name, values] of Object.entries(RANGES)) {
    test(`${name} is checked`, () => {
      for (const bad of values) {
        const options = { fileSystem: new MemoryFileSystem(), [name]: bad };
        const error = expectClear('LSM_INVALID_ARGUMENT', () => MiniLsm.open(DATABASE, options as Options));
        assert.match(error.message, new RegExp(name));
      }
    });
  }

  test('that contradict each other are refused', () => {
    const fileSystem = new MemoryFileSystem();
    for (const options of [
      { l0CompactionFiles: 20, l0SlowdownFiles: 10 },
      { l0SlowdownFiles: 30, l0StopFiles: 20 },
      { slowdownPendingBytes: 4096, stopPendingBytes: 2048 },
      { background: 'worker' } as const,
    ]) {
      expectClear('LSM_INVALID_ARGUMENT', () => MiniLsm.open(DATABASE, { ...options, fileSystem }));
    }
    assert.deepEqual(fileSystem.list('/'), [], 'nothing was made');
  });

  test('may be undefined, which stands for the default', () => {
    const fileSystem = new MemoryFileSystem();
    MiniLsm.open(DATABASE, { fileSystem, memtableBytes: undefined, compaction: undefined }).close();
  });
});

describe('a path', () => {
  test('that is a file is refused, and the file is left alone', (t) => {
    const path = join(temporaryDirectory(t), 'file');
    writeFileSync(path, 'mine');
    const error = expectClear('LSM_INVALID_ARGUMENT', () => MiniLsm.open(path));
    assert.match(error.message, /is not a directory/);
    assert.equal(error.file, path);
    expectClear('LSM_INVALID_ARGUMENT', () => MiniLsm.destroy(path));
    assert.equal(readFileSync(path, 'utf8'), 'mine');
  });

  test('below a file is refused', (t) => {
    const path = join(temporaryDirectory(t), 'file');
    writeFileSync(path, 'mine');
    expectClear('LSM_IO', () => MiniLsm.open(join(path, 'db')));
    assert.equal(readFileSync(path, 'utf8'), 'mine');
  });

  test('that does not exist is refused if nothing may be created, and nothing is', (t) => {
    const parent = temporaryDirectory(t);
    const error = expectClear('LSM_NOT_FOUND', () =>
      MiniLsm.open(join(parent, 'db'), { createIfMissing: false }),
    );
    assert.match(error.message, /createIfMissing/);
    const fileSystem = new MemoryFileSystem();
    expectClear('LSM_NOT_FOUND', () => MiniLsm.open(DATABASE, { fileSystem, createIfMissing: false }));
    assert.deepEqual(fileSystem.list('/'), []);
  });

  test('of an empty directory is refused if nothing may be created, and it stays empty', (t) => {
    const path = temporaryDirectory(t);
    expectClear('LSM_NOT_FOUND', () => MiniLsm.open(path, { createIfMissing: false }));
    const fileSystem = new MemoryFileSystem();
    fileSystem.makeDirectory(DATABASE);
    expectClear('LSM_NOT_FOUND', () => MiniLsm.open(DATABASE, { fileSystem, createIfMissing: false }));
    assert.deepEqual(fileSystem.list(DATABASE), []);
  });

  test('of a database is refused with errorIfExists, and the database is left alone', () => {
    const fileSystem = new MemoryFileSystem();
    const first = MiniLsm.open(DATABASE, { fileSystem, errorIfExists: true });
    first.put('a', SECRET);
    first.close();
    const before = filesIn(fileSystem, DATABASE);
    expectClear('LSM_EXISTS', () => MiniLsm.open(DATABASE, { fileSystem, errorIfExists: true }));
    assert.deepEqual(filesIn(fileSystem, DATABASE), before);
    const again = MiniLsm.open(DATABASE, { fileSystem });
    assert.deepEqual(contentsOf(again), [`a=${SECRET}`]);
    again.close();
  });

  test('that does not exist is no error for destroy', (t) => {
    MiniLsm.destroy(join(temporaryDirectory(t), 'nothing'));
  });
});

test('a closed database refuses every call but those that ask about it', (t) => {
  const db = memoryDatabase(t);
  db.put('a', SECRET);
  const snapshot = db.snapshot();
  const cursor = db.cursor();
  cursor.first();
  const scan = db.scan();
  const started = scan[Symbol.iterator]();
  started.next();
  db.close();
  const calls: readonly (() => unknown)[] = [
    () => db.put('a', 'v'),
    () => db.delete('a'),
    () => db.write(new WriteBatch().put('a', 'v')),
    () => db.write(new WriteBatch()),
    () => db.get('a'),
    () => db.get('a', { snapshot }),
    () => db.has('a'),
    () => db.scan(),
    () => [...scan],
    () => started.next(),
    () => db.cursor(),
    () => cursor.first(),
    () => cursor.last(),
    () => cursor.next(),
    () => cursor.prev(),
    () => cursor.seek('a'),
    () => cursor.seekBack('a'),
    () => cursor.key,
    () => cursor.value,
    () => db.snapshot(),
    () => db.sync(),
    () => db.flush(),
    () => db.compact(),
    () => db.compact({ gt: 'a' }),
    () => db.verify(),
    () => db.stats(),
  ];
  for (const call of calls) expectClear('LSM_CLOSED', call);
  assert.equal(db.closed, true);
  assert.equal(db.path, DATABASE);
  assert.equal(db.recovery.created, true);
  assert.equal(cursor.valid, false);
  assert.equal(cursor.closed, true);
  assert.equal(snapshot.closed, true);
  db.close();
  db[Symbol.dispose]();
  cursor.close();
  snapshot.close();
  started.return();
});

test('a closed cursor says so, and moves from no entry are refused', (t) => {
  const db = prepared(t);
  const cursor = db.cursor();
  for (const call of [() => cursor.next(), () => cursor.prev(), () => cursor.key, () => cursor.value]) {
    expectClear('LSM_INVALID_ARGUMENT', call);
  }
  cursor.first();
  cursor.close();
  cursor.close();
  for (const call of [() => cursor.first(), () => cursor.next(), () => cursor.key, () => cursor.seek('a')]) {
    expectClear('LSM_CLOSED', call);
  }
  assert.equal(cursor.valid, false);
});

describe('a directory that cannot be written', () => {
  test('is refused at open with what to check, on a real read-only file system', (t) => {
    const disk = smallDisk(t, '4m');
    if (disk === undefined) {
      t.skip('needs the right to mount a file system');
      return;
    }
    const path = join(disk, 'db');
    const db = MiniLsm.open(path);
    db.put('a', SECRET);
    db.close();
    const remount = (mode: string): void => {
      execFileSync('mount', ['-o', `remount,${mode}`, disk], { stdio: 'ignore' });
    };
    remount('ro');
    try {
      assert.match(expectClear('LSM_IO', () => MiniLsm.open(path)).message, /read-only/);
      assert.match(expectClear('LSM_IO', () => MiniLsm.open(join(disk, 'new'))).message, /read-only/);
      assert.match(expectClear('LSM_IO', () => MiniLsm.destroy(path)).message, /read-only/);
    } finally {
      remount('rw');
    }
    const again = MiniLsm.open(path);
    assert.deepEqual(contentsOf(again), [`a=${SECRET}`]);
    again.close();
  });

  test('gives the error of the first step that fails, and the lock is free afterwards', () => {
    const disk = new MemoryFileSystem();
    const options: Options = { fileSystem: disk };
    const db = MiniLsm.open(DATABASE, options);
    db.put('a', SECRET);
    db.close();
    const before = filesIn(disk, DATABASE);
    const readOnly = new FaultyFileSystem(disk, ({ kind, path }) => {
      throw new LsmError('LSM_IO', `cannot ${kind} ${path}: read-only`, { file: path });
    });
    expectClear('LSM_IO', () => MiniLsm.open(DATABASE, { fileSystem: readOnly }));
    assert.deepEqual(filesIn(disk, DATABASE), before);
    const again = MiniLsm.open(DATABASE, options);
    assert.deepEqual(contentsOf(again), [`a=${SECRET}`]);
    again.close();
  });
});

describe('a full disk', () => {
  /** A database on a disk on which some operations find no room while `full` is set. */
  class FullDisk {
    full = false;
    readonly disk = new MemoryFileSystem();
    readonly fs: FaultyFileSystem;

    constructor(affected: (operation: Operation) => boolean) {
      this.fs = new FaultyFileSystem(this.disk, (operation) => {
        if (!this.full || !['create', 'append'].includes(operation.kind) || !affected(operation)) return;
        const message = `cannot ${operation.kind} ${operation.path}: the disk is full; free space on it`;
        throw new LsmError('LSM_NO_SPACE', message, { file: operation.path });
      });
    }

    open(options: Options = {}): MiniLsm {
      return MiniLsm.open(DATABASE, { ...BY_HAND, memtableBytes: 4096, ...options, fileSystem: this.fs });
    }
  }

  const kindOf = (path: string): string | undefined => parseFileName(path.slice(DATABASE.length + 1))?.kind;

  test('at the write-ahead log: the write is refused, reads go on, and reopening takes writes again', () => {
    const disk = new FullDisk(({ kind, path }) => kind === 'append' && kindOf(path) === 'wal');
    let db = disk.open();
    db.put('a', SECRET);
    disk.full = true;
    expectClear('LSM_NO_SPACE', () => db.put('b', SECRET));
    assert.match(expectClear('LSM_READ_ONLY', () => db.put('c', SECRET)).message, /open it again/);
    for (const call of [() => db.delete('a'), () => db.sync(), () => db.flush(), () => db.compact()]) {
      expectClear('LSM_READ_ONLY', call);
    }
    assert.equal(db.get('b'), undefined);
    assert.deepEqual(contentsOf(db), [`a=${SECRET}`]);
    assert.match(db.stats().failure ?? '', /full/);
    disk.full = false;
    expectClear('LSM_READ_ONLY', () => db.put('c', SECRET));
    db.close();
    db = disk.open();
    assert.deepEqual(contentsOf(db), [`a=${SECRET}`]);
    db.put('b', SECRET);
    db.close();
  });

  test('at a rotation: the write is refused, nothing has changed, and the next one works when there is room', () => {
    const disk = new FullDisk(({ kind, path }) => kind === 'create' && kindOf(path) === 'wal');
    const db = disk.open();
    db.put('a', SECRET);
    disk.full = true;
    expectClear('LSM_NO_SPACE', () => db.put('b', new Uint8Array(10_000)));
    expectClear('LSM_NO_SPACE', () => db.flush());
    db.put('c', SECRET);
    disk.full = false;
    db.put('d', SECRET);
    db.flush();
    assert.deepEqual(contentsOf(db), [`a=${SECRET}`, `c=${SECRET}`, `d=${SECRET}`]);
    db.close();
    const again = disk.open();
    assert.deepEqual(contentsOf(again), [`a=${SECRET}`, `c=${SECRET}`, `d=${SECRET}`]);
    again.close();
  });

  test('while the header of a new log is written: the same', () => {
    const disk = new FullDisk(({ kind, path, bytes }) => {
      return kind === 'append' && kindOf(path) === 'wal' && bytes === 48;
    });
    const db = disk.open();
    db.put('a', SECRET);
    disk.full = true;
    expectClear('LSM_NO_SPACE', () => db.flush());
    db.put('b', SECRET);
    disk.full = false;
    db.flush();
    db.close();
    const again = disk.open();
    assert.deepEqual(contentsOf(again), [`a=${SECRET}`, `b=${SECRET}`]);
    again.close();
  });

  test('at a flush: writes go on while memory lasts, then are refused, and go on when there is room', () => {
    const disk = new FullDisk(({ path }) => kindOf(path) === 'table');
    const db = disk.open();
    disk.full = true;
    const taken: string[] = [];
    const refused = expectClear('LSM_NO_SPACE', () => {
      for (let i = 100; ; i++) {
        db.put(`k${i}`, SECRET);
        taken.push(`k${i}=${SECRET}`);
      }
    });
    assert.ok(taken.length > 50, 'several memtables were filled');
    assert.match(db.stats().pending.lastError ?? '', /full/);
    expectClear('LSM_NO_SPACE', () => db.flush());
    assert.deepEqual(namesOfKind(disk.disk, DATABASE, 'table'), [], 'no half-written table is left');
    assert.deepEqual(contentsOf(db), taken);
    disk.full = false;
    db.flush();
    assert.equal(db.stats().pending.lastError, undefined);
    db.put('last', SECRET);
    assert.deepEqual(contentsOf(db), [...taken, `last=${SECRET}`]);
    db.close();
    const again = disk.open();
    assert.deepEqual(contentsOf(again), [...taken, `last=${SECRET}`]);
    again.close();
    assert.equal(refused.code, 'LSM_NO_SPACE');
  });

  test('at a flush, and closed before there is room: nothing is lost', () => {
    const disk = new FullDisk(({ path }) => kindOf(path) === 'table');
    const db = disk.open();
    disk.full = true;
    for (let i = 0; i < 60; i++) db.put(`k${100 + i}`, SECRET);
    expectClear('LSM_NO_SPACE', () => db.flush());
    db.close();
    expectClear('LSM_NO_SPACE', () => disk.open());
    disk.full = false;
    const again = disk.open();
    assert.equal(contentsOf(again).length, 60);
    again.close();
  });

  test('at a compaction: it is refused, everything is readable, and it works when there is room', () => {
    const disk = new FullDisk(({ path }) => kindOf(path) === 'table');
    const db = disk.open();
    for (let round = 0; round < 3; round++) {
      for (let i = 0; i < 20; i++) db.put(`k${100 + i}`, `${SECRET} ${round}`);
      db.flush();
    }
    const before = contentsOf(db);
    const tables = namesOfKind(disk.disk, DATABASE, 'table');
    disk.full = true;
    expectClear('LSM_NO_SPACE', () => db.compact());
    assert.deepEqual(contentsOf(db), before);
    assert.deepEqual(namesOfKind(disk.disk, DATABASE, 'table'), tables);
    db.put('more', SECRET);
    disk.full = false;
    db.compact();
    assert.deepEqual(contentsOf(db), [...before, `more=${SECRET}`]);
    assert.equal(db.verify().ok, true);
    db.close();
  });

  test('at the manifest: writing ends, reads go on, and reopening has everything', () => {
    const disk = new FullDisk(({ path }) => kindOf(path) === 'manifest');
    const db = disk.open();
    for (let i = 0; i < 10; i++) db.put(`k${i}`, SECRET);
    const before = contentsOf(db);
    disk.full = true;
    expectClear('LSM_NO_SPACE', () => db.flush());
    expectClear('LSM_READ_ONLY', () => db.put('more', SECRET));
    assert.deepEqual(contentsOf(db), before);
    db.close();
    expectClear('LSM_NO_SPACE', () => disk.open());
    disk.full = false;
    const again = disk.open();
    assert.deepEqual(contentsOf(again), before);
    again.put('more', SECRET);
    again.close();
  });

  test('at the close: it is reported, and nothing is lost', () => {
    const disk = new FullDisk(({ path }) => kindOf(path) === 'wal');
    const db = disk.open();
    db.put('a', SECRET);
    disk.full = true;
    expectClear('LSM_NO_SPACE', () => db.close());
    assert.equal(db.closed, true);
    disk.full = false;
    const again = disk.open();
    assert.deepEqual(contentsOf(again), [`a=${SECRET}`]);
    again.close();
  });

  test('for real, with a worker thread: every acknowledged write is there', (t) => {
    const disk = smallDisk(t, '768k');
    if (disk === undefined) {
      t.skip('needs the right to mount a file system');
      return;
    }
    const ballast = join(disk, 'ballast');
    writeFileSync(ballast, new Uint8Array(256 * 1024));
    const path = join(disk, 'db');
    const options: Options = { memtableBytes: 16 * 1024, tableBytes: 16 * 1024, baseLevelBytes: 64 * 1024 };
    let db = MiniLsm.open(path, options);
    const value = new Uint8Array(1000).fill(7);
    let count = 0;
    const key = (i: number): string => `${SECRET} ${String(i).padStart(6, '0')}`;
    const error = expectClear('LSM_NO_SPACE', () => {
      for (; count < 5000; count++) db.put(key(count), value);
    });
    assert.match(error.message, /free/);
    const check = (): void => {
      const found = Array.from(db.scan(), ([k]) => Buffer.from(k).toString());
      // The write that was refused may have reached the disk, as at any crash.
      assert.ok(found.length === count || found.length === count + 1, `${found.length} of ${count}`);
      assert.deepEqual(
        found.slice(0, count),
        Array.from({ length: count }, (_, i) => key(i)),
      );
    };
    check();
    try {
      db.close();
    } catch (closing) {
      assert.ok(closing instanceof LsmError && closing.code === 'LSM_NO_SPACE');
    }
    rmSync(ballast);
    db = MiniLsm.open(path, options);
    check();
    assert.deepEqual(db.verify().problems, []);
    db.put('more', value);
    db.close();
  });
});

describe('foreign files', () => {
  const FOREIGN = [
    'README.txt',
    '.hidden',
    '1.sst',
    '0000001.sst',
    'x000001.wal',
    'MANIFEST',
    'CURRENT.bak',
    '000123.sst.tmp',
    'lock',
  ];

  test('in the directory are left alone by everything, and by destroy', () => {
    const fileSystem = new MemoryFileSystem();
    fileSystem.makeDirectory(DATABASE);
    fileSystem.makeDirectory(joinPath(DATABASE, 'folder'));
    for (const name of FOREIGN) replaceFile(fileSystem, joinPath(DATABASE, name), Buffer.from(name));
    const check = (): void => {
      for (const name of FOREIGN) {
        assert.equal(Buffer.from(readBytes(fileSystem, joinPath(DATABASE, name))).toString(), name);
      }
      assert.equal(fileSystem.status(joinPath(DATABASE, 'folder'))?.kind, 'directory');
    };
    for (let round = 0; round < 3; round++) {
      const db = MiniLsm.open(DATABASE, { fileSystem, memtableBytes: 2048 });
      for (let i = 0; i < 100; i++) db.put(`k${i}`, `${round}`);
      db.compact();
      db.close();
      check();
    }
    MiniLsm.destroy(DATABASE, { fileSystem });
    check();
    assert.deepEqual(fileSystem.list(DATABASE).sort(), [...FOREIGN, 'folder'].sort(), 'nothing else is left');
  });

  test('on the disk are left alone by destroy, which removes the directory only when it is empty', (t) => {
    const parent = temporaryDirectory(t);
    const [shared, own] = [join(parent, 'shared'), join(parent, 'own')];
    mkdirSync(shared);
    writeFileSync(join(shared, 'mine.txt'), 'mine');
    for (const path of [shared, own]) {
      const db = MiniLsm.open(path);
      db.put('a', SECRET);
      db.flush();
      db.close();
      MiniLsm.destroy(path);
    }
    assert.equal(readFileSync(join(shared, 'mine.txt'), 'utf8'), 'mine');
    assert.throws(() => readFileSync(own), /ENOENT/);
  });
});

describe('a newer format version', () => {
  function written(): MemoryFileSystem {
    const fileSystem = new MemoryFileSystem();
    const db = MiniLsm.open(DATABASE, { fileSystem });
    db.put('a', SECRET);
    db.flush();
    db.put('b', SECRET);
    db.close();
    return fileSystem;
  }

  for (const kind of ['current', 'manifest', 'wal'] as const) {
    test(`in a file of the kind ${kind} is refused at open, and everything is left as it is`, () => {
      const fileSystem = written();
      const [name] = namesOfKind(fileSystem, DATABASE, kind);
      const path = joinPath(DATABASE, name);
      const original = readBytes(fileSystem, path);
      replaceFile(fileSystem, path, asNewerFormat(original, kind));
      const before = filesIn(fileSystem, DATABASE);
      const error = expectClear('LSM_UNSUPPORTED_FORMAT', () => MiniLsm.open(DATABASE, { fileSystem }));
      assert.equal(error.file, path);
      assert.match(error.message, /version 2|format 2/);
      assert.deepEqual(filesIn(fileSystem, DATABASE), before);
      replaceFile(fileSystem, path, original);
      const db = MiniLsm.open(DATABASE, { fileSystem });
      assert.deepEqual(contentsOf(db), [`a=${SECRET}`, `b=${SECRET}`]);
      db.close();
    });
  }

  test('in a table is refused at the first read of it, and reported by verify', () => {
    const fileSystem = written();
    const [name] = namesOfKind(fileSystem, DATABASE, 'table');
    const path = joinPath(DATABASE, name);
    const original = readBytes(fileSystem, path);
    replaceFile(fileSystem, path, asNewerFormat(original, 'table'));
    const db = MiniLsm.open(DATABASE, { ...BY_HAND, fileSystem });
    const error = expectClear('LSM_UNSUPPORTED_FORMAT', () => db.get('a'));
    assert.equal(error.file, path);
    expectClear('LSM_UNSUPPORTED_FORMAT', () => [...db.scan()]);
    expectClear('LSM_UNSUPPORTED_FORMAT', () => db.compact());
    const { problems } = db.verify();
    assert.deepEqual(
      problems.map(({ code, file }) => [code, file]),
      [['LSM_UNSUPPORTED_FORMAT', path]],
    );
    db.close();
    replaceFile(fileSystem, path, original);
    const again = MiniLsm.open(DATABASE, { fileSystem });
    assert.deepEqual(contentsOf(again), [`a=${SECRET}`, `b=${SECRET}`]);
    again.close();
  });
});
