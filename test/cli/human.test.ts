import assert from 'node:assert/strict';
import { test } from 'node:test';
import { counted, humanBytes, humanDuration } from '../../src/cli/human.ts';

test('sizes carry the unit that keeps them below 1024', () => {
  const sizes = [0, 1023, 1024, 1536, 1024 ** 2 - 1, 1024 ** 2, 5.25 * 1024 ** 3];
  assert.deepEqual(sizes.map(humanBytes), [
    '0 B',
    '1023 B',
    '1.0 KiB',
    '1.5 KiB',
    '1.0 MiB',
    '1.0 MiB',
    '5.3 GiB',
  ]);
});

test('durations carry the unit that a person would use', () => {
  const durations = [0, 3.14, 999.96, 59_990, 59_999, 125_000];
  assert.deepEqual(durations.map(humanDuration), [
    '0.0 ms',
    '3.1 ms',
    '1.00 s',
    '59.99 s',
    '1 min 00 s',
    '2 min 05 s',
  ]);
});

test('a noun follows its number', () => {
  assert.deepEqual(
    [0, 1, 1234].map((count) => counted(count, 'record')),
    ['0 records', '1 record', '1,234 records'],
  );
});
