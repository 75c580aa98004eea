/**
 * Every byte of small directories is changed, and every file cut off at every length: an import says which
 * file is damaged and where, or gives exactly what was there. It never gives anything else.
 */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { LsmError } from '../../src/errors.ts';
import { Random, seedOf } from '../support/random.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';
import { text } from './builders.ts';
import {
  type Classic,
  type Contents,
  classicContents,
  type Imported,
  importFrom,
  inMemory,
  readDirectory,
  withClassic,
} from './import-support.ts';

type Files = ReadonlyMap<string, Uint8Array>;

interface Original {
  readonly files: Files;
  /** What was there after each write of the last session, which is in the log; then what is there. */
  readonly history: readonly Contents[];
  readonly contents: Contents;
}

/** Two tables on two levels, a manifest with several edits, and a log. */
async function smallDirectory(path: string, compression: boolean): Promise<Original> {
  const options = { compression };
  const key = (i: number): Uint8Array => text(`key ${i}`);
  await withClassic(
    path,
    async (db) => {
      for (let i = 0; i < 20; i++) await db.put(key(i), text(`first ${i} ${'ab'.repeat(8)}`));
      await db.compactRange(key(0), text('l'));
    },
    options,
  );
  await withClassic(
    path,
    async (db) => {
      for (let i = 0; i < 20; i += 3) await db.put(key(i), text(`second ${i}`));
      await db.del(key(1));
    },
    options,
  );
  const history: Contents[] = [];
  await withClassic(
    path,
    async (db) => {
      history.push(await classicContents(db));
      for (let i = 15; i < 25; i++) {
        if (i % 4 === 0) await db.del(key(i));
        else await db.put(key(i), text(`third ${i}`));
        history.push(await classicContents(db));
      }
    },
    options,
  );
  return { files: readDirectory(path), history, contents: history[history.length - 1] };
}

function named(files: Files, pattern: RegExp): string[] {
  return [...files.keys()].filter((name) => pattern.test(name));
}

function withFile(files: Files, name: string, bytes: Uint8Array): Files {
  return new Map([...files, [name, bytes]]);
}

/** The import, or the error for damage in that file (or in the one that it leads to). */
async function attempt(files: Files, name: string): Promise<Imported | undefined> {
  try {
    return await importFrom(inMemory(files));
  } catch (error) {
    if (!(error instanceof LsmError)) throw error;
    assert.ok(['LSM_CORRUPTION', 'LSM_UNSUPPORTED_FORMAT'].includes(error.code), error.message);
    assert.ok(error.file !== undefined && error.offset !== undefined, error.message);
    const blamed = error.file.slice('/source/'.length);
    const leads = name === 'CURRENT' || name.startsWith('MANIFEST');
    assert.ok(blamed === name || leads, `${name}: ${error.message}`);
    assert.match(error.message, new RegExp(blamed));
    return undefined;
  }
}

function assertSame({ contents, report }: Imported, original: Original): void {
  assert.deepEqual(contents, original.contents);
  assert.equal(report.discardedBytes, 0);
}

for (const compression of [false, true]) {
  describe(`a small directory ${compression ? 'with' : 'without'} compression`, () => {
    test('is as the tests below need it', async (t) => {
      const original = await smallDirectory(join(temporaryDirectory(t), 'db'), compression);
      assert.equal(named(original.files, /\.ldb$/).length, 2);
      assert.equal(named(original.files, /\.log$/).length, 1);
      const whole = await attempt(original.files, '');
      assert.ok(whole !== undefined);
      assertSame(whole, original);
    });

    test('gives the same or an error, whichever byte is changed', async (t) => {
      const random = new Random(seedOf(t));
      const original = await smallDirectory(join(temporaryDirectory(t), 'db'), compression);
      for (const [name, bytes] of original.files) {
        let refused = 0;
        const step = name.startsWith('LOG') ? 97 : 1;
        for (let at = 0; at < bytes.length; at += step) {
          const changed = bytes.slice();
          changed[at] ^= random.oneIn(3) ? 0xff : 1 << random.below(8);
          const result = await attempt(withFile(original.files, name, changed), name);
          if (result === undefined) refused++;
          else assertSame(result, original);
        }
        const matters = !/^(LOG|LOG\.old|LOCK)$/.test(name);
        // Of a table, the bloom filter, the block that names it and the padding of the footer are not read.
        const unread = name.endsWith('.ldb') ? 150 : 0;
        assert.ok(matters ? refused >= bytes.length - unread : refused === 0, `${name}: ${refused}`);
      }
    });

    test('gives the same, an error, or what was there before the cut, wherever a file is cut off', async (t) => {
      const original = await smallDirectory(join(temporaryDirectory(t), 'db'), compression);
      for (const [name, bytes] of original.files) {
        const step = name.startsWith('LOG') ? 97 : 1;
        for (let length = 0; length < bytes.length; length += step) {
          const result = await attempt(withFile(original.files, name, bytes.subarray(0, length)), name);
          if (result === undefined) continue;
          if (name.endsWith('.log')) {
            const states = original.history.slice(0, -1).map(describeContents);
            assert.ok(states.includes(describeContents(result.contents)), `${name} cut at ${length}`);
            assert.ok(result.report.discardedBytes < 60);
          } else {
            assert.deepEqual(result.contents, original.contents);
          }
        }
      }
    });

    test('gives an error when a file that matters is missing', async (t) => {
      const original = await smallDirectory(join(temporaryDirectory(t), 'db'), compression);
      for (const name of original.files.keys()) {
        const files = new Map(original.files);
        files.delete(name);
        if (name === 'CURRENT') {
          await assert.rejects(importFrom(inMemory(files)), { code: 'LSM_NOT_FOUND' });
          continue;
        }
        const result = await attempt(files, name);
        assert.equal(result === undefined, !/^(LOG|LOG\.old|LOCK)$/.test(name), name);
      }
    });
  });
}

function describeContents(contents: Contents): string {
  return JSON.stringify([...contents]);
}

/** Some hundred kilobytes, each key written once, so that what is salvaged is right without any doubt. */
async function largerDirectory(path: string): Promise<Original> {
  const fill = async (db: Classic, from: number, to: number): Promise<void> => {
    for (let i = from; i < to; i++) {
      const value = i % 50 === 0 ? 'long '.repeat(9000) : `value ${i} `.repeat(i % 9);
      await db.put(text(`key ${(i * 7919) % 10_007}`), text(value + i));
    }
  };
  const options = { writeBufferSize: 128 * 1024, blockSize: 1024 };
  for (const round of [0, 1]) {
    await withClassic(path, (db) => fill(db, round * 500, (round + 1) * 500), options);
  }
  const contents = await withClassic(
    path,
    async (db) => {
      await fill(db, 1000, 1070);
      return await classicContents(db);
    },
    options,
  );
  return { files: readDirectory(path), history: [], contents };
}

describe('a larger directory', () => {
  test('gives the same or an error, whichever byte is changed', async (t) => {
    const random = new Random(seedOf(t));
    const original = await largerDirectory(join(temporaryDirectory(t), 'db'));
    for (const name of named(original.files, /\.(ldb|log)$|^MANIFEST/)) {
      const bytes = original.files.get(name) ?? new Uint8Array(0);
      for (let i = 0; i < 60; i++) {
        const changed = bytes.slice();
        changed[random.below(bytes.length)] ^= 1 << random.below(8);
        const result = await attempt(withFile(original.files, name, changed), name);
        if (result !== undefined) assertSame(result, original);
      }
    }
  });

  test('is salvaged: all that is not damaged, nothing that was not there, and a list of the rest', async (t) => {
    const random = new Random(seedOf(t));
    const original = await largerDirectory(join(temporaryDirectory(t), 'db'));
    let lost = 0;
    for (const name of named(original.files, /\.(ldb|log)$/)) {
      const bytes = original.files.get(name) ?? new Uint8Array(0);
      for (let i = 0; i < 40; i++) {
        const changed = bytes.slice(0, random.oneIn(4) ? random.below(bytes.length) : bytes.length);
        for (let n = random.below(4); n >= 0 && changed.length > 0; n--) {
          changed[random.below(changed.length)] ^= 1 << random.below(8);
        }
        const fs = inMemory(withFile(original.files, name, changed));
        const { report, contents } = await importFrom(fs, { salvage: true });
        for (const [key, value] of contents) assert.equal(original.contents.get(key), value);
        const missing = original.contents.size - contents.size;
        if (missing > 0) assert.ok(report.skippedParts > 0 || report.discardedBytes > 0);
        assert.equal(report.skipped.length, report.skippedParts);
        for (const { file, code, offset, message } of report.skipped) {
          assert.equal(file, `/source/${name}`);
          assert.equal(code, 'LSM_CORRUPTION');
          assert.ok(offset >= 0 && offset <= bytes.length && message.includes(name));
        }
        if (report.skippedParts > 0) assert.ok(contents.size > 0);
        lost += missing;
      }
    }
    assert.ok(lost > 0);
  });

  test('is salvaged without a table, and without its log', async (t) => {
    const original = await largerDirectory(join(temporaryDirectory(t), 'db'));
    let needed = 0;
    for (const name of named(original.files, /\.(ldb|log)$/)) {
      const files = new Map(original.files);
      files.delete(name);
      // A compaction that was broken off by closing may have left a table that nobody needs.
      if ((await attempt(files, name)) !== undefined) continue;
      needed++;
      const { report, contents } = await importFrom(inMemory(files), { salvage: true });
      assert.deepEqual(
        report.skipped.map(({ file, offset }) => [file, offset]),
        [[`/source/${name}`, 0]],
      );
      for (const [key, value] of contents) assert.equal(original.contents.get(key), value);
      assert.ok(contents.size > 0 && contents.size < original.contents.size);
    }
    assert.ok(needed >= 2);
  });

  test('gives nothing of one block when salvaging, and all of the others', async (t) => {
    const original = await largerDirectory(join(temporaryDirectory(t), 'db'));
    for (const name of named(original.files, /\.ldb$/)) {
      const changed = (original.files.get(name) ?? new Uint8Array(0)).slice();
      changed[0] ^= 1;
      const fs = inMemory(withFile(original.files, name, changed));
      const { report, contents } = await importFrom(fs, { salvage: true });
      if (report.skippedParts === 0) continue;
      assert.deepEqual(
        report.skipped.map(({ file, offset }) => [file, offset]),
        [[`/source/${name}`, 0]],
      );
      const keys = [...original.contents.keys()];
      const missing = keys.filter((key) => !contents.has(key));
      // A block of about 1 KiB, or with one long value, at the beginning of what the table holds.
      assert.ok(missing.length >= 1 && missing.length < 100, `${missing.length} are missing`);
      return;
    }
    assert.fail('no table is needed');
  });
});
