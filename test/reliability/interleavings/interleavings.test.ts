import assert from 'node:assert/strict';
import { test } from 'node:test';
import { exploreInTest } from '../explore-in-test.ts';
import { explore, explorer } from './explorer.ts';
import { programOf } from './programs.ts';

exploreInTest('threads on one memtable act as if one came after the other, in every order', explorer);

test('accesses that are not atomic are found out', () => {
  assert.throws(() => {
    for (let seed = 0; seed < 100; seed++) explore(programOf(seed), seed, { torn: true });
  }, /in the order/);
});
