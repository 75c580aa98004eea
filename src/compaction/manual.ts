/**
 * The tasks of `compact(range)`: the tables that overlap the range go down level by level until they are in
 * the deepest level that holds any of it, whose tables are then rewritten where they still hold tombstones
 * or several versions of a key.
 *
 * Pure: the caller asks for the next step, runs it, installs it, and asks again with the progress that came
 * with it. Progress only ever goes forward (levels down, keys up), so it ends whatever is written meanwhile.
 */
import { compareKeys } from '../bytes/compare.ts';
import { isAbove, isBelow, type KeyRange } from '../keys/key-range.ts';
import type { TableMeta } from '../version/table-meta.ts';
import type { Version } from '../version/version.ts';
import { type CompactionTask, conflicts } from './compaction-task.ts';
import { connectedInL0, mergeFromL0 } from './l0-picker.ts';
import { canMove, mergeOf } from './level-picker.ts';
import { highestUsedLevel } from './level-targets.ts';
import type { CompactionOptions } from './strategy.ts';
import { rewriteOf } from './tombstone-picker.ts';

/** How far a manual compaction has come. */
export interface ManualProgress {
  /** The level that is being emptied, or rewritten if it is the bottom. */
  readonly level: number;
  /** Tables of that level up to this user key are done. */
  readonly after?: Uint8Array | undefined;
}

export const MANUAL_START: ManualProgress = { level: 0 };

/** What to do next. On `wait`, ask again when a running task is installed. */
export type ManualStep =
  | { readonly kind: 'task'; readonly task: CompactionTask; readonly progress: ManualProgress }
  | { readonly kind: 'wait' }
  | { readonly kind: 'done' };

/** A merge takes tables of the upper level up to this many times `tableBytes`. */
const MERGED_TABLES = 10;

const REASON = 'asked for';
const WAIT: ManualStep = { kind: 'wait' };
const DONE: ManualStep = { kind: 'done' };

export function nextManualStep(
  version: Version,
  options: CompactionOptions,
  range: KeyRange,
  progress: ManualProgress,
  running: readonly CompactionTask[],
): ManualStep {
  const bottom = bottomLevel(version, range);
  let { level, after } = progress;
  if (level === 0) {
    const step = emptyL0(version, options, range, running);
    if (step !== undefined) return step;
    level = 1;
    after = undefined;
  }
  for (; level <= bottom; level++, after = undefined) {
    const tables = tablesAfter(version, level, range, after);
    const step =
      level < bottom ? pushDown(version, options, running, level, tables) : rewrite(running, level, tables);
    if (step !== undefined) return step;
  }
  return DONE;
}

/** The deepest level that has tables of the range. */
function bottomLevel(version: Version, range: KeyRange): number {
  let level = version.levels.length - 1;
  while (level > 0 && !version.levels[level].some((table) => isInRange(table, range))) level--;
  return level;
}

function emptyL0(
  version: Version,
  options: CompactionOptions,
  range: KeyRange,
  running: readonly CompactionTask[],
): ManualStep | undefined {
  const tables = version.levels[0].filter((table) => isInRange(table, range));
  if (tables.length === 0) return undefined;
  const outputLevel = highestUsedLevel(version, running);
  const taken = connectedInL0(version, tables);
  const [first] = taken;
  const task: CompactionTask =
    taken.length === 1 && canMove(version, options, first, 0, outputLevel)
      ? { kind: 'move', fromLevel: 0, toLevel: outputLevel, tables: taken, reason: REASON }
      : mergeFromL0(version, taken, outputLevel, REASON);
  if (conflicts(task, running)) return WAIT;
  // Whatever is flushed from here on is newer than the call.
  return { kind: 'task', task, progress: { level: 1 } };
}

function pushDown(
  version: Version,
  options: CompactionOptions,
  running: readonly CompactionTask[],
  level: number,
  tables: readonly TableMeta[],
): ManualStep | undefined {
  if (tables.length === 0) return undefined;
  const [first] = tables;
  const taken = canMove(version, options, first, level, level + 1)
    ? [first]
    : mergedTogether(tables, options);
  const task: CompactionTask =
    taken.length === 1 && canMove(version, options, first, level, level + 1)
      ? { kind: 'move', fromLevel: level, toLevel: level + 1, tables: taken, reason: REASON }
      : mergeOf(version, level, taken, REASON);
  if (conflicts(task, running)) return WAIT;
  return { kind: 'task', task, progress: { level, after: taken[taken.length - 1].largest } };
}

/** The first tables, as many as one merge may take. */
function mergedTogether(tables: readonly TableMeta[], options: CompactionOptions): readonly TableMeta[] {
  let bytes = 0;
  let count = 0;
  while (count < tables.length && bytes < MERGED_TABLES * options.tableBytes)
    bytes += tables[count++].fileBytes;
  return tables.slice(0, count);
}

function rewrite(
  running: readonly CompactionTask[],
  level: number,
  tables: readonly TableMeta[],
): ManualStep | undefined {
  for (const table of tables) {
    if (table.tombstoneCount === 0 && table.keyCount === table.entryCount) continue;
    const task = rewriteOf(level, table, REASON);
    if (conflicts(task, running)) return WAIT;
    return { kind: 'task', task, progress: { level, after: table.largest } };
  }
  return undefined;
}

/** The tables of a level that have keys in the range and begin after a key. */
function tablesAfter(
  version: Version,
  level: number,
  range: KeyRange,
  after: Uint8Array | undefined,
): TableMeta[] {
  return version.levels[level].filter(
    (table) => isInRange(table, range) && (after === undefined || compareKeys(table.smallest, after) > 0),
  );
}

/** Whether a table may hold a key of the range. */
function isInRange({ smallest, largest }: TableMeta, range: KeyRange): boolean {
  return !isBelow(range, largest, 0, largest.length) && !isAbove(range, smallest, 0, smallest.length);
}
