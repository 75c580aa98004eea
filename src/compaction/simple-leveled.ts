/**
 * Simple leveled compaction: always whole levels. A level is merged into the next one as soon as that one
 * does not have enough more files; L0 is merged into L1 when it has enough tables. Easy to follow and cheap
 * to decide, at the price of large merges; the idea comes from the mini-lsm course.
 *
 * One task at a time: two tasks over whole neighbouring levels would always touch.
 */
import type { Version } from '../version/version.ts';
import type { CompactionTask, LevelTables } from './compaction-task.ts';
import { arePackedAlike, type CompactionOptions, type Strategy } from './strategy.ts';

function pick(
  version: Version,
  options: CompactionOptions,
  running: readonly CompactionTask[],
): CompactionTask | undefined {
  if (running.length > 0) return undefined;
  const { levels } = version;
  if (levels[0].length >= options.l0CompactionFiles) {
    return wholeLevels(version, options, 0, `L0 holds ${levels[0].length} tables`);
  }
  for (let level = 1; level < levels.length - 1; level++) {
    if (isDue(version, options, level)) {
      const reason = `L${level + 1} holds ${levels[level + 1].length} tables, L${level} ${levels[level].length}`;
      return wholeLevels(version, options, level, reason);
    }
  }
  return undefined;
}

function isDue(version: Version, options: CompactionOptions, level: number): boolean {
  const upper = version.levels[level].length;
  return upper > 0 && version.levels[level + 1].length < upper * options.levelRatio;
}

/** Everything of a level and of the next one, into the next one. */
function wholeLevels(
  version: Version,
  options: CompactionOptions,
  level: number,
  reason: string,
): CompactionTask {
  const upper: LevelTables = { level, tables: version.levels[level] };
  const lower: LevelTables = { level: level + 1, tables: version.levels[level + 1] };
  if (lower.tables.length > 0) {
    return { kind: 'merge', inputs: [upper, lower], outputLevel: level + 1, reason };
  }
  // A run of tables needs no rewriting to become another level that is packed alike; L0 is no run unless it is
  // one table.
  if ((level > 0 || upper.tables.length === 1) && arePackedAlike(options, level, level + 1)) {
    return { kind: 'move', fromLevel: level, toLevel: level + 1, tables: upper.tables, reason };
  }
  return { kind: 'merge', inputs: [upper], outputLevel: level + 1, reason };
}

function pendingBytes(version: Version, options: CompactionOptions): number {
  let pending = 0;
  if (version.levels[0].length >= options.l0CompactionFiles) {
    pending += version.levelBytes(0) + version.levelBytes(1);
  }
  for (let level = 1; level < version.levels.length - 1; level++) {
    if (!isDue(version, options, level) || version.levels[level + 1].length === 0) continue;
    pending += version.levelBytes(level) + version.levelBytes(level + 1);
  }
  return pending;
}

export const simpleLeveled: Strategy = { name: 'simple-leveled', pick, pendingBytes };
