import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { describe, test } from 'node:test';
import { failOnLeaks } from '../support/leaks.ts';
import { freshLevel, rejectsWith } from './support.ts';

failOnLeaks();

const ENTRIES = 10;
/** Chance does not compress: what it takes on the disk can be told beforehand. */
const VALUE_BYTES = 10_000;

describe('approximateSize()', () => {
  test('tells how many bytes of tables hold a range', async (t) => {
    const db = freshLevel<string, Buffer>(t, { valueEncoding: 'buffer' });
    const values = Array.from({ length: ENTRIES }, () => randomBytes(VALUE_BYTES));
    await db.batch(values.map((value, i) => ({ type: 'put', key: `key ${i}`, value })));
    // Opening a database writes to tables what is in its log.
    await db.close();
    await db.open();
    const all = ENTRIES * VALUE_BYTES;
    const [whole, half, none] = await Promise.all([
      db.approximateSize('!', '~'),
      db.approximateSize('key 0', 'key 5'),
      db.approximateSize('a', 'b'),
    ]);
    assert.ok(whole >= all && whole < all * 1.1, `${whole} of ${all} bytes`);
    assert.ok(half >= all * 0.4 && half <= all * 0.6, `${half} of half of ${all} bytes`);
    assert.ok(none < VALUE_BYTES * 1.1, `${none} bytes of nothing`);
  });

  test('is 0 for an empty database', async (t) => {
    const db = freshLevel(t);
    assert.equal(await db.approximateSize('a', 'z'), 0);
  });

  for (const given of [[], ['a']] as const) {
    test(`refuses to work with ${given.length} arguments`, async (t) => {
      const db = freshLevel(t);
      await db.open();
      const wrong = db.approximateSize.bind(db) as (...keys: readonly string[]) => Promise<number>;
      await assert.rejects(wrong(...given), {
        name: 'TypeError',
        message: "The arguments 'start' and 'end' are required",
      });
    });
  }

  test('waits for a database that opens', async (t) => {
    const db = freshLevel(t);
    const order: string[] = [];
    await Promise.all([
      db.open().then(() => order.push('open')),
      db.approximateSize('a', 'b').then(() => order.push('size')),
    ]);
    assert.deepEqual(order, ['open', 'size']);
  });

  test('refuses to work on a closed database', async (t) => {
    const db = freshLevel(t);
    await db.close();
    await rejectsWith('LEVEL_DATABASE_NOT_OPEN', db.approximateSize('a', 'b'));
  });

  for (const where of ['database', 'call'] as const) {
    test(`encodes both keys as the ${where} says`, async (t) => {
      const encoded: string[] = [];
      const keyEncoding = {
        name: 'recorder',
        format: 'utf8' as const,
        encode: (key: string): string => {
          encoded.push(key);
          return key;
        },
        decode: (key: string): string => key,
      };
      const db = freshLevel<string, string>(t, where === 'database' ? { keyEncoding } : {});
      if (where === 'database') await db.approximateSize('a', 'b');
      else await db.approximateSize('a', 'b', { keyEncoding });
      assert.deepEqual(encoded, ['a', 'b']);
    });
  }
});
