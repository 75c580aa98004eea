import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Random } from '../support/random.ts';
import { combinations } from './combinations.ts';

function all(
  options: readonly number[],
  more: { exhaustive?: number; samples?: number; limit?: number },
): string[] {
  return Array.from(combinations(options, { random: new Random(1), ...more }), (choice) => choice.join(''));
}

test('few choices are tried in every combination, once', () => {
  assert.deepEqual(all([], {}), ['']);
  assert.deepEqual(all([2, 3], {}), ['00', '10', '01', '11', '02', '12']);
  assert.equal(new Set(all([2, 2, 2, 2, 2, 2, 2, 2, 2, 2], {})).size, 1024);
});

test('of many, nothing, everything, each alone, all but each, and all up to each are among them', () => {
  const found = all([3, 2, 2], { exhaustive: 4, samples: 5 });
  assert.deepEqual(found.slice(0, 11), [
    '000',
    '211',
    '200',
    '011',
    '200',
    '010',
    '201',
    '210',
    '001',
    '210',
    '211',
  ]);
  assert.equal(found.length, 11 + 5);
});

test('a limit is kept, by the same choices from the same seed', () => {
  assert.equal(all([2, 2], { limit: 4 }).length, 4);
  assert.equal(all([2, 2, 2], { limit: 7 }).length, 7);
  assert.deepEqual(all(Array(20).fill(2), { limit: 8 }), all(Array(20).fill(2), { limit: 8 }));
});
