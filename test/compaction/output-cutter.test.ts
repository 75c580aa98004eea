import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Grandparent, OutputCutter } from '../../src/compaction/output-cutter.ts';
import { key } from '../version/table-fixture.ts';

/** Writes keys of 10 bytes each and returns the tables that come out, such as 'abc de'. */
function cut(
  keys: string,
  tableBytes: number,
  overlap: number,
  grandparents: readonly Grandparent[],
): string {
  const cutter = new OutputCutter(tableBytes, overlap, grandparents);
  const tables: string[] = [''];
  for (const name of keys) {
    if (cutter.cutsBefore(key(name), 0, 1, tables[tables.length - 1].length * 10)) tables.push('');
    tables[tables.length - 1] += name;
  }
  return tables.join(' ');
}

function below(...spans: readonly string[]): Grandparent[] {
  return spans.map(([from, to]) => ({ smallest: key(from), largest: key(to), fileBytes: 100 }));
}

test('a table ends when it is large enough', () => {
  assert.equal(cut('abcdefg', 30, 1000, []), 'abc def g');
});

test('a table ends when it overlaps too much of the level below', () => {
  assert.equal(cut('abcdefgh', 1000, 200, below('ab', 'cd', 'ef', 'gh')), 'abcdef gh');
  assert.equal(cut('abcdefgh', 1000, 100, below('ab', 'cd', 'ef', 'gh')), 'abcd efgh');
});

test('tables below that lie before the first key or in a gap between two outputs do not count', () => {
  assert.equal(cut('xyz', 1000, 100, below('ab', 'cd', 'ef', 'gh')), 'xyz');
});

test('a jump over many tables below ends a table', () => {
  assert.equal(cut('az', 1000, 100, below('bc', 'de', 'fg')), 'a z');
});
