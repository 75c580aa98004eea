/** Options are taken under classic-level's names and under the engine's, and refused where they are wrong. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { internals } from '../../src/db/mini-lsm.ts';
import { LsmError, MemoryFileSystem, MiniLevel } from '../../src/index.ts';
import { failOnLeaks } from '../support/leaks.ts';
import { openFails } from './support.ts';

failOnLeaks();

const KIB = 1024;

describe('the options of classic-level', () => {
  for (const [name, value, ours, expected] of [
    ['cacheSize', 123 * KIB, 'cacheBytes', 123 * KIB],
    ['cacheSize', 0, 'cacheBytes', 0],
    ['writeBufferSize', 64 * KIB, 'memtableBytes', 64 * KIB],
    ['blockSize', 2000, 'blockBytes', 2000],
    ['maxOpenFiles', 50, 'maxOpenFiles', 50],
    ['maxFileSize', 100 * KIB, 'tableBytes', 100 * KIB],
    ['compression', true, 'compression', 'lz4'],
    ['compression', false, 'compression', 'none'],
  ] as const) {
    for (const where of ['constructor', 'open()'] as const) {
      test(`${name}: ${value} of the ${where} is ${ours}: ${expected} of the engine`, async () => {
        const fileSystem = new MemoryFileSystem();
        const inConstructor = where === 'constructor' ? { [name]: value } : {};
        const db = new MiniLevel('/db', { fileSystem, ...inConstructor });
        await db.open(where === 'constructor' ? {} : { [name]: value });
        const { options } = internals(db.engine).core;
        assert.equal((options as unknown as Record<string, unknown>)[ours], expected);
        await db.close();
      });
    }
  }

  for (const options of [{ blockRestartInterval: 4 }, { multithreading: false }, { multithreading: true }]) {
    test(`${JSON.stringify(options)} changes nothing`, async () => {
      const fileSystem = new MemoryFileSystem();
      const [db, other] = [
        new MiniLevel('/db', { fileSystem, ...options }),
        new MiniLevel('/b', { fileSystem }),
      ];
      await Promise.all([db.open(), other.open()]);
      assert.deepEqual(internals(db.engine).core.options, internals(other.engine).core.options);
      await Promise.all([db.close(), other.close()]);
    });
  }
});

test('the options of the engine are taken under their own names', async () => {
  const given = { memtableBytes: 32 * KIB, levelCount: 4, bloomBitsPerKey: 0, background: 'inline' } as const;
  const db = new MiniLevel('/db', { fileSystem: new MemoryFileSystem(), ...given });
  await db.open();
  const { options } = internals(db.engine).core;
  assert.deepEqual({ ...options, ...given }, options);
  await db.close();
});

test('options that nobody knows are none of our business', async () => {
  const db = new MiniLevel('/db', { fileSystem: new MemoryFileSystem(), ttl: 7 } as object);
  await db.open();
  await db.close();
});

describe('a database is not opened with', () => {
  for (const [name, values] of Object.entries({
    cacheSize: ['x', -1, 1.5, Number.NaN, {}, null, true],
    writeBufferSize: ['x', -1, Number.POSITIVE_INFINITY],
    blockSize: [-1, '4096', []],
    maxFileSize: [-1, 0.5],
    maxOpenFiles: [-1, 0, 'many'],
    memtableBytes: [1, '8 MiB', 2 ** 40],
    cacheBytes: [-1, 'x'],
    compression: ['zip', 1, {}],
    background: ['thread', 7],
    compaction: ['none', 7],
    fileSystem: [{}, 'disk', null],
  })) {
    for (const value of values) {
      const shown =
        Number.isNaN(value) || value === Number.POSITIVE_INFINITY ? `${value}` : JSON.stringify(value);
      test(`${name}: ${shown}`, async () => {
        const db = new MiniLevel('/db', { fileSystem: new MemoryFileSystem(), [name]: value });
        const cause: Error = await openFails(db.open());
        assert.ok(cause instanceof LsmError);
        assert.equal(cause.code, 'LSM_INVALID_ARGUMENT');
        assert.match(cause.message, new RegExp(name));
        assert.equal(db.status, 'closed');
      });
    }
  }

  test('the same option under two names', async () => {
    const db = new MiniLevel('/db', {
      fileSystem: new MemoryFileSystem(),
      cacheSize: 1024,
      cacheBytes: 2048,
    });
    assert.match((await openFails(db.open())).message, /cacheSize.*cacheBytes/);
  });
});
