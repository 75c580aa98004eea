/** What classic-level wrote is what comes out, to the byte; and nothing of the source is changed by it. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { MiniLsm } from '../../src/db/mini-lsm.ts';
import { type ImportProgress, type ImportReport, importLevelDB } from '../../src/leveldb/import-leveldb.ts';
import { failOnLeaks } from '../support/leaks.ts';
import { checkAsyncProperty } from '../support/property.ts';
import { Random, seedOf } from '../support/random.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';
import { text } from './builders.ts';
import {
  type Classic,
  type ClassicOptions,
  type Contents,
  classicContents,
  contentsOf,
  importFrom,
  inMemory,
  readDirectory,
  rejection,
  withClassic,
} from './import-support.ts';

failOnLeaks();

/** What keeps the files of LevelDB small, so that there are many. */
const MANY_FILES: ClassicOptions = {
  writeBufferSize: 64 * 1024,
  maxFileSize: 1024 * 1024,
  blockSize: 512,
  blockRestartInterval: 4,
};

async function fill(
  path: string,
  use: (db: Classic) => Promise<unknown>,
  options?: ClassicOptions,
): Promise<Contents> {
  return await withClassic(
    path,
    async (db) => {
      await use(db);
      return await classicContents(db);
    },
    options,
  );
}

async function importOf(path: string): Promise<ImportReport> {
  const { report } = await importFrom(inMemory(readDirectory(path)));
  return report;
}

async function assertImported(path: string, expected: Contents): Promise<ImportReport> {
  const { report, contents } = await importFrom(inMemory(readDirectory(path)));
  assert.deepEqual(contents, expected);
  assert.equal(report.discardedBytes, 0);
  assert.equal(report.skippedParts, 0);
  return report;
}

function extensions(path: string): string[] {
  return readdirSync(path).map((name) => name.replace(/^.*\./, '.'));
}

describe('a directory of classic-level is imported', () => {
  test('when it is empty', async (t) => {
    const path = join(temporaryDirectory(t), 'db');
    const report = await assertImported(path, await fill(path, async () => {}));
    assert.equal(report.entries, 0);
  });

  test('when all is in the log still', async (t) => {
    const path = join(temporaryDirectory(t), 'db');
    const expected = await fill(path, async (db) => {
      await db.put(text('a'), text('1'));
      await db.batch([
        { type: 'put', key: text('b'), value: text('2') },
        { type: 'del', key: text('a') },
        { type: 'put', key: text('b'), value: text('3') },
      ]);
      await db.del(text('never there'));
    });
    assert.ok(!extensions(path).includes('.ldb'));
    const report = await assertImported(path, expected);
    assert.deepEqual([report.entries, report.deletions, report.superseded, report.filesRead], [1, 2, 2, 1]);
  });

  test('when the log overwrites and deletes what tables hold', async (t) => {
    const path = join(temporaryDirectory(t), 'db');
    const key = (i: number): Uint8Array => text(`key ${i}`);
    await fill(path, async (db) => {
      for (let i = 0; i < 500; i++) await db.put(key(i), text(`old ${i}`));
    });
    const expected = await fill(path, async (db) => {
      for (let i = 0; i < 500; i += 2) await db.del(key(i));
      for (let i = 0; i < 500; i += 3) await db.put(key(i), text(`new ${i}`));
    });
    assert.ok(extensions(path).includes('.ldb'));
    const report = await assertImported(path, expected);
    assert.equal(report.entries, 250 + 84);
    assert.equal(report.deletions, 250);
    assert.equal(report.superseded, 500 + 167 - report.entries);
  });

  for (const compression of [true, false]) {
    test(`with ${compression ? 'Snappy' : 'no'} compression, several levels and all kinds of keys and values`, async (t) => {
      const random = new Random(seedOf(t));
      const path = join(temporaryDirectory(t), 'db');
      const options = { ...MANY_FILES, compression };
      const bytes = (most: number): Uint8Array =>
        Uint8Array.from({ length: random.below(most) }, () => random.below(random.oneIn(3) ? 256 : 4));
      let expected: Contents = new Map();
      for (let round = 0; round < 6; round++) {
        expected = await fill(
          path,
          async (db) => {
            for (let i = 0; i < 400; i++) {
              const batch = db.batch();
              for (let n = random.below(12); n >= 0; n--) {
                const key = random.oneIn(2) ? text(`key ${random.below(3000)}`) : bytes(5);
                if (random.oneIn(4)) batch.del(key);
                else batch.put(key, random.oneIn(200) ? bytes(100_000) : bytes(120));
              }
              await batch.write();
            }
            await db.put(new Uint8Array(0), new Uint8Array(0));
            if (round === 2) await db.compactRange(text('key 1'), text('key 2'));
            if (round === 4) await db.compactRange(new Uint8Array(0), Uint8Array.of(0xff));
          },
          options,
        );
      }
      assert.ok(extensions(path).filter((name) => name === '.ldb').length >= 2);
      const report = await assertImported(path, expected);
      assert.ok(report.entries > 1000 && report.deletions > 0 && report.superseded > 0);
    });
  }

  test('with values over many blocks of the log', async (t) => {
    const path = join(temporaryDirectory(t), 'db');
    const value = (bytes: number): Uint8Array => Uint8Array.from({ length: bytes }, (_, i) => i % 251);
    const expected = await fill(path, async (db) => {
      for (const length of [32_700, 32_768, 65_536, 200_000, 7, 0])
        await db.put(text(`${length}`), value(length));
    });
    assert.ok(!extensions(path).includes('.ldb'));
    await assertImported(path, expected);
  });

  test('whatever is written, deleted, compacted and opened again', async (t) => {
    const parent = temporaryDirectory(t);
    const key = fc.oneof(fc.uint8Array({ maxLength: 3 }), fc.constantFrom('a', 'ab', 'b').map(text));
    const operation = fc.oneof(
      {
        weight: 6,
        arbitrary: fc.record({ kind: fc.constant('put'), key, value: fc.uint8Array({ maxLength: 40 }) }),
      },
      { weight: 3, arbitrary: fc.record({ kind: fc.constant('del'), key }) },
      { weight: 1, arbitrary: fc.constant({ kind: 'reopen' } as const) },
      { weight: 1, arbitrary: fc.constant({ kind: 'compact' } as const) },
    );
    let run = 0;
    await checkAsyncProperty(
      fc.asyncProperty(
        fc.array(operation, { maxLength: 60 }),
        fc.boolean(),
        async (operations, compression) => {
          const path = join(parent, String(run++));
          const sessions: (typeof operations)[] = [[]];
          for (const one of operations) {
            if (one.kind === 'reopen') sessions.push([]);
            else sessions.at(-1)?.push(one);
          }
          let expected: Contents = new Map();
          for (const session of sessions) {
            const work = async (db: Classic): Promise<void> => {
              for (const one of session) {
                if (one.kind === 'compact')
                  await db.compactRange(new Uint8Array(0), Uint8Array.of(0xff, 0xff));
                else if ('value' in one) await db.put(one.key, one.value);
                else if ('key' in one) await db.del(one.key);
              }
            };
            expected = await fill(path, work, { compression });
          }
          await assertImported(path, expected);
        },
      ),
      60,
    );
  });

  test('when a process died with it open', async (t) => {
    const directory = temporaryDirectory(t);
    const [live, copy] = [join(directory, 'live'), join(directory, 'copy')];
    await withClassic(live, async (db) => {
      for (let i = 0; i < 3000; i++) await db.put(text(`key ${i}`), text(`value ${i}`.repeat(20)));
      // A copy of the files is what is left of a process that is killed now.
      mkdirSync(copy);
      for (const [name, bytes] of readDirectory(live)) writeFileSync(join(copy, name), bytes);
    });
    await assertImported(copy, await fill(live, async () => {}));
  });

  test('after LevelDB repaired it', async (t) => {
    const path = join(temporaryDirectory(t), 'db');
    await fill(
      path,
      async (db) => {
        for (let i = 0; i < 4000; i++) await db.put(text(`key ${i % 1700}`), text(`value ${i}`.repeat(5)));
      },
      MANY_FILES,
    );
    const { ClassicLevel } = await import('classic-level');
    await ClassicLevel.repair(path);
    const repaired = new Map(readDirectory(path));
    const { contents } = await importFrom(inMemory(repaired));
    assert.deepEqual(contents, await fill(path, async () => {}));
  });
});

describe('an import', () => {
  const work = async (db: Classic): Promise<void> => {
    for (let i = 0; i < 4000; i++) await db.put(text(`key ${i}`), text(`value ${i}`.repeat(10)));
  };

  test('changes nothing in the source, on a disk', async (t) => {
    const directory = temporaryDirectory(t);
    const [source, target] = [join(directory, 'source'), join(directory, 'target')];
    const expected = await fill(source, work, MANY_FILES);
    const state = (): unknown =>
      readdirSync(source)
        .sort()
        .map((name) => {
          const path = join(source, name);
          const { mtimeMs, ctimeMs, size, mode } = statSync(path);
          return [
            name,
            createHash('sha256').update(readFileSync(path)).digest('hex'),
            mtimeMs,
            ctimeMs,
            size,
            mode,
          ];
        });
    const [before, directoryTime] = [state(), statSync(source).mtimeMs];
    const report = await importLevelDB(source, target);
    assert.deepEqual(state(), before);
    assert.equal(statSync(source).mtimeMs, directoryTime);
    assert.equal(report.entries, 4000);
    assert.deepEqual(contentsOf(target), expected);
    assert.deepEqual(readdirSync(directory).sort(), ['source', 'target']);
  });

  test('says how far it is, up to the end', async (t) => {
    const path = join(temporaryDirectory(t), 'db');
    await fill(path, work, MANY_FILES);
    const seen: ImportProgress[] = [];
    const { report } = await importFrom(inMemory(readDirectory(path)), {
      onProgress: (one) => seen.push(one),
    });
    assert.ok(seen.length >= 4);
    for (const [i, { bytesRead, bytesTotal, entries }] of seen.entries()) {
      assert.ok(bytesRead <= bytesTotal && bytesTotal === seen[0].bytesTotal);
      if (i > 0) assert.ok(bytesRead >= seen[i - 1].bytesRead && entries >= seen[i - 1].entries);
    }
    assert.equal(seen.at(-1)?.entries, report.entries);
    assert.equal(seen.at(-1)?.bytesRead, seen[0].bytesTotal);
    assert.equal(report.bytesRead, seen[0].bytesTotal);
  });

  test('lets the event loop turn, and ends when it is aborted, with nothing left', async (t) => {
    const path = join(temporaryDirectory(t), 'db');
    await fill(path, work, MANY_FILES);
    const controller = new AbortController();
    const reason = new Error('enough');
    setImmediate(() => controller.abort(reason));
    const error = await rejection(
      'LSM_ABORTED',
      importFrom(inMemory(readDirectory(path)), { signal: controller.signal }),
    );
    assert.equal(error.cause, reason);
  });

  test('ends with what its observer throws, with nothing left', async (t) => {
    const path = join(temporaryDirectory(t), 'db');
    await fill(path, work);
    const thrown = new Error('no more');
    const onProgress = (): never => {
      throw thrown;
    };
    await assert.rejects(importFrom(inMemory(readDirectory(path)), { onProgress }), thrown);
  });

  test('notices that the source was changed meanwhile', async (t) => {
    const path = join(temporaryDirectory(t), 'db');
    await fill(path, work, MANY_FILES);
    const files = readDirectory(path);
    // A flush in the background may have left an older log behind, which nobody reads.
    const newest = (kind: RegExp): string =>
      [...files.keys()]
        .filter((name) => kind.test(name))
        .sort()
        .at(-1) ?? '';
    for (const name of [newest(/^MANIFEST/), newest(/\.log$/), '999999.log']) {
      const fs = inMemory(files);
      let done = false;
      const onProgress = (): void => {
        if (done) return;
        done = true;
        const bytes = files.get(name) ?? new Uint8Array(0);
        if (files.has(name)) fs.remove(`/source/${name}`);
        const file = fs.createFile(`/source/${name}`);
        file.append(bytes);
        file.append(Uint8Array.of(0));
        file.close();
      };
      const error = await rejection('LSM_LOCKED', importFrom(fs, { onProgress }));
      assert.match(error.message, /changed while it was read/);
    }
  });

  test('notices that tables were removed meanwhile by a compaction', async (t) => {
    const path = join(temporaryDirectory(t), 'db');
    await fill(path, async (db) => {
      await work(db);
      await db.compactRange(new Uint8Array(0), Uint8Array.of(0xff));
    });
    const files = readDirectory(path);
    const fs = inMemory(files);
    const openFile = fs.openFile.bind(fs);
    fs.openFile = (name) => {
      if (name.endsWith('.ldb')) {
        fs.remove(name);
        fs.rename('/source/CURRENT', '/source/CURRENT.old');
        const current = fs.createFile('/source/CURRENT');
        current.append(text('MANIFEST-000099\n'));
        current.close();
      }
      return openFile(name);
    };
    await rejection('LSM_LOCKED', importFrom(fs));
  });

  test('begins anew where an earlier one died', async (t) => {
    const path = join(temporaryDirectory(t), 'db');
    const expected = await fill(path, work);
    const fs = inMemory(readDirectory(path));
    const dead = MiniLsm.open('/target.importing', { fileSystem: fs });
    dead.put('not in the source', 'x');
    dead.close();
    fs.createFile('/target.importing/IMPORTING').close();
    const { contents } = await importFrom(fs);
    assert.deepEqual(contents, expected);
    assert.ok(!fs.list('/target').includes('IMPORTING'));
  });

  test('takes away no database that is not what an import left', async (t) => {
    const path = join(temporaryDirectory(t), 'db');
    await fill(path, work);
    const fs = inMemory(readDirectory(path));
    const mine = MiniLsm.open('/target.importing', { fileSystem: fs });
    mine.put('k', 'v');
    mine.close();
    const options = { fileSystem: fs, background: 'inline' } as const;
    await rejection('LSM_EXISTS', importLevelDB('/source', '/target', options));
    const still = MiniLsm.open('/target.importing', { fileSystem: fs });
    assert.ok(still.has('k'));
    still.close();
  });

  test('takes an empty directory as its target, and gives the options to the database', async (t) => {
    const path = join(temporaryDirectory(t), 'db');
    const expected = await fill(path, work);
    const fs = inMemory(readDirectory(path));
    fs.makeDirectory('/target');
    const { contents } = await importFrom(fs, { compaction: 'simple-leveled', tableBytes: 64 * 1024 });
    assert.deepEqual(contents, expected);
  });

  test('leaves an empty directory where it was when it fails', async (t) => {
    const path = join(temporaryDirectory(t), 'db');
    await fill(path, work);
    const fs = inMemory(readDirectory(path));
    fs.makeDirectory('/target');
    const thrown = new Error('no more');
    const onProgress = (): never => {
      throw thrown;
    };
    const options = { fileSystem: fs, background: 'inline', onProgress } as const;
    await assert.rejects(importLevelDB('/source', '/target', options), thrown);
    assert.deepEqual(fs.list('/target'), []);
    assert.equal(fs.status('/target.importing'), undefined);
    const busy = MiniLsm.open('/target.importing', { fileSystem: fs });
    fs.createFile('/target.importing/IMPORTING').close();
    await rejection('LSM_LOCKED', importLevelDB('/source', '/target', options));
    busy.close();
    assert.deepEqual(fs.list('/target'), []);
  });
});

test('reports of the same source are the same', async (t) => {
  const path = join(temporaryDirectory(t), 'db');
  await fill(path, async (db) => {
    for (let i = 0; i < 100; i++) await db.put(text(`${i % 30}`), text('x'));
  });
  assert.deepEqual(await importOf(path), await importOf(path));
});
