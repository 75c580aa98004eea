/**
 * Compacts tables because of their tombstones alone, so that the space of deleted data comes back, and scans
 * over deleted ranges stay quick, when no level is over its bound any more. (RocksDB has this as
 * `CompactOnDeletionCollector`, Pebble as tombstone density compactions.)
 *
 * A table with older data under it is taken a level down. One with nothing under it is rewritten where it
 * is: then every tombstone goes. It converges: a table that a live snapshot holds back is left alone, a
 * rewritten one has no tombstones, and what goes down reaches the bottom.
 */
import type { TableMeta } from '../version/table-meta.ts';
import type { Version } from '../version/version.ts';
import { type CompactionTask, conflicts, type MergeTask } from './compaction-task.ts';
import { pickFromL0 } from './l0-picker.ts';
import { isBottommost, isDense, isHeldBack, pushDown } from './level-picker.ts';
import type { CompactionOptions } from './strategy.ts';

/** With fewer tombstones than this a table is not worth a compaction of its own. */
export const MIN_TOMBSTONES = 256;

export function pickForTombstones(
  version: Version,
  options: CompactionOptions,
  running: readonly CompactionTask[],
  baseLevel: number,
): CompactionTask | undefined {
  for (let level = 0; level < version.levels.length; level++) {
    for (const table of version.levels[level]) {
      if (!isWorthwhile(table, options)) continue;
      const reason = `table ${table.fileNumber} in L${level} consists of tombstones for the most part`;
      const task = pickTable(version, options, running, baseLevel, level, table, reason);
      if (task !== undefined) return task;
    }
  }
  return undefined;
}

function pickTable(
  version: Version,
  options: CompactionOptions,
  running: readonly CompactionTask[],
  baseLevel: number,
  level: number,
  table: TableMeta,
  reason: string,
): CompactionTask | undefined {
  if (level === 0) return pickFromL0(version, options, running, baseLevel, reason);
  if (!isBottommost(version, table, level)) return pushDown(version, options, running, level, table, reason);
  const rewrite = rewriteOf(level, table, reason);
  return conflicts(rewrite, running) ? undefined : rewrite;
}

/** The merge of one table into its own level. */
export function rewriteOf(level: number, table: TableMeta, reason: string): MergeTask {
  return { kind: 'merge', inputs: [{ level, tables: [table] }], outputLevel: level, reason };
}

function isWorthwhile(table: TableMeta, options: CompactionOptions): boolean {
  const enough = options.minTombstones ?? MIN_TOMBSTONES;
  return table.tombstoneCount >= enough && isDense(table) && !isHeldBack(table, options);
}
