/**
 * What a merge has to know of the tree around it, taken from the Version it was picked from. Plain data,
 * made by the owner of the database and sent with the task.
 *
 * It stays true while the merge runs: flushes only add newer tables, and no other task may touch the tables
 * of this one or write into its part of a level (see `conflicts`), so older data never appears below it.
 */
import { assertInvariant } from '../errors.ts';
import { rangesOverlap, type TableMeta } from '../version/table-meta.ts';
import type { Version } from '../version/version.ts';
import { type MergeTask, rangeOf } from './compaction-task.ts';
import type { OlderRuns } from './garbage.ts';
import type { Grandparent } from './output-cutter.ts';
import { type CompactionOptions, maxGrandparentBytes } from './strategy.ts';

export interface MergeContext {
  /** Live snapshots, ascending. */
  readonly snapshots: readonly number[];
  /** Where versions that are older than those in the merge may lie. */
  readonly older: OlderRuns;
  /** Tables of the level below the output level within the merge's range. */
  readonly grandparents: readonly Grandparent[];
  /** Size at which an output ends, bytes. */
  readonly tableBytes: number;
  /** How many bytes of grandparents one output may overlap. */
  readonly maxGrandparentBytes: number;
}

export function mergeContext(
  version: Version,
  task: MergeTask,
  snapshots: readonly number[],
  options: CompactionOptions,
): MergeContext {
  const range = rangeOf(task);
  assertInvariant(range !== undefined, 'a merge has inputs');
  const inputs = new Set(task.inputs.flatMap(({ tables }) => tables.map((table) => table.fileNumber)));
  const outside = (level: number): readonly TableMeta[] =>
    version
      .overlapping(level, range.smallest, range.largest)
      .filter((table) => !inputs.has(table.fileNumber));

  const older: TableMeta[][] = [];
  const top = Math.min(...task.inputs.map(({ level }) => level));
  if (top === 0) for (const table of olderInL0(version, task, inputs)) older.push([table]);
  // A level between the inputs holds older data than the topmost of them, however unlikely it is to be there.
  for (let level = Math.max(1, top); level < version.levels.length; level++) {
    const tables = outside(level);
    if (tables.length > 0) older.push([...tables]);
  }
  const below = task.outputLevel + 1;
  const grandparents = below < version.levels.length ? outside(below) : [];
  return {
    snapshots,
    older: older.map((run) => run.map(({ smallest, largest }) => ({ smallest, largest }))),
    grandparents: grandparents.map(({ smallest, largest, fileBytes }) => ({ smallest, largest, fileBytes })),
    tableBytes: options.tableBytes,
    maxGrandparentBytes: maxGrandparentBytes(options),
  };
}

/** L0 tables outside of the task that are older than its newest one and overlap it. */
function olderInL0(version: Version, task: MergeTask, inputs: ReadonlySet<number>): TableMeta[] {
  const taken = task.inputs.flatMap(({ level, tables }) => (level === 0 ? tables : []));
  const newest = Math.max(...taken.map((table) => table.epoch));
  return version.levels[0].filter(
    (table) =>
      table.epoch < newest &&
      !inputs.has(table.fileNumber) &&
      taken.some((other) => rangesOverlap(table, other)),
  );
}
