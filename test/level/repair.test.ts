import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { failOnLeaks } from '../support/leaks.ts';
import { freshLocation, Level, OURS_ALONE, REFERENCE, rejectsWith, smallLevel } from './support.ts';

failOnLeaks();

const [LOG, TABLE] = REFERENCE ? [/\.log$/, /\.ldb$/] : [/\.wal$/, /\.sst$/];

describe('repair()', () => {
  for (const given of [undefined, '', {}, null]) {
    test(`refuses the location ${JSON.stringify(given)}`, async () => {
      await assert.rejects(Level.repair(given as string), {
        name: 'TypeError',
        message: "The first argument 'location' must be a non-empty string",
      });
    });
  }

  test('refuses a directory that is not there', async (t) => {
    await assert.rejects(Level.repair(join(freshLocation(t), 'below')), /no such file or directory/i);
  });

  test('makes a table of the write-ahead log', async (t) => {
    const db = await smallLevel(t);
    await db.close();
    const has = (kind: RegExp): boolean => readdirSync(db.location).some((name) => kind.test(name));
    assert.deepEqual([has(LOG), has(TABLE)], [true, false]);
    await Level.repair(db.location);
    assert.deepEqual([has(LOG), has(TABLE)], [false, true]);
    await db.open();
    assert.deepEqual(await db.iterator().all(), [
      ['a', '1'],
      ['b', '2'],
      ['c', '3'],
    ]);
  });

  test('refuses to touch a database that is open', OURS_ALONE, async (t) => {
    const db = await smallLevel(t);
    await rejectsWith('LEVEL_LOCKED', Level.repair(db.location));
    assert.equal(await db.get('a'), '1');
  });
});
