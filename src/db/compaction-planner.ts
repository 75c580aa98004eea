/**
 * What compaction has to do next, and how much of it waits: the strategy, asked with what this database knows of
 * its snapshots and readers.
 */
import type { CompactionTask, MergeTask } from '../compaction/compaction-task.ts';
import { isDense } from '../compaction/level-picker.ts';
import { type ManualProgress, type ManualStep, nextManualStep } from '../compaction/manual.ts';
import { type MergeContext, mergeContext } from '../compaction/merge-context.ts';
import type { CompactionOptions, Strategy } from '../compaction/strategy.ts';
import type { KeyRange } from '../keys/key-range.ts';
import type { Version } from '../version/version.ts';
import type { VersionSet } from '../version/version-set.ts';
import type { Core } from './core.ts';

export class CompactionPlanner {
  readonly #core: Core;
  readonly #versions: VersionSet;
  readonly #strategy: Strategy;
  /** Whether reads may have L0 merged: not where a read would have to wait for that. */
  readonly #readsMayPay: boolean;
  /** Whether they have paid for it, however few tables it holds. */
  #isL0Paid = false;
  #pendingBytes = 0;
  #hasDenseTable = false;

  constructor(core: Core, versions: VersionSet, strategy: Strategy, readsMayPay: boolean) {
    this.#core = core;
    this.#versions = versions;
    this.#strategy = strategy;
    this.#readsMayPay = readsMayPay;
    this.assess();
  }

  /** Bytes that compaction still has to move to bring the tree into shape. */
  get pendingBytes(): number {
    return this.#pendingBytes;
  }

  /** Whether a table consists of tombstones for the most part: a snapshot may keep it from being compacted. */
  get hasDenseTable(): boolean {
    return this.#hasDenseTable;
  }

  /** Looks at the tree anew, after every change of it. */
  assess(): void {
    const version = this.#versions.current;
    this.#pendingBytes = this.#strategy.pendingBytes(version, this.#options());
    this.#hasDenseTable = version.levels.some((tables) => tables.some(isDense));
    this.#isL0Paid = false;
    this.#core.toll.begin(this.#readsMayPay ? l0MergeBytes(version) : Infinity);
  }

  /** Reads have paid for the merge of L0. */
  payForL0(): void {
    this.#isL0Paid = true;
  }

  /** The next task; undefined if the tree is in shape. */
  pick(): CompactionTask | undefined {
    return this.#strategy.pick(this.#versions.current, this.#options(), []);
  }

  /** The next step of a compaction by hand. */
  manualStep(range: KeyRange, progress: ManualProgress): ManualStep {
    return nextManualStep(this.#versions.current, this.#options(), range, progress, []);
  }

  /** What a merge has to know of the tree around it. */
  contextOf(task: MergeTask): MergeContext {
    return mergeContext(this.#versions.current, task, this.#core.snapshots.sequences(), this.#options());
  }

  #options(): CompactionOptions {
    const { options, snapshots } = this.#core;
    const l0CompactionFiles = this.#isL0Paid ? 1 : options.l0CompactionFiles;
    return { ...options, l0CompactionFiles, oldestSnapshot: snapshots.oldest };
  }
}

/** About how many bytes a merge of L0 reads: its tables, and the level below it; Infinity if it is empty. */
function l0MergeBytes(version: Version): number {
  if (version.levels[0].length === 0) return Infinity;
  const base = version.levels.findIndex((tables, level) => level > 0 && tables.length > 0);
  return version.levelBytes(0) + (base === -1 ? 0 : version.levelBytes(base));
}
