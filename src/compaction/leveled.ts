/**
 * Leveled compaction, the default: tables flow from L0 into the base level and from there down, one level at
 * a time, so that every level below L0 is one sorted run of about its target size.
 *
 * In this order:
 * 1. The level that is most over its bound: L0 by number of tables, the others by size. Levels that the tree
 *    has become too small for are emptied when nothing else is over its bound.
 * 2. Tables full of tombstones, so that the space of deleted data comes back without further writes.
 */
import type { Version } from '../version/version.ts';
import { busyFiles, type CompactionTask } from './compaction-task.ts';
import { pickFromL0 } from './l0-picker.ts';
import { pickFromLevel } from './level-picker.ts';
import { type LevelTargets, levelTargets } from './level-targets.ts';
import type { CompactionOptions, Strategy } from './strategy.ts';
import { pickForTombstones } from './tombstone-picker.ts';

/** A level that nobody needs any more is due, but after every level that is over its bound (as in RocksDB). */
const DRAIN_SCORE = 1;

interface LevelScore {
  readonly level: number;
  /** From 1 on the level is due. */
  readonly score: number;
}

function pick(
  version: Version,
  options: CompactionOptions,
  running: readonly CompactionTask[],
): CompactionTask | undefined {
  const targets = levelTargets(version, options, running);
  for (const { level, score } of dueLevels(version, options, running, targets)) {
    const task =
      level === 0
        ? pickFromL0(
            version,
            options,
            running,
            targets.baseLevel,
            `L0 holds ${version.levels[0].length} tables`,
          )
        : pickFromLevel(version, options, running, level, reasonFor(level, score));
    if (task !== undefined) return task;
  }
  return pickForTombstones(version, options, running, targets.baseLevel);
}

function reasonFor(level: number, score: number): string {
  if (score === DRAIN_SCORE) return `L${level} is no longer needed`;
  return `L${level} is ${score.toFixed(2)} times its target`;
}

/** The levels that are due, most urgent first. */
function dueLevels(
  version: Version,
  options: CompactionOptions,
  running: readonly CompactionTask[],
  targets: LevelTargets,
): LevelScore[] {
  const busy = busyFiles(running);
  const scores: LevelScore[] = [];
  const waiting = version.levels[0].filter((table) => !busy.has(table.fileNumber)).length;
  scores.push({ level: 0, score: waiting / options.l0CompactionFiles });
  for (let level = 1; level < version.levels.length - 1; level++) {
    let bytes = 0;
    for (const table of version.levels[level]) if (!busy.has(table.fileNumber)) bytes += table.fileBytes;
    if (bytes === 0) continue;
    const isNeeded = level >= targets.neededLevel;
    // A level that has just its target size is not over it.
    if (isNeeded && bytes <= targets.bytes[level]) continue;
    scores.push({ level, score: isNeeded ? bytes / targets.bytes[level] : DRAIN_SCORE });
  }
  return scores.filter(({ score }) => score >= 1).sort((a, b) => b.score - a.score || a.level - b.level);
}

/**
 * What is over its target in each level has to be merged into the next one, which costs as many bytes again
 * as it overlaps there, and adds to that level's own excess.
 */
function pendingBytes(version: Version, options: CompactionOptions): number {
  const { baseLevel, neededLevel, bytes: targets } = levelTargets(version, options, []);
  const last = version.levels.length - 1;
  let pending = 0;
  let arriving = 0;
  if (version.levels[0].length >= options.l0CompactionFiles) {
    arriving = version.levelBytes(0);
    pending += arriving + version.levelBytes(baseLevel);
  }
  for (let level = baseLevel; level < last; level++) {
    const bytes = version.levelBytes(level) + arriving;
    arriving = 0;
    const excess = bytes - (level < neededLevel ? 0 : targets[level]);
    if (excess <= 0) continue;
    pending += excess * (1 + version.levelBytes(level + 1) / bytes);
    arriving = excess;
  }
  return Math.round(pending);
}

export const leveled: Strategy = { name: 'leveled', pick, pendingBytes };
