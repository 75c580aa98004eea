/**
 * The cursors over everything in a view, merged. They are made when a range first needs them, and stay for the
 * next range when the cursor that used them is closed: a view keeps them, so they go with it. A seventh off
 * scans of ten entries among five sources.
 */
import { compareBytes } from '../bytes/compare.ts';
import { ConcatenatingCursor, findPart } from '../cursor/concatenating-cursor.ts';
import type { Cursor } from '../cursor/cursor.ts';
import { MergingCursor } from '../cursor/merging-cursor.ts';
import type { KeyRange } from '../keys/key-range.ts';
import type { TableCache } from '../sstable/table-cache.ts';
import type { TableCursor, TableCursorOptions } from '../sstable/table-cursor.ts';
import type { TableMeta } from '../version/table-meta.ts';
import { openedTable } from './opened-table.ts';
import type { ReadView } from './read-view.ts';

type RunCursor = ConcatenatingCursor<TableMeta, TableCursor>;

export class ViewSource {
  readonly fillCache: boolean;
  readonly #view: ReadView;
  readonly #tables: TableCache;
  readonly #options: TableCursorOptions;
  readonly #memtables: (Cursor | undefined)[] = [];
  /** Over the tables of L0, and over the levels below it. */
  readonly #newest: (TableCursor | undefined)[] = [];
  readonly #runs: (RunCursor | undefined)[] = [];
  readonly #merging: MergingCursor = new MergingCursor([]);

  constructor(view: ReadView, tables: TableCache, fillCache: boolean) {
    this.#view = view;
    this.#tables = tables;
    this.fillCache = fillCache;
    this.#options = { fillCache };
  }

  /** A cursor over what the range may need; the next call takes it back, and comes after it was closed. */
  open(range: KeyRange): Cursor {
    const sources: Cursor[] = [];
    try {
      this.#collect(range, sources);
    } catch (error) {
      for (const source of sources) source.close();
      throw error;
    }
    if (sources.length === 1) return sources[0];
    this.#merging.replace(sources);
    return this.#merging;
  }

  #collect(range: KeyRange, sources: Cursor[]): void {
    const { memtables, version } = this.#view;
    for (let index = 0; index < memtables.length; index++) {
      const { table } = memtables[index];
      // What comes into an empty one later has a sequence number that this cursor does not see.
      if (table.entryCount === 0) continue;
      this.#memtables[index] ??= table.cursor();
      sources.push(this.#memtables[index] as Cursor);
    }
    const [newest] = version.levels;
    for (let index = 0; index < newest.length; index++) {
      if (!overlaps(newest[index], range)) continue;
      this.#newest[index] = this.#tableCursor(0, index, this.#newest[index]);
      sources.push(this.#newest[index] as Cursor);
    }
    for (let level = 1; level < version.levels.length; level++) {
      const run = version.levels[level];
      const [first, end] = overlappingPart(run, range);
      if (first >= end) continue;
      this.#runs[level] ??= new ConcatenatingCursor(run, (_part, index, spare) =>
        this.#tableCursor(level, index, spare),
      );
      const cursor = this.#runs[level] as RunCursor;
      cursor.limit(first, end);
      sources.push(cursor);
    }
  }

  #tableCursor(level: number, index: number, spare: TableCursor | undefined): TableCursor {
    const table = openedTable(this.#view.version, level, index, this.#tables);
    return spare === undefined ? table.cursor(this.#options) : spare.reopen(table);
  }
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
