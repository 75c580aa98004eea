/**
 * How large each level below L0 may be, and which of them L0 is merged into. The size of the largest level
 * determines the targets above it, each smaller by the level ratio, as RocksDB's dynamic level sizes do
 * (`level_compaction_dynamic_level_bytes`): nine tenths of the data lie in the last level however small the
 * database is, so space amplification stays near 1.1.
 *
 *     ratio 10, base 32 MiB, last level L6 = 4 GiB:   L6 4 GiB | L5 410 MiB | L4 41 MiB | L3 4 MiB = base level
 *
 * The base level is the highest level whose target is needed, and never one below the highest level that
 * holds a table or is about to: newer data must not get below older data.
 */
import type { Version } from '../version/version.ts';
import { type CompactionTask, outputLevelOf } from './compaction-task.ts';
import type { CompactionOptions } from './strategy.ts';

export interface LevelTargets {
  /** The level that L0 is merged into. */
  readonly baseLevel: number;
  /** The highest level that the size of the tree calls for; tables above it have outlived a larger tree. */
  readonly neededLevel: number;
  /** Target of every level, bytes; 0 for L0 and for levels above `neededLevel`. */
  readonly bytes: readonly number[];
}

export function levelTargets(
  version: Version,
  options: CompactionOptions,
  running: readonly CompactionTask[],
): LevelTargets {
  const last = version.levels.length - 1;
  const bytes = version.levels.map(() => 0);
  for (let level = 1; level <= last; level++) bytes[last] = Math.max(bytes[last], version.levelBytes(level));
  bytes[last] = Math.max(bytes[last], options.baseLevelBytes);
  let needed = last;
  while (needed > 1 && bytes[needed] > options.baseLevelBytes) {
    bytes[needed - 1] = bytes[needed] / options.levelRatio;
    needed--;
  }
  return { baseLevel: Math.min(needed, highestUsedLevel(version, running)), neededLevel: needed, bytes };
}

/** The highest level below L0 that holds a table or will hold one; the last level if there is none. */
export function highestUsedLevel(version: Version, running: readonly CompactionTask[]): number {
  let highest = version.firstNonEmptyLevel ?? version.levels.length - 1;
  for (const task of running) {
    const level = outputLevelOf(task);
    if (level !== undefined && level > 0) highest = Math.min(highest, level);
  }
  return highest;
}
