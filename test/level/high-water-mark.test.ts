/**
 * `highWaterMarkBytes` bounds what an iterator reads ahead: an entry is added as long as the bytes before it do
 * not exceed the mark. The counts are those of classic-level, so that code which is tuned to them keeps its pace.
 */
import assert from 'node:assert/strict';
import { describe, type TestContext, test } from 'node:test';
import { failOnLeaks } from '../support/leaks.ts';
import { freshLevel, type Level } from './support.ts';

failOnLeaks();

type Iterator = ReturnType<Level['iterator']>;

const ENTRIES: [string, string][] = [
  ['a', '0'],
  ['b', '1'],
  ['c', '2'],
  ['d', '3'],
];

async function fourEntries(t: TestContext): Promise<Level> {
  const db = freshLevel(t);
  await db.batch(ENTRIES.map(([key, value]) => ({ type: 'put', key, value })));
  return db;
}

/** How many entries an iterator has read ahead. */
function cached(iterator: Iterator): number {
  return (iterator as Iterator & { readonly cached: number }).cached;
}

describe('highWaterMarkBytes', () => {
  for (const [mark, count] of [
    [0, 1],
    [1, 1],
    [2, 2],
    [3, 2],
    [4, 3],
    [6, 4],
    [1000, 4],
    // Whatever does not fit an integer counts as 0 in the original.
    [Number.POSITIVE_INFINITY, 1],
  ] as const) {
    test(`of ${mark} lets nextv() give ${count} of 4 entries of 2 bytes`, async (t) => {
      const iterator = (await fourEntries(t)).iterator({ highWaterMarkBytes: mark });
      assert.deepEqual(await iterator.nextv(1000), ENTRIES.slice(0, count));
      await iterator.close();
    });

    test(`of ${mark} lets the second next() read ${Math.min(count, 3)} of the 3 entries left`, async (t) => {
      const iterator = (await fourEntries(t)).iterator({ highWaterMarkBytes: mark });
      assert.equal(cached(iterator), 0);
      assert.deepEqual(await iterator.next(), ENTRIES[0]);
      assert.equal(cached(iterator), 0, 'the first entry is often the only one that is wanted');
      assert.deepEqual(await iterator.next(), ENTRIES[1]);
      assert.equal(cached(iterator), Math.min(count, 3) - 1);
      await iterator.close();
    });

    test(`of ${mark} does not bound all()`, async (t) => {
      const db = await fourEntries(t);
      assert.deepEqual(await db.iterator({ highWaterMarkBytes: mark }).all(), ENTRIES);
      const texts = ENTRIES.map(([key]) => key);
      assert.deepEqual(await db.keys({ highWaterMarkBytes: mark }).all(), texts);
    });
  }

  test('has nothing read ahead where there is nothing', async (t) => {
    const iterator = (await fourEntries(t)).iterator({ gte: 'x' });
    assert.equal(await iterator.next(), undefined);
    assert.equal(cached(iterator), 0);
    await iterator.close();
  });

  test('is 16 KiB by default', async (t) => {
    const db = freshLevel(t);
    const entries = Array.from({ length: 40 }, (_, i) => [`${i}`.padStart(24), 'x'.repeat(1000)] as const);
    await db.batch(entries.map(([key, value]) => ({ type: 'put', key, value })));
    const iterator = db.iterator();
    assert.equal((await iterator.nextv(1000)).length, 17, '16 times 1024 bytes meet it, and 17 exceed it');
    await iterator.close();
  });
});

describe('what an iterator has read ahead', () => {
  test('is dropped by seek(), after which it starts with one entry again', async (t) => {
    const iterator = (await fourEntries(t)).iterator();
    assert.deepEqual(await iterator.next(), ENTRIES[0]);
    assert.deepEqual(await iterator.next(), ENTRIES[1]);
    assert.equal(cached(iterator), 2);
    iterator.seek('b');
    assert.equal(cached(iterator), 0);
    assert.deepEqual(await iterator.next(), ENTRIES[1]);
    assert.equal(cached(iterator), 0);
    assert.deepEqual(await iterator.next(), ENTRIES[2]);
    assert.equal(cached(iterator), 1);
    await iterator.close();
  });

  for (const size of [1, 10]) {
    test(`is given first by nextv(${size}), and nothing twice`, async (t) => {
      const iterator = (await fourEntries(t)).iterator();
      const found = [await iterator.next(), await iterator.next()];
      assert.equal(cached(iterator), 2);
      for (;;) {
        const more = await iterator.nextv(size);
        if (more.length === 0) break;
        assert.equal(more.length, Math.min(size, 2));
        found.push(...more);
      }
      assert.deepEqual(found, ENTRIES);
      await iterator.close();
    });
  }
});
