/** The list of live snapshots, which compaction goes by. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SnapshotList } from '../../src/db/snapshots.ts';

test('the live sequence numbers come in order, whatever the order in which they were taken', () => {
  const list = new SnapshotList();
  const old = list.take(5);
  const young = list.take(10);
  const alsoOld = list.take(5);
  list.take(7);
  assert.deepEqual([list.sequences(), list.oldest], [[5, 7, 10], 5]);
  old.close();
  assert.deepEqual([list.sequences(), list.oldest], [[5, 7, 10], 5]);
  alsoOld.close();
  young.close();
  assert.deepEqual([list.sequences(), list.oldest, list.size], [[7], 7, 1]);
  list.take(10);
  list.take(8);
  assert.deepEqual(list.sequences(), [7, 8, 10]);
});
