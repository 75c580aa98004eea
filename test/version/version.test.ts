import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Version } from '../../src/version/version.ts';
import { expectError } from '../support/expect-error.ts';
import { checkProperty } from '../support/property.ts';
import { add, key, l0Table, numbers, remove, table, versionOf } from './table-fixture.ts';

test('L0 is ordered by epoch, newest first, whatever the file numbers say', () => {
  const version = versionOf({
    0: [l0Table(2, 5, 'a', 'z'), l0Table(3, 4, 'a', 'z'), l0Table(1, 9, 'a', 'z')],
  });
  assert.deepEqual(numbers(version.levels[0]), [4, 5, 9]);
});

test('the levels below L0 are ordered by key', () => {
  const version = versionOf({ 1: [table(1, 'm', 'p'), table(2, 'a', 'c'), table(3, 'd', 'l')] });
  assert.deepEqual(numbers(version.levels[1]), [2, 3, 1]);
});

test('an edit makes a new Version and leaves the old one as it is', () => {
  const before = versionOf({ 1: [table(1, 'a', 'c')] });
  const after = before.apply({
    added: [{ level: 2, table: table(2, 'b', 'd') }],
    deleted: [{ level: 1, fileNumber: 1 }],
  });
  assert.deepEqual(before.levels.map(numbers), [[], [1], [], [], [], [], []]);
  assert.deepEqual(after.levels.map(numbers), [[], [], [2], [], [], [], []]);
});

test('a table moves by a deletion and an addition in one edit', () => {
  const moved = table(1, 'a', 'c');
  const version = versionOf({ 1: [moved] }).apply({
    added: [{ level: 2, table: moved }],
    deleted: [{ level: 1, fileNumber: 1 }],
  });
  assert.deepEqual(version.levels.map(numbers), [[], [], [1], [], [], [], []]);
});

test('tables that share one key do not go into one level below L0', () => {
  const version = versionOf({ 1: [table(1, 'a', 'k')] });
  expectError('LSM_INTERNAL', () => version.apply(add(1, table(2, 'k', 'z'))));
  expectError('LSM_INTERNAL', () => version.apply(add(1, table(2, 'A', 'z'))));
  expectError('LSM_INTERNAL', () => version.apply(add(1, table(2, 'b', 'c'))));
});

test('an edit that adds a table twice or deletes one that is not there is refused', () => {
  const version = versionOf({ 1: [table(1, 'a', 'k')] });
  expectError('LSM_INTERNAL', () => version.apply(add(2, table(1, 'x', 'z'))));
  expectError('LSM_INTERNAL', () => version.apply(remove(1, 2)));
  expectError('LSM_INTERNAL', () => version.apply(remove(2, 1)));
  expectError('LSM_INTERNAL', () => version.apply(remove(1, 1, 1)));
});

test('an epoch belongs to L0 alone and is there only once', () => {
  const version = versionOf({ 0: [l0Table(1, 1, 'a', 'k')] });
  expectError('LSM_INTERNAL', () => version.apply(add(0, l0Table(1, 2, 'x', 'z'))));
  expectError('LSM_INTERNAL', () => version.apply(add(0, table(2, 'x', 'z'))));
  expectError('LSM_INTERNAL', () => version.apply(add(1, l0Table(2, 2, 'x', 'z'))));
});

test('overlap counts both bounds', () => {
  const version = versionOf({ 1: [table(1, 'b', 'd'), table(2, 'f', 'h'), table(3, 'j', 'l')] });
  const overlapping = (from: string, to: string): number[] =>
    numbers(version.overlapping(1, key(from), key(to)));
  assert.deepEqual(overlapping('a', 'a'), []);
  assert.deepEqual(overlapping('a', 'b'), [1]);
  assert.deepEqual(overlapping('d', 'f'), [1, 2]);
  assert.deepEqual(overlapping('e', 'e'), []);
  assert.deepEqual(overlapping('c', 'k'), [1, 2, 3]);
  assert.deepEqual(overlapping('l', 'z'), [3]);
  assert.deepEqual(overlapping('m', 'z'), []);
});

test('overlapping tables of L0 come newest first', () => {
  const version = versionOf({
    0: [l0Table(1, 1, 'a', 'c'), l0Table(2, 2, 'c', 'e'), l0Table(3, 3, 'x', 'z')],
  });
  assert.deepEqual(numbers(version.overlapping(0, key('c'), key('d'))), [2, 1]);
});

test('one table of a level may hold a key', () => {
  const version = versionOf({ 1: [table(1, 'b', 'd'), table(2, 'f', 'h')] });
  const holder = (text: string): number | undefined =>
    version.levels[1][version.indexFor(1, key(text), 0, key(text).length)]?.fileNumber;
  assert.deepEqual(['a', 'b', 'd', 'e', 'f', 'h', 'i'].map(holder), [
    undefined,
    1,
    1,
    undefined,
    2,
    2,
    undefined,
  ]);
});

test('the table of a key is found among many, whatever their bounds', () => {
  const name = fc.array(fc.constantFrom('a', 'b', 'm', '0', '~'), { minLength: 1, maxLength: 6 });
  const bounds = fc.uniqueArray(
    name.map((letters) => letters.join('')),
    { minLength: 1, maxLength: 40 },
  );
  const targets = fc.array(name.map((letters) => letters.join('')));
  checkProperty(
    fc.property(bounds, fc.nat(2), targets, (names, width, others) => {
      const sortedNames = names.toSorted();
      // Tables of one key and of more, with gaps between them.
      const tables: { smallest: string; largest: string }[] = [];
      for (let at = 0; at < sortedNames.length; at += width + 1) {
        const largest = Math.min(at + width, sortedNames.length - 1);
        tables.push({ smallest: sortedNames[at], largest: sortedNames[largest] });
      }
      const version = versionOf({
        1: tables.map(({ smallest, largest }, i) => table(i + 1, smallest, largest)),
      });
      for (const target of [...names, ...others, '', '~~~~~~~']) {
        const expected = tables.findIndex(({ smallest, largest }) => smallest <= target && target <= largest);
        assert.equal(version.indexFor(1, key(target), 0, key(target).length), expected);
        assert.equal(version.indexFor(2, key(target), 0, key(target).length), -1);
      }
    }),
  );
});

test('a level knows its bytes', () => {
  const version = versionOf({
    1: [table(1, 'a', 'b', { fileBytes: 50 }), table(2, 'c', 'd', { fileBytes: 60 })],
  });
  assert.equal(version.levelBytes(1), 110);
  assert.equal(version.totalBytes, 110);
  assert.equal(version.tableCount, 2);
});

test('the first and the last level that hold tables are known', () => {
  assert.equal(Version.empty(7).firstNonEmptyLevel, undefined);
  assert.equal(Version.empty(7).lastNonEmptyLevel, 0);
  const version = versionOf({
    0: [l0Table(1, 1, 'a', 'c')],
    3: [table(2, 'a', 'c')],
    5: [table(3, 'a', 'c')],
  });
  assert.equal(version.firstNonEmptyLevel, 3);
  assert.equal(version.lastNonEmptyLevel, 5);
});
