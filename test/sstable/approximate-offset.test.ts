import assert from 'node:assert/strict';
import { test } from 'node:test';
import { approximateOffset } from '../../src/sstable/approximate-offset.ts';
import { buildTable, type Entry, memoryFileSystem, openTable, text } from './support.ts';

test('offsets ascend with the keys, through every level of the index, and end before the index', () => {
  const fs = memoryFileSystem();
  const entries: Entry[] = Array.from({ length: 200 }, (_, i) => ({
    key: text(`key ${String(i).padStart(3, '0')}`),
    sequence: 1,
    value: text('a value of some length'),
  }));
  buildTable(fs, entries, { blockBytes: 64 });
  const table = openTable(fs);
  assert.ok(table.footer.indexHeight > 1);
  const offsets = entries.map(({ key }) => approximateOffset(table, key));
  assert.equal(offsets[0], 0);
  assert.deepEqual(
    offsets,
    [...offsets].sort((a, b) => a - b),
  );
  assert.ok(new Set(offsets).size > 50, 'blocks are told apart');
  assert.ok(offsets[199] < table.footer.root.offset);
  assert.equal(approximateOffset(table, text('')), 0);
  assert.equal(approximateOffset(table, text('z')), offsets[199]);
});
