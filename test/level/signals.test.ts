/** Work that takes long ends when its signal says so, and leaves everything in order. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { MemoryFileSystem, MiniLevel } from '../../src/index.ts';
import { failOnLeaks } from '../support/leaks.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';
import { freshLevel, type Level, smallLevel } from './support.ts';

failOnLeaks();

const COUNT = 20_000;
const ABORTED = { name: 'AbortError', code: 'LEVEL_ABORTED' };

const OPERATIONS = Array.from({ length: COUNT }, (_, i) => ({
  type: 'put' as const,
  key: `key ${i}`,
  value: 'value',
}));

/** What iterators of all kinds have in common. */
interface AnyIterator {
  next(): Promise<unknown>;
  nextv(size: number): Promise<unknown[]>;
  all(): Promise<unknown[]>;
  close(): Promise<void>;
}

const ITERATORS: Readonly<Record<string, (db: Level, options: { signal: AbortSignal }) => AnyIterator>> = {
  entries: (db, options) => db.iterator(options),
  keys: (db, options) => db.keys(options),
  values: (db, options) => db.values(options),
};

describe('an iterator', () => {
  for (const [kind, make] of Object.entries(ITERATORS)) {
    test(`of ${kind} gives nothing with a signal that has come already`, async (t) => {
      const db = freshLevel(t);
      await db.batch(OPERATIONS.slice(0, 10));
      const signal = AbortSignal.abort();
      await assert.rejects(make(db, { signal }).next(), ABORTED);
      await assert.rejects(make(db, { signal }).nextv(3), ABORTED);
      await assert.rejects(make(db, { signal }).all(), ABORTED);
    });

    test(`of ${kind} ends in the middle of all()`, async (t) => {
      const db = freshLevel(t);
      await db.batch(OPERATIONS);
      const controller = new AbortController();
      const reading = assert.rejects(make(db, { signal: controller.signal }).all(), ABORTED);
      await nextTurn();
      controller.abort();
      await reading;
      assert.equal(await db.get('key 7'), 'value');
    });

    test(`of ${kind} ends between two entries`, async (t) => {
      const db = freshLevel(t);
      await db.batch(OPERATIONS.slice(0, 10));
      const controller = new AbortController();
      const iterator = make(db, { signal: controller.signal });
      await iterator.next();
      controller.abort();
      await assert.rejects(iterator.next(), ABORTED);
      await iterator.close();
    });
  }
});

describe('with a signal', () => {
  type Work = (db: MiniLevel, signal: AbortSignal) => Promise<unknown>;
  const works: Readonly<Record<string, Work>> = {
    'clear()': (db, signal) => db.clear({ signal }),
    'compactRange()': (db, signal) => db.compactRange('', '~', { signal }),
    'flush()': (db, signal) => db.flush({ signal }),
    'verify()': (db, signal) => db.verify({ signal }),
  };
  for (const [name, work] of Object.entries(works)) {
    test(`that has come already ${name} does nothing`, async (t) => {
      const db = new MiniLevel(join(temporaryDirectory(t), 'db'));
      await db.batch(OPERATIONS.slice(0, 10));
      await assert.rejects(work(db, AbortSignal.abort()), ABORTED);
      assert.equal((await db.keys().all()).length, 10);
      assert.equal((await db.stats()).files, 0, 'nothing was written to a table');
      await db.close();
    });

    test(`that comes in the middle ${name} ends, or has ended`, async (t) => {
      const db = new MiniLevel(join(temporaryDirectory(t), 'db'), {
        memtableBytes: 64 * 1024,
        tableBytes: 64 * 1024,
      });
      await db.batch(OPERATIONS);
      const controller = new AbortController();
      const working = work(db, controller.signal).then(
        () => undefined,
        (error: unknown) => error,
      );
      await nextTurn();
      controller.abort();
      const error = await working;
      if (error !== undefined) {
        assert.ok(error instanceof Error);
        assert.deepEqual({ name: error.name, code: (error as { code?: unknown }).code }, ABORTED);
      }
      assert.deepEqual((await db.verify()).problems, []);
      await db.put('key', 'new');
      await db.compactRange('', '~');
      await db.close();
      await db.open();
      assert.equal(await db.get('key'), 'new');
      if (name !== 'clear()') assert.equal((await db.keys().all()).length, COUNT + 1);
      await db.close();
    });
  }

  test('clear() ends in the middle: what is left is a part, and can be cleared', async () => {
    const db = new MiniLevel('/db', { fileSystem: new MemoryFileSystem() });
    await db.batch(OPERATIONS);
    const controller = new AbortController();
    const clearing = assert.rejects(db.clear({ signal: controller.signal }), ABORTED);
    await nextTurn();
    controller.abort();
    await clearing;
    const left = (await db.keys().all()).length;
    assert.ok(left > 0 && left < COUNT, `${left} of ${COUNT}`);
    await db.clear();
    assert.deepEqual(await db.keys().all(), []);
    await db.close();
  });
});

test('a signal of null is none, as for iterators', async (t) => {
  const db = await smallLevel(t);
  const options = { signal: null } as object;
  await db.clear({ ...options, lt: 'b' });
  assert.deepEqual(await db.keys(options).all(), ['b', 'c']);
});
