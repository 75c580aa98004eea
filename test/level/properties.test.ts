import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { failOnLeaks } from '../support/leaks.ts';
import { freshLevel, smallLevel } from './support.ts';

failOnLeaks();

const LEVELS = [0, 1, 2, 3, 4, 5, 6];

describe('getProperty()', () => {
  for (const given of [undefined, {}, 7, null]) {
    test(`refuses ${JSON.stringify(given)}`, async (t) => {
      const db = freshLevel(t);
      await db.open();
      assert.throws(() => db.getProperty(given as string), {
        name: 'TypeError',
        message: "The first argument 'property' must be a string",
      });
    });
  }

  test('is an empty text for a property that does not exist', async (t) => {
    const db = freshLevel(t);
    await db.open();
    const levels = ['', '7', '-1', '1x', '99999999999999999999'].map((n) => `leveldb.num-files-at-level${n}`);
    for (const name of ['', 'foo', 'leveldb.foo', 'leveldb.', 'stats', 'leveldb.stats ', ...levels]) {
      assert.equal(db.getProperty(name), '', name);
    }
  });

  test('counts the tables of each level', async (t) => {
    const db = await smallLevel(t);
    const counts = (): string[] => LEVELS.map((n) => db.getProperty(`leveldb.num-files-at-level${n}`));
    assert.deepEqual(
      counts(),
      LEVELS.map(() => '0'),
    );
    await db.compactRange('a', 'z');
    const found = counts();
    for (const count of found) assert.match(count, /^\d+$/);
    assert.equal(
      found.reduce((sum, count) => sum + Number(count), 0),
      1,
    );
  });

  test('lists the tables under a line for each level', async (t) => {
    const db = await smallLevel(t);
    const heads = LEVELS.map((n) => `--- level ${n} ---\n`);
    assert.equal(db.getProperty('leveldb.sstables'), heads.join(''));
    await db.compactRange('a', 'z');
    const lines = db.getProperty('leveldb.sstables').trimEnd().split('\n');
    const tables = lines.filter((line) => !heads.includes(`${line}\n`));
    assert.equal(lines.length, LEVELS.length + 1);
    assert.match(tables.join(), /^ ?\d+:\d+\[/, 'its number and its size');
  });

  test('has statistics as a text of several lines', async (t) => {
    const db = freshLevel(t);
    await db.open();
    assert.ok(db.getProperty('leveldb.stats').split('\n').length > 3);
  });

  test('refuses to work on a database that is closed, or not open yet', async (t) => {
    const db = freshLevel(t);
    assert.throws(() => db.getProperty('leveldb.stats'), { code: 'LEVEL_DATABASE_NOT_OPEN' });
    await db.open();
    await db.close();
    assert.throws(() => db.getProperty('leveldb.stats'), { code: 'LEVEL_DATABASE_NOT_OPEN' });
  });
});
