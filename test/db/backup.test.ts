/**
 * A backup holds what was committed when it was made, in files of its own; restoring it gives a database with
 * that. Either stands complete and checked under its name, or not at all.
 */
import assert from 'node:assert/strict';
import {
  chmodSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { internals, MiniLsm } from '../../src/db/mini-lsm.ts';
import { LsmError } from '../../src/errors.ts';
import type { FileSystem } from '../../src/fs/file-system.ts';
import { MemoryFileSystem } from '../../src/fs/memory-file-system.ts';
import { MiniLevel } from '../../src/index.ts';
import { parseFileName, tableFileName } from '../../src/version/file-names.ts';
import { type Fault, FaultyFileSystem } from '../simulation/faulty-file-system.ts';
import { OpenFilesFileSystem } from '../simulation/open-files-file-system.ts';
import { OrderingFileSystem } from '../simulation/ordering-file-system.ts';
import { filesIn, readBytes, replaceFile } from '../support/edit-file.ts';
import { expectError } from '../support/expect-error.ts';
import { failOnLeaks } from '../support/leaks.ts';
import { contentsOf, DATABASE, memoryDatabase, TINY } from '../support/small-database.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

failOnLeaks();

const BACKUP = '/backups/monday';
const RESTORED = '/restored';
const KEYS = Array.from({ length: 40 }, (_, i) => `key ${String(i).padStart(2, '0')}`);

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

/** What the database at a path holds, which is verified as well. */
function wholeContents(fileSystem: FileSystem, path: string): string[] {
  const db = MiniLsm.open(path, { ...TINY, fileSystem, createIfMissing: false, recovery: 'strict' });
  try {
    assert.deepEqual(db.verify().problems, []);
    return contentsOf(db);
  } finally {
    db.close();
  }
}

interface Made {
  readonly fs: MemoryFileSystem;
  readonly contents: string[];
}

/** A backup of a filled database, which is gone. */
function backedUp(): Made {
  const fs = new MemoryFileSystem();
  const db = MiniLsm.open(DATABASE, { ...TINY, fileSystem: fs });
  fill(db);
  const contents = contentsOf(db);
  db.backup(BACKUP);
  db.close();
  MiniLsm.destroy(DATABASE, { fileSystem: fs });
  return { fs, contents };
}

function tablesOf(fs: FileSystem, directory: string): string[] {
  return fs.list(directory).filter((name) => parseFileName(name)?.kind === 'table');
}

describe('a backup', () => {
  test('restored, is the database as it was when the backup was made', (t) => {
    const fileSystem = new MemoryFileSystem();
    const db = memoryDatabase(t, { ...TINY, fileSystem });
    fill(db);
    const before = contentsOf(db);
    const report = db.backup(BACKUP);
    assert.equal(report.directory, BACKUP);
    assert.equal(report.bytes, internals(db).core.view.version.totalBytes);
    assert.ok(report.tables > 3 && report.entries > KEYS.length);
    assert.equal(tablesOf(fileSystem, BACKUP).length, report.tables);
    fill(db, 'later');
    db.compact();

    const restored = MiniLsm.restore(BACKUP, RESTORED, { fileSystem });
    assert.deepEqual(restored, { ...report, directory: RESTORED });
    assert.deepEqual(wholeContents(fileSystem, RESTORED), before);
    const again = MiniLsm.restore(BACKUP, '/restored again', { fileSystem });
    assert.equal(again.entries, report.entries);
    assert.deepEqual(fileSystem.list('/').sort(), ['backups', 'db', 'restored', 'restored again']);
    assert.deepEqual(fileSystem.list('/backups'), ['monday']);
  });

  test('of an empty database is an empty database', (t) => {
    const fileSystem = new MemoryFileSystem();
    const db = memoryDatabase(t, { fileSystem });
    assert.equal(db.backup(BACKUP).tables, 0);
    MiniLsm.restore(BACKUP, RESTORED, { fileSystem });
    assert.deepEqual(wholeContents(fileSystem, RESTORED), []);
  });

  test('goes on in a restored database where the old one stopped', () => {
    const { fs, contents } = backedUp();
    MiniLsm.restore(BACKUP, RESTORED, { fileSystem: fs });
    const db = MiniLsm.open(RESTORED, { ...TINY, fileSystem: fs });
    fill(db, 'new');
    db.compact();
    const after = contentsOf(db);
    db.close();
    assert.notDeepEqual(after, contents);
    assert.deepEqual(wholeContents(fs, RESTORED), after);
    MiniLsm.destroy(RESTORED, { fileSystem: fs });
    MiniLsm.restore(BACKUP, RESTORED, { fileSystem: fs });
    assert.deepEqual(wholeContents(fs, RESTORED), contents);
  });

  test('holds nothing that is written while it is made, and tells of its progress', (t) => {
    const fileSystem = new MemoryFileSystem();
    const db = memoryDatabase(t, { ...TINY, fileSystem });
    fill(db);
    const before = contentsOf(db);
    const progress: [number, number][] = [];
    const { bytes, tables } = db.backup(BACKUP, {
      onProgress: (done, total) => {
        progress.push([done, total]);
        fill(db, `meanwhile ${done}`);
        db.compact();
      },
    });
    assert.equal(progress.length, tables + 1);
    assert.deepEqual(progress[0], [0, bytes]);
    assert.deepEqual(progress.at(-1), [bytes, bytes]);
    assert.deepEqual(wholeContents(fileSystem, BACKUP), before);
    assert.deepEqual(db.verify().problems, []);
  });

  test('takes the place of an empty directory, and closes every file', (t) => {
    const fileSystem = new OpenFilesFileSystem(new MemoryFileSystem());
    const db = memoryDatabase(t, { ...TINY, fileSystem });
    fill(db);
    db.flush();
    fileSystem.makeDirectory(BACKUP);
    fileSystem.makeDirectory(RESTORED);
    db.backup(BACKUP);
    MiniLsm.restore(BACKUP, RESTORED, { fileSystem });
    assert.deepEqual(
      fileSystem.openPaths().filter((path) => !path.includes(DATABASE)),
      [],
    );
  });

  for (const background of ['worker', 'inline'] as const) {
    test(`on the disk, jobs ${background}, has files of its own, for their owner alone`, (t) => {
      const root = temporaryDirectory(t);
      const db = MiniLsm.open(join(root, 'db'), { ...TINY, background });
      fill(db);
      const before = contentsOf(db);
      const backup = join(root, 'backups', 'monday');
      db.backup(backup);
      db.close();
      const restored = join(root, 'restored');
      MiniLsm.restore(backup, restored);
      for (const directory of [backup, restored]) {
        const names = readdirSync(directory);
        assert.deepEqual(
          names.filter((name) => /^LOCK|ING/.test(name)),
          [],
        );
        assert.equal(statSync(directory).mode & 0o777, 0o700);
        for (const name of names) {
          assert.equal(statSync(join(directory, name)).nlink, 1);
          assert.equal(statSync(join(directory, name)).mode & 0o777, 0o600);
        }
      }
      const opened = MiniLsm.open(restored, { ...TINY, background });
      assert.deepEqual(contentsOf(opened), before);
      opened.close();
    });
  }

  test('through MiniLevel lets the event loop turn', async () => {
    const fileSystem = new MemoryFileSystem();
    const db = new MiniLevel('/level', { ...TINY, compression: 'none', fileSystem });
    await db.batch(KEYS.map((key) => ({ type: 'put', key, value: key.padEnd(70) })));
    let turns = 0;
    const count = (): void => {
      turns += 1;
      if (!done) setImmediate(count);
    };
    let done = false;
    setImmediate(count);
    const { tables } = await db.backup(BACKUP);
    done = true;
    assert.ok(turns >= tables, `${turns} turns for ${tables} tables`);
    await assert.rejects(db.backup('/other', { signal: AbortSignal.abort() }), { code: 'LEVEL_ABORTED' });
    await db.close();
    await assert.rejects(db.backup('/other'), { code: 'LEVEL_DATABASE_NOT_OPEN' });
    assert.equal(wholeContents(fileSystem, BACKUP).length, KEYS.length);
  });

  test('through MiniLevel is given up when the database is closed', async () => {
    const fileSystem = new MemoryFileSystem();
    const db = new MiniLevel('/level', { ...TINY, compression: 'none', fileSystem });
    await db.batch(KEYS.map((key) => ({ type: 'put', key, value: key.padEnd(70) })));
    await db.flush();
    const backup = db.backup(BACKUP);
    backup.catch(() => {});
    await db.close();
    const left = fileSystem.status(BACKUP);
    if (left === undefined) await assert.rejects(backup, { code: 'LEVEL_DATABASE_NOT_OPEN' });
    else assert.equal((await backup).directory, BACKUP);
  });

  test('is restored by MiniLevel', async (t) => {
    const root = temporaryDirectory(t);
    const db = new MiniLevel(join(root, 'db'));
    await db.put('key', 'value');
    await db.backup(join(root, 'backup'));
    await db.close();
    await MiniLevel.restore(join(root, 'backup'), join(root, 'restored'));
    const restored = new MiniLevel(join(root, 'restored'));
    assert.equal(await restored.get('key'), 'value');
    await restored.close();
    await assert.rejects(MiniLevel.restore(join(root, 'none'), join(root, 'other')), {
      code: 'LSM_NOT_FOUND',
    });
  });
});

describe('neither backup nor restore', () => {
  test('touches what is at its target already', (t) => {
    const root = temporaryDirectory(t);
    const db = MiniLsm.open(join(root, 'db'), { ...TINY, background: 'inline' });
    t.after(() => db.close());
    fill(db);
    const backup = join(root, 'backup');
    db.backup(backup);
    writeFileSync(join(root, 'file'), 'mine');
    mkdirSync(join(root, 'full'));
    writeFileSync(join(root, 'full', 'notes.txt'), 'mine');
    symlinkSync(join(root, 'nowhere'), join(root, 'link'));
    for (const name of ['file', 'full', 'link', 'backup', 'db']) {
      const target = join(root, name);
      expectError('LSM_EXISTS', () => db.backup(target));
      expectError('LSM_EXISTS', () => MiniLsm.restore(backup, target));
    }
    assert.deepEqual(readdirSync(join(root, 'full')), ['notes.txt']);
    assert.deepEqual(readdirSync(root).sort(), ['backup', 'db', 'file', 'full', 'link']);
  });

  test('works within its source', (t) => {
    const fileSystem = new MemoryFileSystem();
    const db = memoryDatabase(t, { fileSystem });
    db.put('k', 'v');
    db.backup(BACKUP);
    expectError('LSM_INVALID_ARGUMENT', () => db.backup(`${DATABASE}/backup`));
    expectError('LSM_INVALID_ARGUMENT', () => MiniLsm.restore(BACKUP, `${BACKUP}/db`, { fileSystem }));
  });

  test('takes arguments that are none', (t) => {
    const fileSystem = new MemoryFileSystem();
    const db = memoryDatabase(t, { fileSystem });
    db.put('k', 'v');
    db.backup(BACKUP);
    for (const options of [{ onProgress: 1 }, { signal: 1 }, { signal: {} }, { onprogress: null }, 1]) {
      expectError('LSM_INVALID_ARGUMENT', () => db.backup('/other', options as object));
      expectError('LSM_INVALID_ARGUMENT', () => MiniLsm.restore(BACKUP, '/other', options as object));
    }
    for (const path of ['', 'a\0b', 1, undefined] as string[]) {
      expectError('LSM_INVALID_ARGUMENT', () => db.backup(path));
      expectError('LSM_INVALID_ARGUMENT', () => MiniLsm.restore(path, '/other', { fileSystem }));
      expectError('LSM_INVALID_ARGUMENT', () => MiniLsm.restore(BACKUP, path, { fileSystem }));
    }
    assert.equal(fileSystem.status('/other'), undefined);
  });

  test('shares the directory in which it grows with others', (t) => {
    const fileSystem = new MemoryFileSystem();
    const db = memoryDatabase(t, { fileSystem });
    db.put('k', 'v');
    replaceFile(fileSystem, '/copy.backing-up', Buffer.from('mine'));
    expectError('LSM_EXISTS', () => db.backup('/copy'));
    fileSystem.remove('/copy.backing-up');
    fileSystem.makeDirectory('/copy.backing-up');
    replaceFile(fileSystem, '/copy.backing-up/notes.txt', Buffer.from('mine'));
    const error = expectError('LSM_EXISTS', () => db.backup('/copy'));
    assert.match(error.message, /no remains of one; move it away/);
    assert.deepEqual(fileSystem.list('/copy.backing-up'), ['notes.txt']);
    db.backup('/other', {
      onProgress: (done, total) => {
        if (done === total) expectError('LSM_LOCKED', () => db.backup('/other'));
      },
    });
    assert.deepEqual(wholeContents(fileSystem, '/other'), ['k=v']);
  });
});

describe('restoring refuses', () => {
  function refused(
    change: (fs: MemoryFileSystem) => void,
    code: LsmError['code'] = 'LSM_CORRUPTION',
  ): LsmError {
    const { fs } = backedUp();
    change(fs);
    const before = filesIn(fs, BACKUP);
    const error = expectError(code, () => MiniLsm.restore(BACKUP, RESTORED, { fileSystem: fs }));
    assert.deepEqual(filesIn(fs, BACKUP), before, 'the backup is as it was');
    assert.deepEqual(fs.list('/'), ['backups'], 'nothing is left of the attempt');
    return error;
  }

  test('what is no backup', () => {
    const { fs } = backedUp();
    expectError('LSM_NOT_FOUND', () => MiniLsm.restore('/nowhere', RESTORED, { fileSystem: fs }));
    expectError('LSM_NOT_FOUND', () => MiniLsm.restore('/backups', RESTORED, { fileSystem: fs }));
    replaceFile(fs, '/file', Buffer.from(''));
    expectError('LSM_INVALID_ARGUMENT', () => MiniLsm.restore('/file', RESTORED, { fileSystem: fs }));
    const error = refused((disk) => {
      const db = MiniLsm.open(BACKUP, { ...TINY, fileSystem: disk });
      db.put('written', 'to the backup');
      db.close();
    }, 'LSM_INVALID_ARGUMENT');
    assert.match(error.message, /opened/);
  });

  test('a backup in which any byte is changed, any file is missing, or one is too many', () => {
    const { fs } = backedUp();
    const names = fs.list(BACKUP);
    for (const name of names) {
      const path = `${BACKUP}/${name}`;
      const { length } = readBytes(fs, path);
      for (let at = 0; at < length; at += Math.max(1, Math.floor(length / 12))) {
        const disk = fs.crashClone();
        const bytes = readBytes(disk, path);
        bytes[at] ^= 0x10;
        replaceFile(disk, path, bytes);
        let error: unknown;
        try {
          MiniLsm.restore(BACKUP, RESTORED, { fileSystem: disk });
        } catch (thrown) {
          error = thrown;
        }
        // The seal of the last edit of a manifest is all that may go without a word.
        if (error === undefined) {
          assert.equal(parseFileName(name)?.kind, 'manifest', `${name} at ${at}`);
          assert.deepEqual(wholeContents(disk, RESTORED), wholeContents(fs.crashClone(), BACKUP));
          continue;
        }
        assert.ok(error instanceof LsmError);
        assert.match(error.code, /^LSM_(CORRUPTION|UNSUPPORTED_FORMAT)$/);
        assert.equal(error.file, path, `${name} at ${at}: ${error.message}`);
        assert.deepEqual(disk.list('/'), ['backups']);
      }
      if (name !== 'CURRENT') assert.equal(refusedWithout(fs, name).file, path);
    }
    for (const name of ['900001.sst', '900002.wal', 'MANIFEST-900003', 'CURRENT.tmp']) {
      const error = refused((disk) => replaceFile(disk, `${BACKUP}/${name}`, Buffer.from('surplus')));
      assert.equal(error.file, `${BACKUP}/${name}`);
    }
  });

  function refusedWithout(fs: MemoryFileSystem, name: string): LsmError {
    const disk = fs.crashClone();
    disk.remove(`${BACKUP}/${name}`);
    return expectError('LSM_CORRUPTION', () => MiniLsm.restore(BACKUP, RESTORED, { fileSystem: disk }));
  }

  test('files behind symbolic links, whatever they hold', (t) => {
    const root = temporaryDirectory(t);
    const db = MiniLsm.open(join(root, 'db'), { ...TINY, background: 'inline' });
    fill(db);
    const backup = join(root, 'backup');
    db.backup(backup);
    db.close();
    mkdirSync(join(root, 'elsewhere'));
    for (const name of readdirSync(backup)) {
      renameSync(join(backup, name), join(root, 'elsewhere', name));
      symlinkSync(join(root, 'elsewhere', name), join(backup, name));
      assert.throws(() => MiniLsm.restore(backup, join(root, 'restored')), LsmError, name);
      assert.deepEqual(readdirSync(root).sort(), ['backup', 'db', 'elsewhere']);
      chmodSync(join(root, 'elsewhere', name), 0o600);
      renameSync(join(root, 'elsewhere', name), join(backup, name));
    }
    writeFileSync(join(backup, 'README'), 'files of others may lie there');
    MiniLsm.restore(backup, join(root, 'restored'));
    assert.ok(!readdirSync(join(root, 'restored')).includes('README'));
    assert.equal(readFileSync(join(backup, 'README'), 'utf8').length, 29);
  });

  test('a backup that shares a file with others is fine: it is copied', (t) => {
    const root = temporaryDirectory(t);
    const db = MiniLsm.open(join(root, 'db'), { ...TINY, background: 'inline' });
    fill(db);
    db.checkpoint(join(root, 'checkpoint'));
    db.close();
    linkSync(join(root, 'checkpoint', 'CURRENT'), join(root, 'second name'));
    MiniLsm.restore(join(root, 'checkpoint'), join(root, 'restored'));
    for (const name of readdirSync(join(root, 'restored'))) {
      assert.equal(statSync(join(root, 'restored', name)).nlink, 1);
    }
  });
});

describe('a backup tells of damage', () => {
  test('in the database, by the file there', (t) => {
    const fileSystem = new MemoryFileSystem();
    const db = memoryDatabase(t, { ...TINY, fileSystem });
    fill(db);
    db.flush();
    const name = tableFileName(internals(db).core.view.version.levels.flat()[1].fileNumber);
    const path = `${DATABASE}/${name}`;
    const bytes = readBytes(fileSystem, path);
    bytes[10] ^= 1;
    replaceFile(fileSystem, path, bytes);
    const error = expectError('LSM_CORRUPTION', () => db.backup(BACKUP));
    assert.equal(error.file, path);
    assert.deepEqual(fileSystem.list('/backups'), []);
  });

  test('in the copy, by the file there', (t) => {
    const memory = new MemoryFileSystem();
    class BadDisk extends FaultyFileSystem {
      override openFile(path: string): ReturnType<FileSystem['openFile']> {
        const file = super.openFile(path);
        if (!path.startsWith('/backups') || !path.endsWith('.sst')) return file;
        return {
          path,
          size: file.size,
          close: () => file.close(),
          read: (into, start, length, position) => {
            file.read(into, start, length, position);
            if (position <= 10 && position + length > 10) into[start + 10 - position] ^= 1;
          },
        };
      }
    }
    const db = memoryDatabase(t, { ...TINY, fileSystem: new BadDisk(memory) });
    fill(db);
    const error = expectError('LSM_IO', () => db.backup(BACKUP));
    assert.match(error.message, /did not read back as it was written.*check the disk/);
    assert.match(String(error.file), /^\/backups/);
    assert.deepEqual(memory.list('/backups'), []);
  });
});

describe('what ends a copy leaves nothing of it', () => {
  for (const work of ['backup', 'restore'] as const) {
    test(`${work}: a signal, a callback that throws, a database that is closed`, (t) => {
      for (const existing of [false, true]) {
        const fileSystem = new MemoryFileSystem();
        const db = memoryDatabase(t, { ...TINY, fileSystem });
        fill(db);
        db.backup(BACKUP);
        if (existing) fileSystem.makeDirectory('/target');
        const run = (options: Parameters<MiniLsm['backup']>[1]): unknown =>
          work === 'backup'
            ? db.backup('/target', options)
            : MiniLsm.restore(BACKUP, '/target', { ...options, fileSystem });
        const nothing = (): void => {
          assert.equal(fileSystem.status('/target')?.kind, existing ? 'directory' : undefined);
          if (existing) assert.deepEqual(fileSystem.list('/target'), []);
          assert.equal(fileSystem.list('/').length, existing ? 3 : 2);
        };
        expectError('LSM_ABORTED', () => run({ signal: AbortSignal.abort() }));
        nothing();
        const controller = new AbortController();
        const abort = (done: number): void => {
          if (done > 0) controller.abort();
        };
        expectError('LSM_ABORTED', () => run({ signal: controller.signal, onProgress: abort }));
        nothing();
        const stop = (done: number, total: number): void => {
          if (done === total) throw new RangeError('enough');
        };
        assert.throws(() => run({ onProgress: stop }), /enough/);
        nothing();
        if (work === 'backup') {
          expectError('LSM_CLOSED', () => run({ onProgress: () => db.close() }));
          nothing();
        }
      }
    });
  }
});

type Work = 'backup' | 'restore';

/** Does the work on a disk where one operation fails, once or for ever; false when there was none to fail. */
function withFault(work: Work, fault: Omit<Fault, 'at'>, at: number, check: (end: End) => void): boolean {
  const memory = new MemoryFileSystem();
  const faulty = new FaultyFileSystem(memory);
  const ordering = new OrderingFileSystem(faulty);
  const db = MiniLsm.open(DATABASE, { ...TINY, fileSystem: ordering });
  fill(db);
  const before = contentsOf(db);
  db.flush();
  if (work === 'restore') db.backup(BACKUP);
  const target = work === 'backup' ? BACKUP : RESTORED;
  faulty.arm({ ...fault, at: faulty.operations + at });
  let error: unknown;
  try {
    if (work === 'backup') db.backup(target);
    else MiniLsm.restore(BACKUP, target, { fileSystem: ordering });
  } catch (thrown) {
    error = thrown;
  }
  const left = memory.crashClone();
  const { faults } = faulty;
  faulty.arm(undefined);
  db.close();
  assert.deepEqual(ordering.violations, []);
  assert.deepEqual(wholeContents(memory.crashClone(), DATABASE), before);
  if (faults > 0) check({ error, left, target, before });
  return faults > 0;
}

interface End {
  readonly error: unknown;
  readonly left: MemoryFileSystem;
  readonly target: string;
  readonly before: string[];
}

function assertWholeOrNothing({ left, target, before }: End): 'whole' | 'nothing' {
  if (left.status(target) === undefined) return 'nothing';
  assert.deepEqual(wholeContents(left.crashClone(), target), before);
  return 'whole';
}

for (const work of ['backup', 'restore'] as const) {
  test(`${work}: when any one step fails, the error comes out and nothing is left, or all is there`, () => {
    for (const when of ['before', 'after'] as const) {
      let at = 1;
      let failures = 0;
      const check = (end: End): void => {
        const outcome = assertWholeOrNothing(end);
        if (end.error === undefined) assert.equal(outcome, 'whole', `operation ${at}`);
        else failures += 1;
        assert.ok(end.error === undefined || end.error instanceof LsmError);
        if (outcome === 'nothing') {
          assert.equal(
            end.left.list('/').some((name) => name.includes('ing')),
            false,
            `${end.left.list('/').join()} after operation ${at}`,
          );
        }
      };
      while (withFault(work, { when, errno: 'ENOSPC' }, at, check)) at += 1;
      assert.ok(failures > 20, `${failures} failures`);
    }
  });

  test(`${work}: a process that dies at any step leaves nothing under the name, or all; the next one succeeds`, () => {
    const outcomes = new Set<string>();
    for (const when of ['before', 'after', 'half'] as const) {
      let at = 1;
      const check = (end: End): void => {
        const outcome = assertWholeOrNothing(end);
        outcomes.add(outcome);
        if (outcome === 'whole') return;
        const { left, target, before } = end;
        if (work === 'restore') {
          MiniLsm.restore(BACKUP, target, { fileSystem: left });
        } else {
          const db = MiniLsm.open(DATABASE, { ...TINY, fileSystem: left });
          db.backup(target);
          db.close();
        }
        assert.deepEqual(wholeContents(left, target), before, `operation ${at}`);
        assert.ok(!left.list('/').some((name) => name.endsWith('ing')));
      };
      while (withFault(work, { when, errno: 'EIO', forever: true }, at, check)) at += 1;
    }
    assert.deepEqual([...outcomes].sort(), ['nothing', 'whole']);
  });
}
