import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hullOf, rangesOverlap, type TableMeta, tableFault } from '../../src/version/table-meta.ts';
import { key, l0Table } from './table-fixture.ts';

const range = (smallest: string, largest: string) => ({ smallest: key(smallest), largest: key(largest) });

test('the hull of ranges is the least range that holds them, and of none there is none', () => {
  assert.equal(hullOf([]), undefined);
  assert.deepEqual(hullOf([range('c', 'd')]), range('c', 'd'));
  assert.deepEqual(hullOf([range('c', 'd'), range('a', 'b'), range('b', 'x')]), range('a', 'x'));
});

test('ranges that touch in one key overlap', () => {
  assert.equal(rangesOverlap(range('a', 'b'), range('b', 'c')), true);
  assert.equal(rangesOverlap(range('a', 'b'), range('ba', 'c')), false);
});

test('the figures of a table are refused when no table can have them', () => {
  const good = l0Table(1, 1, 'a', 'b');
  assert.equal(tableFault(good), undefined);
  const bad: readonly [Partial<TableMeta>, string][] = [
    [{ fileBytes: -1 }, 'a count out of range'],
    [{ keyCount: 0.5 }, 'a count out of range'],
    [{ fileNumber: 0 }, 'file number 0'],
    [{ keyCount: 0 }, 'an empty table'],
    [{ tombstoneCount: good.entryCount + 1 }, 'counts that contradict each other'],
    [{ entryCount: 2 ** 50 }, 'more entries than its file can hold'],
    [{ maxSequence: 2 ** 53 }, 'a sequence number out of range'],
    [{ minSequence: good.maxSequence + 1 }, 'an impossible range of sequence numbers'],
    [{ largest: new Uint8Array(65_536).fill(255) }, 'a key over its limit'],
    [{ smallest: key('c') }, 'its smallest key above its largest'],
  ];
  for (const [wrong, fault] of bad) assert.equal(tableFault({ ...good, ...wrong }), fault);
});
