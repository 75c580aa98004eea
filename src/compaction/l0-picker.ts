/**
 * Picks a compaction out of L0. Its tables overlap, and the older of two may hold an older version of a key,
 * so a table may leave L0 only together with every older one that it overlaps.
 */
import { hullOf, rangesOverlap, type TableMeta } from '../version/table-meta.ts';
import type { Version } from '../version/version.ts';
import {
  type CompactionTask,
  conflicts,
  type MergeTask,
  type MoveTask,
  takesFromL0,
} from './compaction-task.ts';
import { canMove } from './level-picker.ts';
import type { CompactionOptions } from './strategy.ts';

/**
 * Takes the oldest table and everything in L0 that it is connected to through overlaps, with the tables of
 * the base level under them. A single table that overlaps nothing there is moved. Undefined if a running
 * task is in the way.
 */
export function pickFromL0(
  version: Version,
  options: CompactionOptions,
  running: readonly CompactionTask[],
  baseLevel: number,
  reason: string,
): CompactionTask | undefined {
  if (running.some(takesFromL0)) return undefined;
  const oldest = version.levels[0].at(-1);
  if (oldest === undefined) return undefined;
  // The oldest table may leave alone whatever is newer: newer tables stay above it.
  if (canMove(version, options, oldest, 0, baseLevel)) {
    const move: MoveTask = { kind: 'move', fromLevel: 0, toLevel: baseLevel, tables: [oldest], reason };
    if (!conflicts(move, running)) return move;
  }
  const merge = mergeFromL0(version, connectedInL0(version, [oldest]), baseLevel, reason);
  return conflicts(merge, running) ? undefined : merge;
}

/** The merge of L0 tables, which must be connected, with what lies under them in a level. */
export function mergeFromL0(
  version: Version,
  tables: readonly TableMeta[],
  outputLevel: number,
  reason: string,
): MergeTask {
  const hull = hullOf(tables);
  const under = hull === undefined ? [] : version.overlapping(outputLevel, hull.smallest, hull.largest);
  const inputs = [{ level: 0, tables }];
  if (under.length > 0) inputs.push({ level: outputLevel, tables: under });
  return { kind: 'merge', inputs, outputLevel, reason };
}

/** The given L0 tables and all that they are connected to through overlaps, in the order of L0. */
export function connectedInL0(version: Version, from: readonly TableMeta[]): TableMeta[] {
  const taken = new Set(from);
  // Each round looks only from what the last one found: every pair is compared at most once.
  for (let found: readonly TableMeta[] = from; found.length > 0; ) {
    const next = version.levels[0].filter(
      (table) => !taken.has(table) && found.some((other) => rangesOverlap(table, other)),
    );
    for (const table of next) taken.add(table);
    found = next;
  }
  return version.levels[0].filter((table) => taken.has(table));
}
