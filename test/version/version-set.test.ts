import assert from 'node:assert/strict';
import { test } from 'node:test';
import { VersionSet } from '../../src/version/version-set.ts';
import { expectError } from '../support/expect-error.ts';
import { add, remove, table, versionOf } from './table-fixture.ts';

function setOf(...fileNumbers: number[]): { versions: VersionSet; obsolete: number[] } {
  const obsolete: number[] = [];
  const tables = fileNumbers.map((n) => table(n, `k${n}`, `k${n}`));
  return { versions: new VersionSet(versionOf({ 1: tables }), (n) => obsolete.push(n)), obsolete };
}

test('a file that nobody reads is obsolete as soon as it is deleted', () => {
  const { versions, obsolete } = setOf(1, 2);
  versions.install(remove(1, 1));
  assert.deepEqual(obsolete, [1]);
  assert.equal(versions.heldFileCount, 0);
});

test('a file of a Version that somebody holds stays until it is given back', () => {
  const { versions, obsolete } = setOf(1);
  const held = versions.current.ref();
  versions.install(remove(1, 1));
  assert.deepEqual(obsolete, []);
  assert.equal(versions.heldFileCount, 1);
  held.unref();
  assert.deepEqual(obsolete, [1]);
  assert.equal(versions.heldFileCount, 0);
});

test('a file is needed by the current Version, and by older ones that somebody holds', () => {
  const { versions } = setOf(1, 2);
  const held = versions.current.ref();
  versions.install(remove(1, 1));
  assert.deepEqual(
    [1, 2, 3].map((number) => versions.needs(number)),
    [true, true, false],
  );
  held.unref();
  assert.deepEqual(
    [1, 2, 3].map((number) => versions.needs(number)),
    [false, true, false],
  );
});

test('a Version held twice is held until it is given back twice', () => {
  const { versions, obsolete } = setOf(1);
  const held = versions.current.ref();
  versions.current.ref();
  versions.install(remove(1, 1));
  held.unref();
  assert.deepEqual(obsolete, []);
  held.unref();
  assert.deepEqual(obsolete, [1]);
});

test('an old reader does not hold back files that came and went after its Version', () => {
  const { versions, obsolete } = setOf(1);
  const old = versions.current.ref();
  versions.install(add(1, table(2, 'x', 'x')));
  versions.install({
    added: [],
    deleted: [
      { level: 1, fileNumber: 1 },
      { level: 1, fileNumber: 2 },
    ],
  });
  assert.deepEqual(obsolete, [2]);
  old.unref();
  assert.deepEqual(obsolete, [2, 1]);
});

test('a file that moves to another level is not obsolete', () => {
  const { versions, obsolete } = setOf(1);
  const moved = versions.current.levels[1][0];
  versions.install({ added: [{ level: 2, table: moved }], deleted: [{ level: 1, fileNumber: 1 }] });
  assert.deepEqual(obsolete, []);
  versions.install(remove(2, 1));
  assert.deepEqual(obsolete, [1]);
});

test('a file that moved stays for the reader of the Version before the move', () => {
  const { versions, obsolete } = setOf(1);
  const held = versions.current.ref();
  const moved = versions.current.levels[1][0];
  versions.install({ added: [{ level: 2, table: moved }], deleted: [{ level: 1, fileNumber: 1 }] });
  versions.install(remove(2, 1));
  assert.deepEqual(obsolete, []);
  held.unref();
  assert.deepEqual(obsolete, [1]);
});

test('only Versions that somebody holds are alive', () => {
  const { versions } = setOf(1);
  const held = versions.current.ref();
  for (let n = 2; n < 10; n++) versions.install(add(1, table(n, `k${n}`, `k${n}`)));
  assert.equal(versions.liveCount, 2);
  held.unref();
  assert.equal(versions.liveCount, 1);
});

test('giving back a Version too often is an error of the engine', () => {
  const { versions } = setOf(1);
  const held = versions.current.ref();
  versions.install(remove(1, 1));
  held.unref();
  expectError('LSM_INTERNAL', () => held.unref());
});

test('an edit that breaks an invariant changes nothing', () => {
  const { versions, obsolete } = setOf(1);
  const before = versions.current;
  expectError('LSM_INTERNAL', () => versions.install(remove(1, 7)));
  assert.equal(versions.current, before);
  assert.deepEqual(obsolete, []);
});
