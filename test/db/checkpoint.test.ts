/**
 * A checkpoint is a database of its own that holds what was committed when it was made, and neither side
 * notices what becomes of the other. Random lists of operations make them too: test/reliability/metamorphic.
 */
import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { internals, MiniLsm } from '../../src/db/mini-lsm.ts';
import { LsmError } from '../../src/errors.ts';
import type { FileSystem } from '../../src/fs/file-system.ts';
import { MemoryFileSystem } from '../../src/fs/memory-file-system.ts';
import type { Options } from '../../src/options.ts';
import { tableFileName } from '../../src/version/file-names.ts';
import { type Fault, FaultyFileSystem } from '../simulation/faulty-file-system.ts';
import { OpenFilesFileSystem } from '../simulation/open-files-file-system.ts';
import { OrderingFileSystem } from '../simulation/ordering-file-system.ts';
import { expectError } from '../support/expect-error.ts';
import { failOnLeaks } from '../support/leaks.ts';
import { contentsOf, DATABASE, memoryDatabase, TINY, textOf } from '../support/small-database.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

failOnLeaks();

const COPY = '/copy';
const KEYS = Array.from({ length: 60 }, (_, i) => `key ${String(i).padStart(2, '0')}`);

/** Tables in several levels, tombstones, and writes that are in no table yet. */
function fill(db: MiniLsm, word = 'value'): void {
  for (const key of KEYS) db.put(key, `${word} of ${key}`.padEnd(70, '.'));
  db.compact();
  for (const key of KEYS.slice(10, 30)) db.put(key, `${word} again`);
  for (const key of KEYS.slice(20, 25)) db.delete(key);
  db.flush();
  db.put('key 05', `${word}, not flushed`);
  db.delete('key 06');
}

function open(fileSystem: FileSystem, path: string): MiniLsm {
  return MiniLsm.open(path, { ...TINY, fileSystem, createIfMissing: false });
}

/** What the database at a path holds, which is verified as well. */
function wholeContents(fileSystem: FileSystem, path: string): string[] {
  const db = open(fileSystem, path);
  try {
    assert.deepEqual(db.verify().problems, []);
    return contentsOf(db);
  } finally {
    db.close();
  }
}

describe('a checkpoint', () => {
  test('holds what was committed, and both sides go their own ways', (t) => {
    const fileSystem = new MemoryFileSystem();
    const db = memoryDatabase(t, { ...TINY, fileSystem });
    fill(db);
    const before = contentsOf(db);
    const report = db.checkpoint(COPY);
    assert.equal(report.directory, COPY);
    assert.equal(report.bytesCopied, 0);
    assert.equal(report.bytes, internals(db).core.view.version.totalBytes);
    assert.ok(report.tables > 3 && report.entries > KEYS.length);

    fill(db, 'later');
    db.compact();
    assert.deepEqual(wholeContents(fileSystem, COPY), before);
    const copy = open(fileSystem, COPY);
    fill(copy, 'elsewhere');
    copy.compact();
    copy.close();
    assert.match(contentsOf(db).join(), /later/);
    assert.doesNotMatch(contentsOf(db).join(), /elsewhere/);
    assert.deepEqual(db.verify().problems, []);
    MiniLsm.destroy(COPY, { fileSystem });
    assert.deepEqual(db.verify().problems, []);
  });

  test('of an empty database is an empty database', (t) => {
    const fileSystem = new MemoryFileSystem();
    const db = memoryDatabase(t, { fileSystem });
    assert.equal(db.checkpoint(COPY).tables, 0);
    assert.deepEqual(wholeContents(fileSystem, COPY), []);
  });

  test('survives the loss of its source', (t) => {
    const fileSystem = new MemoryFileSystem();
    const db = memoryDatabase(t, { ...TINY, fileSystem });
    fill(db);
    const before = contentsOf(db);
    db.checkpoint(COPY);
    db.close();
    MiniLsm.destroy(DATABASE, { fileSystem });
    assert.deepEqual(wholeContents(fileSystem, COPY), before);
  });

  test('can be made of a checkpoint, and opened while its source is open', (t) => {
    const fileSystem = new MemoryFileSystem();
    const db = memoryDatabase(t, { ...TINY, fileSystem });
    fill(db);
    db.checkpoint(COPY);
    const copy = open(fileSystem, COPY);
    copy.put('key 00', 'second');
    copy.checkpoint('/copies/of copies');
    copy.close();
    assert.ok(wholeContents(fileSystem, '/copies/of copies').includes('key 00=second'));
  });

  test('disturbs neither cursors nor snapshots', (t) => {
    const db = memoryDatabase(t, TINY);
    fill(db);
    const before = contentsOf(db);
    const snapshot = db.snapshot();
    const cursor = db.cursor();
    const seen: string[] = [];
    cursor.first();
    for (let i = 0; cursor.valid; i++) {
      if (i === 5) {
        db.checkpoint(COPY);
        fill(db, 'later');
        db.compact();
      }
      seen.push(`${textOf(cursor.key)}=${textOf(cursor.value)}`);
      cursor.next();
    }
    cursor.close();
    assert.deepEqual(seen, before);
    assert.deepEqual(contentsOf(db, { snapshot }), before);
    snapshot.close();
  });

  test('does not hold what is written while it is made', (t) => {
    const fileSystem = new MemoryFileSystem();
    const db = memoryDatabase(t, { ...TINY, fileSystem });
    fill(db);
    const before = contentsOf(db);
    const progress: [number, number][] = [];
    const { bytes } = db.checkpoint(COPY, {
      onProgress: (done, total) => {
        progress.push([done, total]);
        fill(db, `meanwhile ${done}`);
        db.compact();
      },
    });
    assert.deepEqual(wholeContents(fileSystem, COPY), before);
    assert.deepEqual(progress[0], [0, bytes]);
    assert.deepEqual(progress.at(-1), [bytes, bytes]);
    assert.deepEqual(
      progress.map(([done]) => done),
      progress.map(([done]) => done).sort((a, b) => a - b),
    );
    assert.deepEqual(db.verify().problems, []);
  });

  test('is a copy where there are no links', (t) => {
    class NoLinks extends MemoryFileSystem {
      override link(): boolean {
        return false;
      }
    }
    const fileSystem = new OpenFilesFileSystem(new NoLinks());
    const db = memoryDatabase(t, { ...TINY, fileSystem });
    fill(db);
    const before = contentsOf(db);
    db.flush();
    const open = fileSystem.openPaths().filter((path) => !path.includes('.sst'));
    const { bytes, bytesCopied } = db.checkpoint(COPY);
    assert.equal(bytesCopied, bytes);
    assert.deepEqual(
      fileSystem.openPaths().filter((path) => !path.includes('.sst')),
      open,
      'nothing more is open',
    );
    assert.deepEqual(wholeContents(fileSystem, COPY), before);
  });

  for (const background of ['worker', 'inline'] as const) {
    test(`on the disk, jobs ${background}, shares its tables`, (t) => {
      const root = temporaryDirectory(t);
      const options: Options = { ...TINY, background };
      const db = MiniLsm.open(join(root, 'db'), options);
      fill(db);
      const before = contentsOf(db);
      const copy = join(root, 'backups', 'monday');
      const { tables } = db.checkpoint(copy);
      const files = readdirSync(copy).filter((name) => name.endsWith('.sst'));
      assert.equal(files.length, tables);
      for (const name of files) assert.equal(statSync(join(copy, name)).nlink, 2);
      fill(db, 'later');
      db.close();
      const opened = MiniLsm.open(copy, options);
      assert.deepEqual(contentsOf(opened), before);
      assert.deepEqual(opened.verify().problems, []);
      opened.close();
    });
  }
});

describe('a checkpoint is refused', () => {
  test('where anything is already, which stays as it is', (t) => {
    const root = temporaryDirectory(t);
    const db = MiniLsm.open(join(root, 'db'), { ...TINY, background: 'inline' });
    t.after(() => db.close());
    fill(db);
    writeFileSync(join(root, 'file'), 'mine');
    mkdirSync(join(root, 'full'));
    writeFileSync(join(root, 'full', 'notes.txt'), 'mine');
    mkdirSync(join(root, 'empty'));
    expectError('LSM_EXISTS', () => db.checkpoint(join(root, 'file')));
    expectError('LSM_EXISTS', () => db.checkpoint(join(root, 'full')));
    assert.deepEqual(readdirSync(join(root, 'full')), ['notes.txt']);
    db.checkpoint(join(root, 'empty'));
    expectError('LSM_EXISTS', () => db.checkpoint(join(root, 'empty')));
  });

  test('within the directory of the database', (t) => {
    const db = memoryDatabase(t);
    for (const path of [DATABASE, `${DATABASE}/`, `${DATABASE}/copy`, `/x/..${DATABASE}/./a/b`]) {
      const error = expectError('LSM_INVALID_ARGUMENT', () => db.checkpoint(path));
      assert.match(error.message, /outside/);
    }
    db.checkpoint(`${DATABASE}2`);
  });

  test('with arguments that are none', (t) => {
    const fileSystem = new MemoryFileSystem();
    const db = memoryDatabase(t, { fileSystem });
    db.put('k', 'v');
    const wrong: readonly unknown[] = [
      { onProgress: 1 },
      { signal: 1 },
      { signal: {} },
      { onprogress: null },
      1,
    ];
    for (const options of wrong) {
      expectError('LSM_INVALID_ARGUMENT', () => db.checkpoint(COPY, options as object));
    }
    for (const path of ['', 'a\0b', 1, undefined]) {
      expectError('LSM_INVALID_ARGUMENT', () => db.checkpoint(path as string));
    }
    assert.equal(fileSystem.status(COPY), undefined);
    db.close();
    expectError('LSM_CLOSED', () => db.checkpoint(COPY));
  });
});

describe('a checkpoint that is not finished leaves nothing', () => {
  /** Runs one that is expected to fail, with a directory that was there before and without. */
  function unfinished(
    t: import('node:test').TestContext,
    run: (db: MiniLsm, fileSystem: MemoryFileSystem) => void,
  ): void {
    for (const existing of [false, true]) {
      const fileSystem = new MemoryFileSystem();
      if (existing) fileSystem.makeDirectory(COPY);
      const db = memoryDatabase(t, { ...TINY, fileSystem });
      fill(db);
      const before = contentsOf(db);
      run(db, fileSystem);
      assert.deepEqual(fileSystem.status(COPY)?.kind, existing ? 'directory' : undefined);
      if (existing) assert.deepEqual(fileSystem.list(COPY), []);
      if (db.closed) continue;
      assert.deepEqual(contentsOf(db), before);
      assert.deepEqual(db.verify().problems, []);
    }
  }

  test('when its signal is aborted, before or on the way', (t) => {
    unfinished(t, (db) => {
      const before = expectError('LSM_ABORTED', () =>
        db.checkpoint(COPY, { signal: AbortSignal.abort('no') }),
      );
      assert.equal(before.cause, 'no');
      const controller = new AbortController();
      expectError('LSM_ABORTED', () => {
        db.checkpoint(COPY, {
          signal: controller.signal,
          onProgress: (done) => {
            if (done > 0) controller.abort();
          },
        });
      });
    });
  });

  test('when its callback throws', (t) => {
    unfinished(t, (db) => {
      const stop = (done: number, total: number): void => {
        if (done === total) throw new RangeError('enough');
      };
      assert.throws(() => db.checkpoint(COPY, { onProgress: stop }), /enough/);
    });
  });

  test('when its callback closes the database', (t) => {
    unfinished(t, (db) => {
      expectError('LSM_CLOSED', () => db.checkpoint(COPY, { onProgress: () => db.close() }));
    });
  });

  test('when a table is missing', (t) => {
    const fileSystem = new MemoryFileSystem();
    const db = memoryDatabase(t, { ...TINY, fileSystem });
    fill(db);
    db.flush();
    const name = tableFileName(internals(db).core.view.version.levels.flat()[1].fileNumber);
    fileSystem.remove(`${DATABASE}/${name}`);
    const error = expectError('LSM_CORRUPTION', () => db.checkpoint(COPY));
    assert.equal(error.file, `${DATABASE}/${name}`);
    assert.equal(fileSystem.status(COPY), undefined);
  });

  test('when any one step fails', () => {
    for (const links of [true, false]) {
      let failures = 0;
      for (let at = 1; ; at++) {
        const { fileSystem, faulty, before, db } = faultyDatabase(links);
        faulty.arm({ at: faulty.operations + at, when: 'before', errno: 'ENOSPC' });
        let error: unknown;
        try {
          db.checkpoint(COPY);
        } catch (thrown) {
          error = thrown;
        }
        const { faults } = faulty;
        faulty.arm(undefined);
        try {
          db.close();
        } catch {
          // The step may have been one on the log or the manifest: then the database says so again.
        }
        assert.deepEqual(wholeContents(fileSystem.crashClone(), DATABASE), before);
        if (faults === 0) break;
        if (error === undefined) {
          // Such as a flush, which is tried again.
          assert.deepEqual(wholeContents(fileSystem.crashClone(), COPY), before);
          continue;
        }
        assert.ok(error instanceof LsmError);
        // A step on the log or the manifest of the source ends writing there.
        assert.match(error.code, /^LSM_(NO_SPACE|READ_ONLY)$/);
        assert.equal(fileSystem.status(COPY), undefined, `after operation ${at}`);
        failures += 1;
      }
      assert.ok(failures > 10);
    }
  });
});

/** A filled database on a disk that can fail, which also checks the order of its steps. */
function faultyDatabase(links: boolean): {
  fileSystem: MemoryFileSystem;
  faulty: FaultyFileSystem;
  ordering: OrderingFileSystem;
  db: MiniLsm;
  before: string[];
} {
  class MaybeLinks extends MemoryFileSystem {
    override link(from: string, to: string): boolean {
      return links && super.link(from, to);
    }
  }
  const fileSystem = new MaybeLinks();
  const faulty = new FaultyFileSystem(fileSystem);
  const ordering = new OrderingFileSystem(faulty);
  const db = MiniLsm.open(DATABASE, { ...TINY, fileSystem: ordering });
  fill(db);
  return { fileSystem, faulty, ordering, db, before: contentsOf(db) };
}

test('a process that dies in a checkpoint leaves its source as it was, and a whole copy or none', () => {
  const outcomes = new Set<string>();
  for (const links of [true, false]) {
    for (const when of ['before', 'after', 'half'] as const satisfies readonly Fault['when'][]) {
      for (let at = 1; ; at++) {
        const { fileSystem, faulty, ordering, db, before } = faultyDatabase(links);
        faulty.arm({ at: faulty.operations + at, when, errno: 'EIO', forever: true });
        try {
          db.checkpoint(COPY);
        } catch {
          // What is on the disk tells.
        }
        const left = fileSystem.crashClone();
        const { faults } = faulty;
        faulty.arm(undefined);
        try {
          db.close();
        } catch {
          // It died.
        }
        assert.deepEqual(ordering.violations, []);
        assert.deepEqual(wholeContents(left, DATABASE), before);
        const isDatabase = left.status(`${COPY}/CURRENT`) !== undefined;
        outcomes.add(isDatabase ? 'a database' : 'none');
        if (isDatabase) {
          assert.deepEqual(wholeContents(left, COPY), before);
        } else {
          expectError('LSM_NOT_FOUND', () => open(left, COPY));
        }
        MiniLsm.destroy(COPY, { fileSystem: left });
        assert.equal(left.status(COPY), undefined);
        if (faults === 0) break;
      }
    }
  }
  assert.deepEqual([...outcomes].sort(), ['a database', 'none']);
});
