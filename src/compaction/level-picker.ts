/**
 * Picks a compaction out of a level below L0: the table whose merge costs least for what it frees, that is
 * with the smallest ratio of overlapping bytes in the next level to its own bytes (RocksDB calls this
 * `kMinOverlappingRatio`, and it is its default). Tombstones make a table count as larger, so that those
 * full of them go first.
 */
import { hullOf, type TableMeta, totalBytes } from '../version/table-meta.ts';
import type { Version } from '../version/version.ts';
import { busyFiles, type CompactionTask, conflicts, type MergeTask } from './compaction-task.ts';
import { arePackedAlike, type CompactionOptions, maxGrandparentBytes } from './strategy.ts';

/** How much larger a table of nothing but tombstones counts than it is. */
const TOMBSTONE_WEIGHT = 3;

/** A merge takes more tables of its own level for nothing up to this many times `tableBytes` (LevelDB: 25). */
const EXPANDED_TABLES = 25;

/** The best task that takes a table of this level, which is not the last, one level down. */
export function pickFromLevel(
  version: Version,
  options: CompactionOptions,
  running: readonly CompactionTask[],
  level: number,
  reason: string,
): CompactionTask | undefined {
  const busy = busyFiles(running);
  const candidates = version.levels[level]
    .filter((table) => !busy.has(table.fileNumber))
    .map((table) => ({ table, cost: costOf(version, level, table) }))
    .sort((a, b) => a.cost - b.cost);
  for (const { table } of candidates) {
    const task = pushDown(version, options, running, level, table, reason);
    if (task !== undefined) return task;
  }
  return undefined;
}

/** Takes one table a level down, by a move if that is right; undefined if a running task is in the way. */
export function pushDown(
  version: Version,
  options: CompactionOptions,
  running: readonly CompactionTask[],
  level: number,
  table: TableMeta,
  reason: string,
): CompactionTask | undefined {
  const task: CompactionTask = canMove(version, options, table, level, level + 1)
    ? { kind: 'move', fromLevel: level, toLevel: level + 1, tables: [table], reason }
    : mergeDown(version, options, level, [table], reason);
  if (!conflicts(task, running)) return task;
  // The additional tables of an expanded merge may be all that is in the way.
  const plain = mergeOf(version, level, [table], reason);
  return task.kind === 'merge' && !conflicts(plain, running) ? plain : undefined;
}

/** A merge of neighbouring tables with what lies under them, and more of their neighbours if those are free. */
function mergeDown(
  version: Version,
  options: CompactionOptions,
  level: number,
  tables: readonly TableMeta[],
  reason: string,
): MergeTask {
  const plain = mergeOf(version, level, tables, reason);
  const all = plain.inputs.flatMap((input) => input.tables);
  const hull = hullOf(all);
  if (hull === undefined || plain.inputs.length < 2) return plain;
  const wider = version.overlapping(level, hull.smallest, hull.largest);
  if (wider.length === tables.length) return plain;
  const expanded = mergeOf(version, level, wider, reason);
  if (expanded.inputs[1].tables.length !== plain.inputs[1].tables.length) return plain;
  const bytes = totalBytes(wider) + totalBytes(expanded.inputs[1].tables);
  return bytes <= EXPANDED_TABLES * options.tableBytes ? expanded : plain;
}

/** The merge of neighbouring tables of a level with what lies under them. */
export function mergeOf(
  version: Version,
  level: number,
  tables: readonly TableMeta[],
  reason: string,
): MergeTask {
  const hull = hullOf(tables);
  const under = hull === undefined ? [] : version.overlapping(level + 1, hull.smallest, hull.largest);
  const inputs = [{ level, tables }];
  if (under.length > 0) inputs.push({ level: level + 1, tables: under });
  return { kind: 'merge', inputs, outputLevel: level + 1, reason };
}

/**
 * Whether a table may go into another level as it is: it is packed as that level is, overlaps nothing there and
 * little of the level below, and would not shed half of its entries or more if it were rewritten on the way.
 */
export function canMove(
  version: Version,
  options: CompactionOptions,
  table: TableMeta,
  fromLevel: number,
  toLevel: number,
): boolean {
  if (!arePackedAlike(options, fromLevel, toLevel)) return false;
  const { smallest, largest } = table;
  if (version.overlapping(toLevel, smallest, largest).length > 0) return false;
  if (shedsWhenRewritten(version, options, table, toLevel)) return false;
  const below = toLevel + 1;
  if (below >= version.levels.length) return true;
  return totalBytes(version.overlapping(below, smallest, largest)) <= maxGrandparentBytes(options);
}

/** Whether a rewrite in that level would drop the tombstones of a table that consists of them by half. */
function shedsWhenRewritten(
  version: Version,
  options: CompactionOptions,
  table: TableMeta,
  level: number,
): boolean {
  return isDense(table) && !isHeldBack(table, options) && isBottommost(version, table, level);
}

/** Whether more than half of the entries are tombstones. */
export function isDense(table: TableMeta): boolean {
  return 2 * table.tombstoneCount > table.entryCount;
}

/** Whether a live snapshot may keep a rewrite from dropping anything. */
export function isHeldBack(table: TableMeta, options: CompactionOptions): boolean {
  return options.oldestSnapshot !== undefined && table.maxSequence > options.oldestSnapshot;
}

/** Whether no level below this one has a table that overlaps. */
export function isBottommost(version: Version, table: TableMeta, level: number): boolean {
  for (let below = level + 1; below < version.levels.length; below++) {
    if (version.overlapping(below, table.smallest, table.largest).length > 0) return false;
  }
  return true;
}

function costOf(version: Version, level: number, table: TableMeta): number {
  const under = totalBytes(version.overlapping(level + 1, table.smallest, table.largest));
  const tombstones = table.tombstoneCount / table.entryCount;
  return under / (table.fileBytes * (1 + (TOMBSTONE_WEIGHT - 1) * tombstones));
}
