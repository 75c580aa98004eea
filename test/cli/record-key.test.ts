import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Entry, entryOf } from '../../src/cli/records/record-key.ts';

function entry(fields: Record<string, unknown>, keyColumns: string[], valueColumn?: string): Entry {
  const json = JSON.stringify(fields);
  return entryOf({ kind: 'record', line: 9, fields, json }, { keyColumns, separator: '/', valueColumn });
}

test('the key columns are joined and the value is the whole record', () => {
  assert.deepEqual(entry({ a: 'x', b: 7, c: true }, ['b', 'a', 'c']), {
    kind: 'entry',
    key: '7/x/true',
    value: '{"a":"x","b":7,"c":true}',
  });
});

test('a value column is stored as its text, or as JSON if it is none', () => {
  assert.equal((entry({ a: 'x', b: 'y' }, ['a'], 'b') as { value: string }).value, 'y');
  assert.equal((entry({ a: 'x', b: [1] }, ['a'], 'b') as { value: string }).value, '[1]');
});

for (const [what, fields, problem] of [
  ['a missing column', { b: 1 }, 'no column "a" for the key'],
  ['null', { a: null }, 'column "a" holds neither text nor a number'],
  ['an object', { a: {} }, 'column "a" holds neither text nor a number'],
  ['an empty text', { a: '' }, 'the key is empty'],
  [
    'a number that was rounded',
    { a: 2 ** 53 },
    'column "a" holds a number too large for a key; write it as a string',
  ],
] as const) {
  test(`${what} makes no key`, () => {
    assert.deepEqual(entry(fields, ['a']), { kind: 'bad', line: 9, problem });
  });
}

test('a name that every object inherits is no column', () => {
  assert.equal(entry({ a: 1 }, ['toString']).kind, 'bad');
});

test('a value column that is missing makes no entry', () => {
  assert.deepEqual(entry({ a: 'x' }, ['a'], 'b'), {
    kind: 'bad',
    line: 9,
    problem: 'no column "b" for the value',
  });
});
