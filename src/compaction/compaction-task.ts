/**
 * What a compaction can do. A task is plain data: it names its tables completely, so that it can cross to a
 * worker, run in a simulator, and be compared with the tasks that are running.
 */

import type { TableSummary } from '../sstable/table-summary.ts';
import {
  hullOf,
  rangesOverlap,
  type TableMeta,
  type UserKeyRange,
  withEpoch,
} from '../version/table-meta.ts';
import type { VersionEdit } from '../version/version-edit.ts';

/** Tables of one level, in the order of the level. */
export interface LevelTables {
  readonly level: number;
  readonly tables: readonly TableMeta[];
}

/** Puts tables into another level as they are: an edit and nothing else. */
export interface MoveTask {
  readonly kind: 'move';
  readonly fromLevel: number;
  readonly toLevel: number;
  readonly tables: readonly TableMeta[];
  readonly reason: string;
}

/** Merges tables into new ones in `outputLevel`, without what nobody can see any more. */
export interface MergeTask {
  readonly kind: 'merge';
  /** From the highest level (smallest number) down; `outputLevel` may be among them. */
  readonly inputs: readonly LevelTables[];
  readonly outputLevel: number;
  readonly reason: string;
}

/** Takes tables out of the tree with everything in them. */
export interface DropTask {
  readonly kind: 'drop';
  readonly inputs: readonly LevelTables[];
  readonly reason: string;
}

export type CompactionTask = MoveTask | MergeTask | DropTask;

/** The tables that a task takes from each level. */
export function inputsOf(task: CompactionTask): readonly LevelTables[] {
  return task.kind === 'move' ? [{ level: task.fromLevel, tables: task.tables }] : task.inputs;
}

/** The level that a task adds tables to; undefined if it adds none. */
export function outputLevelOf(task: CompactionTask): number | undefined {
  switch (task.kind) {
    case 'move':
      return task.toLevel;
    case 'merge':
      return task.outputLevel;
    case 'drop':
      return undefined;
  }
}

/** The user keys from the first to the last that a task touches. */
export function rangeOf(task: CompactionTask): UserKeyRange | undefined {
  return hullOf(inputsOf(task).flatMap(({ tables }) => tables));
}

/** The file numbers that running tasks read or move: no other task may take them. */
export function busyFiles(running: readonly CompactionTask[]): ReadonlySet<number> {
  const busy = new Set<number>();
  for (const task of running) {
    for (const { tables } of inputsOf(task)) for (const table of tables) busy.add(table.fileNumber);
  }
  return busy;
}

/**
 * Whether a task must wait for one that is running: they share a table, both take from L0 (whose order they
 * could break), or they put overlapping tables into one level.
 */
export function conflicts(task: CompactionTask, running: readonly CompactionTask[]): boolean {
  if (running.length === 0) return false;
  const busy = busyFiles(running);
  const inputs = inputsOf(task);
  if (inputs.some(({ tables }) => tables.some((table) => busy.has(table.fileNumber)))) return true;
  if (takesFromL0(task) && running.some(takesFromL0)) return true;
  const range = rangeOf(task);
  return running.some((other) => {
    const level = outputLevelOf(other);
    if (range === undefined || level === undefined || outputLevelOf(task) !== level) return false;
    const otherRange = rangeOf(other);
    return otherRange !== undefined && rangesOverlap(range, otherRange);
  });
}

export function takesFromL0(task: CompactionTask): boolean {
  return inputsOf(task).some(({ level }) => level === 0);
}

/** The edit that installs a finished task; `outputs` are the tables that its merge wrote. */
export function editOf(task: CompactionTask, outputs: readonly TableSummary[] = []): VersionEdit {
  const deleted = inputsOf(task).flatMap(({ level, tables }) =>
    tables.map(({ fileNumber }) => ({ level, fileNumber })),
  );
  switch (task.kind) {
    case 'move':
      return {
        deleted,
        added: task.tables.map((table) => ({ level: task.toLevel, table: withEpoch(table, 0) })),
      };
    case 'merge':
      return {
        deleted,
        added: outputs.map((table) => ({ level: task.outputLevel, table: withEpoch(table, 0) })),
      };
    case 'drop':
      return { deleted, added: [] };
  }
}
