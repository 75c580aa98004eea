/**
 * Reads, newest data first: active memtable, frozen memtables, L0 tables from the newest epoch on, then one
 * table in each deeper level. The first version found at or below the snapshot is the answer, also if it
 * is a tombstone.
 */
import { compareBytes } from '../bytes/compare.ts';
import { ConcatenatingCursor, findPart } from '../cursor/concatenating-cursor.ts';
import type { Cursor, LookupResult } from '../cursor/cursor.ts';
import { MergingCursor } from '../cursor/merging-cursor.ts';
import { type CursorMemory, VisibleCursor } from '../cursor/visible-cursor.ts';
import { keyHash } from '../keys/key-hash.ts';
import type { KeyRange } from '../keys/key-range.ts';
import type { Table } from '../sstable/table.ts';
import type { TableCache } from '../sstable/table-cache.ts';
import type { TableMeta } from '../version/table-meta.ts';
import type { Version } from '../version/version.ts';
import type { Counters } from './counters.ts';
import type { ReadView } from './read-view.ts';

/** Looks a key up as of a sequence number; fills `result` and says whether any version was found. */
export function lookup(
  view: ReadView,
  tables: TableCache,
  counters: Counters,
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
    const table = opened(version, 0, index, tables);
    if (table.get(key, 0, length, sequence, hash, result)) return true;
  }
  for (let level = 1; level < version.levels.length; level++) {
    const index = version.indexFor(level, key, 0, length);
    if (index === -1) continue;
    counters.tablesProbed += 1;
    const table = opened(version, level, index, tables);
    if (table.get(key, 0, length, sequence, hash, result)) return true;
  }
  return false;
}

function opened(version: Version, level: number, index: number, tables: TableCache): Table {
  const known = version.opened[level][index];
  if (known !== undefined) return known;
  const { fileNumber, fileBytes } = version.levels[level][index];
  const table = tables.table(fileNumber, fileBytes);
  version.opened[level][index] = table;
  return table;
}

/**
 * A cursor over everything in a view; the caller holds the view until it has closed the cursor. `memory` is
 * lent to it for as long.
 */
export function openVisibleCursor(
  view: ReadView,
  tables: TableCache,
  range: KeyRange,
  sequence: number,
  fillCache: boolean,
  memory?: CursorMemory,
): VisibleCursor {
  const openTable = (table: TableMeta): Cursor =>
    tables.table(table.fileNumber, table.fileBytes).cursor({ fillCache });
  const sources: Cursor[] = [];
  for (const { table } of view.memtables) {
    // What comes into an empty one later has a sequence number that this cursor does not see.
    if (table.entryCount > 0) sources.push(table.cursor());
  }
  const [newest, ...runs] = view.version.levels;
  for (const table of newest) if (overlaps(table, range)) sources.push(openTable(table));
  for (const run of runs) {
    const parts = run.slice(...overlappingPart(run, range));
    if (parts.length > 0) sources.push(new ConcatenatingCursor(parts, openTable));
  }
  const source = sources.length === 1 ? sources[0] : new MergingCursor(sources);
  return new VisibleCursor(source, sequence, range, memory);
}

function holds({ smallest, largest }: TableMeta, key: Uint8Array, length: number): boolean {
  return (
    compareBytes(smallest, 0, smallest.length, key, 0, length) <= 0 &&
    compareBytes(key, 0, length, largest, 0, largest.length) <= 0
  );
}

/** Whether a table may hold a key of the range; a bound that is not inclusive counts as if it were. */
function overlaps(table: TableMeta, range: KeyRange): boolean {
  const { lower, upper } = range;
  const { smallest, largest } = table;
  return (
    (lower === undefined || compareBytes(largest, 0, largest.length, lower.key, 0, lower.key.length) >= 0) &&
    (upper === undefined || compareBytes(smallest, 0, smallest.length, upper.key, 0, upper.key.length) <= 0)
  );
}

/** The first and the last index (exclusive) of the tables of a sorted run that may hold keys of the range. */
function overlappingPart(run: readonly TableMeta[], range: KeyRange): [number, number] {
  const { lower, upper } = range;
  const first = lower === undefined ? 0 : findPart(run, lower.key, 0, lower.key.length);
  if (upper === undefined) return [first, run.length];
  const last = findPart(run, upper.key, 0, upper.key.length);
  return [first, last < run.length && overlaps(run[last], range) ? last + 1 : last];
}
