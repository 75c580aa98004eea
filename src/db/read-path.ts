/**
 * Point lookups, newest data first: active memtable, frozen memtables, L0 tables from the newest epoch on, then one
 * table in each deeper level. The first version found at or below the snapshot is the answer, also if it
 * is a tombstone.
 */
import { compareBytes } from '../bytes/compare.ts';
import type { LookupResult } from '../cursor/cursor.ts';
import { keyHash } from '../keys/key-hash.ts';
import type { TableMeta } from '../version/table-meta.ts';
import type { Core } from './core.ts';
import { openedTable } from './opened-table.ts';

/** Looks a key up as of a sequence number; fills `result` and says whether any version was found. */
export function lookup(
  { view, tables, counters, toll }: Core,
  key: Uint8Array,
  length: number,
  sequence: number,
  result: LookupResult,
): boolean {
  counters.gets += 1;
  const hash = keyHash(key, 0, length);
  for (const memtable of view.memtables) {
    if (memtable.table.get(key, 0, length, sequence, result, hash)) return true;
  }
  const { version } = view;
  const [newest] = version.levels;
  for (let index = 0; index < newest.length; index++) {
    if (!holds(newest[index], key, length)) continue;
    counters.tablesProbed += 1;
    const table = openedTable(version, 0, index, tables);
    if (table.get(key, 0, length, sequence, hash, result)) {
      toll.lookup(index);
      return true;
    }
  }
  if (newest.length > 0) toll.lookup(newest.length);
  for (let level = 1; level < version.levels.length; level++) {
    const index = version.indexFor(level, key, 0, length);
    if (index === -1) continue;
    counters.tablesProbed += 1;
    const table = openedTable(version, level, index, tables);
    if (table.get(key, 0, length, sequence, hash, result)) return true;
  }
  return false;
}

function holds({ smallest, largest }: TableMeta, key: Uint8Array, length: number): boolean {
  return (
    compareBytes(smallest, 0, smallest.length, key, 0, length) <= 0 &&
    compareBytes(key, 0, length, largest, 0, largest.length) <= 0
  );
}
