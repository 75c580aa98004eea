import { compareKeys } from '../bytes/compare.ts';
import { approximateOffset } from '../sstable/approximate-offset.ts';
import type { Core } from './core.ts';

/**
 * About how many bytes of table files hold the keys from `start` (inclusive) to `end` (exclusive), to within a
 * block for each table. What is only in memory does not count.
 */
export function approximateSize(core: Core, start: Uint8Array, end: Uint8Array): number {
  const { tables, view } = core;
  let bytes = 0;
  for (const { fileNumber, fileBytes, smallest, largest } of view.version.levels.flat()) {
    if (compareKeys(largest, start) < 0 || compareKeys(end, smallest) <= 0) continue;
    const table = tables.table(fileNumber, fileBytes);
    const from = compareKeys(start, smallest) <= 0 ? 0 : approximateOffset(table, start);
    const to = compareKeys(largest, end) < 0 ? fileBytes : approximateOffset(table, end);
    bytes += Math.max(0, to - from);
  }
  return bytes;
}
