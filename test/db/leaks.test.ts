/** After close, and after an open that failed, nothing is left open: no descriptor, no thread, no handle. */
import assert from 'node:assert/strict';
import { closeSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { internals, MiniLsm } from '../../src/db/mini-lsm.ts';
import { LsmError } from '../../src/errors.ts';
import { MemoryFileSystem } from '../../src/fs/memory-file-system.ts';
import { NodeFileSystem } from '../../src/fs/node-file-system.ts';
import type { Options } from '../../src/options.ts';
import { FaultyFileSystem } from '../simulation/faulty-file-system.ts';
import { OpenFilesFileSystem } from '../simulation/open-files-file-system.ts';
import { asNewerFormat, namesOfKind, readBytes, replaceFile } from '../support/edit-file.ts';
import { failOnLeaks, OpenThings } from '../support/leaks.ts';
import { BY_HAND, DATABASE } from '../support/small-database.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

failOnLeaks();

const SMALL: Options = {
  memtableBytes: 4096,
  tableBytes: 2048,
  baseLevelBytes: 4096,
  l0CompactionFiles: 2,
};

/** Writes enough for flushes and merges, and leaves a scan, a cursor and a snapshot open. */
function use(db: MiniLsm): void {
  for (let i = 0; i < 500; i++) db.put(`key ${i % 100}`, `value ${i}`);
  db.snapshot();
  db.cursor().first();
  db.scan()[Symbol.iterator]().next();
  for (let i = 0; i < 500; i++) db.put(`key ${i % 100}`, `value ${i}`);
}

test('the helper sees a descriptor and a thread', async (t) => {
  const before = new OpenThings();
  const fd = openSync(join(temporaryDirectory(t), 'file'), 'w');
  assert.match(before.leftovers().join(), /file/);
  closeSync(fd);
  const db = MiniLsm.open(join(temporaryDirectory(t), 'db'), SMALL);
  use(db);
  db.flush();
  await setImmediate();
  assert.match(before.leftovers().join(), /worker thread/);
  assert.match(before.leftovers().join(), /\.wal/);
  db.close();
  await before.assertNothingLeft();
});

describe('nothing is left open after', () => {
  for (const background of ['worker', 'inline'] as const) {
    test(`a close with jobs ${background === 'worker' ? 'on a thread' : 'inline'}`, async (t) => {
      const before = new OpenThings();
      const path = join(temporaryDirectory(t), 'db');
      for (let round = 0; round < 3; round++) {
        const db = MiniLsm.open(path, { ...SMALL, background });
        use(db);
        db.close();
      }
      await before.assertNothingLeft();
    });
  }

  test('a close while a merge runs', async (t) => {
    const before = new OpenThings();
    const path = join(temporaryDirectory(t), 'db');
    const db = MiniLsm.open(path, { ...SMALL, memtableBytes: 65_536, l0CompactionFiles: 2 });
    for (let i = 0; !internals(db).maintenance.mergeRunning; i++) {
      assert.ok(i < 1_000_000, 'a merge begins at some time');
      db.put(`key ${(i * 7919) % 5000}`, `value ${i}`);
    }
    db.close();
    await before.assertNothingLeft();
    const again = MiniLsm.open(path, SMALL);
    assert.deepEqual(again.verify().problems, []);
    again.close();
    await before.assertNothingLeft();
  });

  test('a scan that is left early, by whatever way', () => {
    const db = MiniLsm.open(DATABASE, { ...BY_HAND, fileSystem: new MemoryFileSystem() });
    for (let i = 0; i < 10; i++) db.put(`key ${i}`, 'value');
    for (const _ of db.scan()) break;
    assert.throws(() => {
      for (const _ of db.scan()) throw new Error('the caller has enough');
    }, /enough/);
    const [first, second] = db.scan();
    assert.ok(first !== undefined && second !== undefined);
    const walk = db.scan()[Symbol.iterator]();
    walk.next();
    assert.equal(db.stats().cursors, 1);
    walk[Symbol.dispose]();
    assert.equal(db.stats().cursors, 0);
    db.close();
  });

  test('Symbol.dispose', async (t) => {
    const before = new OpenThings();
    const db = MiniLsm.open(join(temporaryDirectory(t), 'db'));
    use(db);
    db[Symbol.dispose]();
    await before.assertNothingLeft();
  });

  test('every kind of open that fails on the disk', async (t) => {
    const fs = new NodeFileSystem();
    const path = join(temporaryDirectory(t), 'db');
    const make = (): void => {
      const db = MiniLsm.open(path, BY_HAND);
      db.put('a', '1');
      db.flush();
      db.put('b', '2');
      db.close();
    };
    const damages: readonly (() => void)[] = (['current', 'manifest', 'wal', 'table'] as const).flatMap(
      (kind) => {
        const file = (): string => join(path, namesOfKind(fs, path, kind)[0]);
        return [
          () => rmSync(file()),
          () => writeFileSync(file(), ''),
          () =>
            writeFileSync(
              file(),
              readFileSync(file()).map((byte, at) => (at === 20 ? byte ^ 1 : byte)),
            ),
          () => replaceFile(fs, file(), asNewerFormat(readBytes(fs, file()), kind)),
          () => {
            const name = file();
            rmSync(name);
            mkdirSync(name);
          },
        ];
      },
    );
    for (const damage of damages) {
      make();
      const before = new OpenThings();
      damage();
      try {
        // Damage inside of a table is only found by reading it.
        const db = MiniLsm.open(path, BY_HAND);
        try {
          [...db.scan()];
        } finally {
          db.close();
        }
      } catch (error) {
        assert.ok(error instanceof LsmError, String(error));
      }
      await before.assertNothingLeft();
      rmSync(path, { recursive: true });
    }
    expectFailures(path);
  });

  test('an open that fails at any operation on the disk', () => {
    const disk = new MemoryFileSystem();
    const db = MiniLsm.open(DATABASE, { ...BY_HAND, fileSystem: disk });
    db.put('a', '1');
    db.flush();
    db.put('b', '2');
    const left = disk.crashClone();
    for (let at = 1; ; at++) {
      const faulty = new FaultyFileSystem(left.crashClone());
      faulty.arm({ at, when: 'before', errno: 'EIO' });
      const fs = new OpenFilesFileSystem(faulty);
      let opened: MiniLsm | undefined;
      try {
        opened = MiniLsm.open(DATABASE, { ...BY_HAND, fileSystem: fs });
      } catch (error) {
        assert.ok(error instanceof LsmError);
      }
      const survived = faulty.faults === 0;
      faulty.arm(undefined);
      opened?.close();
      assert.deepEqual(fs.openPaths(), [], `after a failure at operation ${at}`);
      if (!survived) continue;
      assert.ok(at > 20);
      break;
    }
    db.close();
  });
});

/** Opens that fail before they touch a file. */
function expectFailures(path: string): void {
  for (const options of [{ createIfMissing: false }, { memtableBytes: 1 }]) {
    assert.throws(() => MiniLsm.open(path, options), LsmError);
  }
}
