/** A limit holds for an iterator as a whole, however it is read. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { failOnLeaks } from '../support/leaks.ts';
import { freshLevel } from './support.ts';

failOnLeaks();

const KEYS = Array.from({ length: 50 }, (_, i) => `${i}`.padStart(3, '0'));

describe('all() keeps to the limit', () => {
  for (const reverse of [false, true]) {
    for (const limit of [1, 2, 3, 5, 49, 50, 51]) {
      test(`of ${limit}, ${reverse ? 'backward' : 'forward'}, after any number of next()`, async (t) => {
        const db = freshLevel(t);
        await db.batch(KEYS.map((key) => ({ type: 'put', key, value: '' })));
        const expected = (reverse ? [...KEYS].reverse() : KEYS).slice(0, limit);
        for (let given = 0; given <= 4; given++) {
          const iterator = db.keys({ limit, reverse });
          const keys: string[] = [];
          for (let i = 0; i < given; i++)
            keys.push(...[await iterator.next()].filter((key) => key !== undefined));
          keys.push(...(await iterator.all()));
          assert.deepEqual(keys, expected, `after ${given}`);
        }
      });
    }
  }
});
