import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { failOnLeaks } from '../support/leaks.ts';
import { freshLevel, rejectsWith } from './support.ts';

failOnLeaks();

describe('compactRange()', () => {
  test('writes what is in memory to tables, and gives back the space of what is deleted', async (t) => {
    const db = freshLevel<string, Buffer>(t, { valueEncoding: 'buffer' });
    await db.open();
    await db.batch().put('000000', Buffer.alloc(64, 1)).put('000001', Buffer.alloc(64, 1)).write();
    await db.compactRange('000000', '000001');
    const before = await db.approximateSize('0', 'z');
    assert.ok(before > 0);
    await db.batch().del('000000').del('000001').write();
    await db.compactRange('000000', '000001');
    const after = await db.approximateSize('0', 'z');
    assert.ok(after < before, `${after} < ${before} bytes`);
  });

  test('changes nothing that is read', async (t) => {
    const db = freshLevel(t);
    for (let round = 0; round < 3; round++) {
      const keys = Array.from({ length: 100 }, (_, i) => `key ${i}`);
      await db.batch(keys.map((key, i) => ({ type: 'put', key, value: `${i} in round ${round}` })));
      await db.del(`key ${round}`);
      const before = await db.iterator().all();
      await db.compactRange('key 2', 'key 7');
      assert.deepEqual(await db.iterator().all(), before);
      assert.equal(before.length, 99);
    }
  });

  for (const given of [[], ['a']] as const) {
    test(`refuses to work with ${given.length} arguments`, async (t) => {
      const db = freshLevel(t);
      await db.open();
      const wrong = db.compactRange.bind(db) as (...keys: readonly string[]) => Promise<void>;
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
      db.compactRange('a', 'b').then(() => order.push('compacted')),
    ]);
    assert.deepEqual(order, ['open', 'compacted']);
  });

  test('refuses to work on a closed database', async (t) => {
    const db = freshLevel(t);
    await db.close();
    await rejectsWith('LEVEL_DATABASE_NOT_OPEN', db.compactRange('a', 'b'));
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
      if (where === 'database') await db.compactRange('a', 'b');
      else await db.compactRange('a', 'b', { keyEncoding });
      assert.deepEqual(encoded, ['a', 'b']);
    });
  }
});
