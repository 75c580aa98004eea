/**
 * A strategy decides what to compact next. It is a pure function of a Version, so the same code drives the
 * engine, the simulator and the property tests. It must converge: applied again and again without new
 * writes, it comes to `undefined`.
 */
import { type CompressionByLevel, compressionAt } from '../bytes/compression.ts';
import type { Version } from '../version/version.ts';
import type { CompactionTask } from './compaction-task.ts';

export interface CompactionOptions {
  /** Levels of the tree, L0 included. */
  readonly levelCount: number;
  /** How many L0 tables start a compaction. */
  readonly l0CompactionFiles: number;
  /** Size that the highest level below L0 may have, bytes. */
  readonly baseLevelBytes: number;
  /** How many times larger each level is than the one above it. */
  readonly levelRatio: number;
  /** Size at which a merge starts a new table, bytes. */
  readonly tableBytes: number;
  /** How levels are packed: a table is rewritten on its way between two that differ. Absent if none do. */
  readonly compression?: CompressionByLevel | undefined;
  /** Sequence of the oldest live snapshot; absent if there is none. */
  readonly oldestSnapshot?: number | undefined;
  /** Tombstones from which a table may be compacted because of them alone. Default 256. */
  readonly minTombstones?: number | undefined;
}

export interface Strategy {
  readonly name: string;
  /**
   * The next task, or undefined if there is nothing to do (or nothing that can run beside `running`, which
   * are the tasks that have started and are not installed yet).
   */
  pick(
    version: Version,
    options: CompactionOptions,
    running: readonly CompactionTask[],
  ): CompactionTask | undefined;
  /** Roughly how many bytes merges have to write until `pick` finds nothing more. */
  pendingBytes(version: Version, options: CompactionOptions): number;
}

/**
 * A table may overlap at most this many times `tableBytes` of the level two below its old one ("grandparents"
 * in LevelDB): otherwise its own merge later would be too large.
 */
export const GRANDPARENT_TABLES = 10;

/** Whether tables of the one level are packed as those of the other are. */
export function arePackedAlike({ compression = 'none' }: CompactionOptions, a: number, b: number): boolean {
  return compressionAt(compression, a) === compressionAt(compression, b);
}

export function maxGrandparentBytes(options: CompactionOptions): number {
  return GRANDPARENT_TABLES * options.tableBytes;
}
