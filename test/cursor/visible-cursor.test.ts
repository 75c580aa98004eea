import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { compareKeys } from '../../src/bytes/compare.ts';
import { VisibleCursor } from '../../src/cursor/visible-cursor.ts';
import type { Bound, KeyRange } from '../../src/keys/key-range.ts';
import { checkProperty } from '../support/property.ts';
import {
  ArrayCursor,
  CountingCursor,
  histories,
  keys,
  modelMove,
  moves,
  type Version,
} from './array-cursor.ts';

const bounds: fc.Arbitrary<Bound | undefined> = fc.option(fc.record({ key: keys, inclusive: fc.boolean() }), {
  nil: undefined,
});
const ranges: fc.Arbitrary<KeyRange> = fc.record({ lower: bounds, upper: bounds });

/** What a snapshot sees of a history within a range: the newest version of each key, no tombstones. */
function visible(all: readonly Version[], snapshot: number, { lower, upper }: KeyRange): Version[] {
  const newest = new Map<string, Version>();
  for (const version of all) {
    const name = version.key.join();
    if (version.sequence <= snapshot && !newest.has(name)) newest.set(name, version);
  }
  return [...newest.values()].filter(({ key, kind }) => {
    const fromLower = lower === undefined ? 1 : compareKeys(key, lower.key) + (lower.inclusive ? 1 : 0);
    const toUpper = upper === undefined ? 1 : compareKeys(upper.key, key) + (upper.inclusive ? 1 : 0);
    return kind === 1 && fromLower > 0 && toUpper > 0;
  });
}

test('it shows what the snapshot sees within the range, wherever it is sent', () => {
  checkProperty(
    fc.property(histories, fc.nat(31), ranges, moves, (all, snapshot, range, walk) => {
      const model = visible(all, snapshot, range);
      const sorted = model.map(({ key }) => key);
      const cursor = new VisibleCursor(new ArrayCursor(all), snapshot, range);
      let at = -1;
      for (const move of walk) {
        const standing = at >= 0 && at < sorted.length;
        if ((move.to === 'next' || move.to === 'prev') && !standing) continue;
        at = modelMove(sorted, at, move);
        if ('key' in move) cursor[move.to](move.key, 0, move.key.length);
        else cursor[move.to]();
        const expected = model[at];
        assert.equal(cursor.valid, expected !== undefined);
        if (expected === undefined) continue;
        assert.deepEqual(cursor.key.slice(cursor.keyStart, cursor.keyStart + cursor.keyLength), expected.key);
        const value = cursor.value.slice(cursor.valueStart, cursor.valueStart + cursor.valueLength);
        assert.deepEqual(value, expected.value);
      }
    }),
    1000,
  );
});

test('it reads nothing beyond its bounds, not even through a swamp of tombstones', () => {
  const swamp = Array.from({ length: 100 }, (_, at): Version => {
    return { key: new Uint8Array([10 + at]), sequence: at + 1, kind: 2, value: new Uint8Array(0) };
  });
  const key = new Uint8Array([50]);
  const source = new CountingCursor(swamp);
  const upTo = new VisibleCursor(source, 1000, {
    lower: { key, inclusive: true },
    upper: { key, inclusive: true },
  });
  upTo.first();
  assert.equal(upTo.valid, false);
  upTo.last();
  assert.equal(upTo.valid, false);
  assert.ok(source.visited <= 4, `${source.visited} entries were visited`);
});

test('it reads nothing beyond its bounds among entries that its snapshot may not see', () => {
  const newer = Array.from({ length: 100 }, (_, at): Version => {
    return { key: new Uint8Array([10 + at]), sequence: at + 100, kind: 1, value: new Uint8Array(0) };
  });
  const bound = { key: new Uint8Array([50]), inclusive: true };
  const source = new CountingCursor(newer);
  const cursor = new VisibleCursor(source, 5, { lower: bound, upper: bound });
  cursor.first();
  cursor.last();
  assert.equal(cursor.valid, false);
  assert.ok(source.visited <= 4, `${source.visited} entries were visited`);
});

test('keys longer than its first scratch array are shown whole', () => {
  const key = new Uint8Array(60).fill(7);
  const source = new ArrayCursor([{ key, sequence: 1, kind: 1, value: key }]);
  const cursor = new VisibleCursor(source, 1, { lower: undefined, upper: undefined });
  cursor.first();
  assert.deepEqual(cursor.key.slice(cursor.keyStart, cursor.keyStart + cursor.keyLength), key);
});

test('closing it closes the source', () => {
  const source = new ArrayCursor([]);
  new VisibleCursor(source, 1, { lower: undefined, upper: undefined }).close();
  assert.ok(source.closed);
});
