/** `for await` over an iterator: whoever uses the iterator within the loop gets what follows. */
import assert from 'node:assert/strict';
import { describe, type TestContext, test } from 'node:test';
import { failOnLeaks } from '../support/leaks.ts';
import { freshLevel, type Level, type LevelError } from './support.ts';

failOnLeaks();

const COUNT = 3000;
const KEYS: readonly string[] = Array.from({ length: COUNT }, (_, i) => String(i).padStart(4, '0'));

async function filled(t: TestContext): Promise<Level> {
  const db = freshLevel(t);
  await db.batch(KEYS.map((key) => ({ type: 'put', key, value: `value of ${key}` })));
  return db;
}

async function failure(work: () => Promise<unknown>): Promise<string> {
  try {
    await work();
  } catch (error) {
    return (error as LevelError).code;
  }
  return 'none';
}

describe('for await', () => {
  test('gives everything in order, and counts it', async (t) => {
    const db = await filled(t);
    const iterator = db.iterator();
    const entries: [string, string][] = [];
    for await (const entry of iterator) {
      entries.push(entry);
      assert.equal(iterator.count, entries.length);
    }
    assert.equal(iterator.count, COUNT);
    assert.deepEqual(
      entries,
      KEYS.map((key) => [key, `value of ${key}`]),
    );
    const keys: string[] = [];
    for await (const key of db.keys({ reverse: true })) keys.push(key);
    assert.deepEqual(keys, KEYS.toReversed());
    const values: string[] = [];
    for await (const value of db.values({ gte: '2990' })) values.push(value);
    assert.deepEqual(
      values,
      KEYS.slice(2990).map((key) => `value of ${key}`),
    );
  });

  test('keeps to a limit', async (t) => {
    const db = await filled(t);
    const keys: string[] = [];
    for await (const key of db.keys({ limit: 1500 })) keys.push(key);
    assert.deepEqual(keys, KEYS.slice(0, 1500));
  });

  test('goes on behind what next() and nextv() took within the loop', async (t) => {
    const db = await filled(t);
    const iterator = db.keys();
    const keys: (string | undefined)[] = [];
    for await (const key of iterator) {
      keys.push(key);
      if (keys.length % 7 === 0) keys.push(await iterator.next());
      else if (keys.length % 500 === 1) {
        for (let part: string[] = [' ']; part.length > 0; ) {
          part = await iterator.nextv(40);
          keys.push(...part);
          if (keys.length % 3 === 0) break;
        }
      }
      assert.equal(iterator.count, keys.filter((found) => found !== undefined).length);
    }
    assert.deepEqual(
      keys.filter((key) => key !== undefined),
      KEYS,
    );
  });

  test('goes on where seek() went', async (t) => {
    const db = await filled(t);
    const iterator = db.keys();
    const keys: string[] = [];
    for await (const key of iterator) {
      keys.push(key);
      if (keys.length % 2 === 0) iterator.seek(String(Number(key) + 100).padStart(4, '0'));
    }
    const expected: string[] = [];
    for (let at = 0; at < COUNT; at += 100) {
      expected.push(KEYS[at]);
      if (at + 1 < COUNT) expected.push(KEYS[at + 1]);
      at += 1;
    }
    assert.deepEqual(keys, expected);
  });

  test('closes the iterator at the end, on break and on a throw', async (t) => {
    const db = await filled(t);
    const ended = db.keys();
    for await (const _ of ended);
    const broken = db.keys();
    for await (const key of broken) if (key === '1200') break;
    const thrown = db.keys();
    await assert.rejects(async () => {
      for await (const key of thrown) if (key === '1200') throw new Error('of the loop');
    }, /of the loop/);
    for (const iterator of [ended, broken, thrown]) {
      assert.equal(await failure(() => iterator.next()), 'LEVEL_ITERATOR_NOT_OPEN');
    }
  });

  test('fails when the iterator or the database is closed within the loop', async (t) => {
    const db = await filled(t);
    const iterator = db.keys();
    const walk = async (close: () => Promise<void>, over: typeof iterator): Promise<void> => {
      for await (const key of over) if (key === '0005') await close();
    };
    assert.equal(await failure(() => walk(() => iterator.close(), iterator)), 'LEVEL_ITERATOR_NOT_OPEN');
    assert.equal(await failure(() => walk(() => db.close(), db.keys())), 'LEVEL_ITERATOR_NOT_OPEN');
  });

  test('ends with LEVEL_ABORTED at the entry after the signal', async (t) => {
    const db = await filled(t);
    const controller = new AbortController();
    const keys: string[] = [];
    const code = await failure(async () => {
      for await (const key of db.keys({ signal: controller.signal })) {
        keys.push(key);
        if (keys.length === 1200) controller.abort();
      }
    });
    assert.deepEqual([code, keys.length], ['LEVEL_ABORTED', 1200]);
  });

  test('ends with LEVEL_DECODE_ERROR at what cannot be decoded, and closes the iterator', async (t) => {
    const db = await filled(t);
    const iterator = db.values({
      valueEncoding: {
        name: 'no-1000',
        format: 'utf8',
        encode: (value: string): string => value,
        decode: (value: string): string => {
          if (value.endsWith('1000')) throw new Error('not this one');
          return value;
        },
      },
    });
    const values: string[] = [];
    const code = await failure(async () => {
      for await (const value of iterator) values.push(value);
    });
    assert.deepEqual([code, values.length], ['LEVEL_DECODE_ERROR', 1000]);
    assert.equal(await failure(() => iterator.next()), 'LEVEL_ITERATOR_NOT_OPEN');
  });
});
