/**
 * Runs a strategy against synthetic flushes, without a disk and without time: to see what shape of tree and
 * what write amplification it gives, and to test it. Tables hold real entries (small numbers as keys), and
 * merges use the same garbage rules and the same cutter as the engine.
 */
import { assertInvariant } from '../errors.ts';
import { KIND_DELETE, KIND_PUT } from '../keys/internal-key.ts';
import type { TableSummary } from '../sstable/table-summary.ts';
import { withEpoch } from '../version/table-meta.ts';
import { Version } from '../version/version.ts';
import { type CompactionTask, editOf, inputsOf, type MergeTask } from './compaction-task.ts';
import { GarbageRules } from './garbage.ts';
import { mergeContext } from './merge-context.ts';
import { OutputCutter } from './output-cutter.ts';
import type { CompactionOptions, Strategy } from './strategy.ts';

/** One version of a key in the simulated database. */
export interface SimulatedEntry {
  /** 0 to 2^32 - 1. */
  readonly key: number;
  readonly sequence: number;
  readonly deleted: boolean;
}

/** One write: a put, or a delete. */
export interface SimulatedWrite {
  readonly key: number;
  readonly deleted?: boolean | undefined;
}

export interface SimulationReport {
  readonly flushes: number;
  readonly merges: number;
  readonly moves: number;
  readonly bytesFlushed: number;
  /** Bytes that merges wrote. */
  readonly bytesMerged: number;
  /** Bytes written by flushes and merges for each byte flushed. */
  readonly writeAmplification: number;
  /** Bytes in the tree for each byte of live data. */
  readonly spaceAmplification: number;
  /** The most tables that L0 held at once. */
  readonly mostL0Tables: number;
  /** The tree at the end. */
  readonly levels: readonly { readonly tables: number; readonly bytes: number }[];
}

/** More tasks than this after one flush mean that the strategy does not converge. */
const MAX_TASKS = 10_000;

/** The user key of a simulated key: four bytes, big-endian, so that bytes sort as numbers do. */
export function simulatedKey(key: number): Uint8Array {
  return Uint8Array.of(key >>> 24, key >>> 16, key >>> 8, key);
}

export class Simulator {
  readonly #strategy: Strategy;
  readonly #options: CompactionOptions;
  readonly #entryBytes: number;
  /** The contents of every table of the current Version, in internal order. */
  readonly #contents = new Map<number, readonly SimulatedEntry[]>();
  /** Live snapshots, ascending. */
  snapshots: readonly number[] = [];
  version: Version;
  sequence = 0;
  /** Called after every installed task. */
  onInstall: ((version: Version, task: CompactionTask) => void) | undefined;
  #nextFile = 1;
  #nextEpoch = 1;
  #flushes = 0;
  #merges = 0;
  #moves = 0;
  #bytesFlushed = 0;
  #bytesMerged = 0;
  #mostL0Tables = 0;

  /** Every entry, tombstones included, takes `entryBytes` bytes. */
  constructor(strategy: Strategy, options: CompactionOptions, entryBytes = 100) {
    this.#strategy = strategy;
    this.#options = options;
    this.#entryBytes = entryBytes;
    this.version = Version.empty(options.levelCount);
  }

  /** Writes a batch of entries to a table of L0, in their order, and compacts until there is nothing to do. */
  flush(writes: readonly SimulatedWrite[]): void {
    this.flushOnly(writes);
    this.settle();
  }

  /** The same without compacting. */
  flushOnly(writes: readonly SimulatedWrite[]): void {
    const entries = writes.map(({ key, deleted }) => ({
      key,
      sequence: ++this.sequence,
      deleted: deleted ?? false,
    }));
    const rules = new GarbageRules(this.snapshots, undefined);
    const kept = inInternalOrder(entries).filter((entry) => keeps(rules, entry));
    if (kept.length === 0) return;
    const table = withEpoch(this.#addTable(kept), this.#nextEpoch++);
    this.version = this.version.apply({ added: [{ level: 0, table }], deleted: [] });
    this.#flushes++;
    this.#bytesFlushed += table.fileBytes;
    this.#mostL0Tables = Math.max(this.#mostL0Tables, this.version.levels[0].length);
  }

  /** Applies the strategy until it finds nothing more; returns the number of tasks. */
  settle(): number {
    for (let tasks = 0; ; tasks++) {
      assertInvariant(tasks < MAX_TASKS, 'a strategy converges');
      const task = this.#strategy.pick(this.version, this.options, []);
      if (task === undefined) return tasks;
      this.run(task);
    }
  }

  /** The options as the strategy sees them now. */
  get options(): CompactionOptions {
    return { ...this.#options, oldestSnapshot: this.snapshots[0] };
  }

  /** Runs and installs a task. */
  run(task: CompactionTask): void {
    this.start(task)();
  }

  /** Runs a task on the tree as it is now, and returns what installs it: others may come in between. */
  start(task: CompactionTask): () => void {
    const outputs = task.kind === 'merge' ? this.#merge(task) : [];
    return () => this.#install(task, outputs);
  }

  #install(task: CompactionTask, outputs: readonly TableSummary[]): void {
    if (task.kind === 'move') this.#moves++;
    else
      for (const { tables } of inputsOf(task))
        for (const table of tables) this.#contents.delete(table.fileNumber);
    this.version = this.version.apply(editOf(task, outputs));
    this.onInstall?.(this.version, task);
  }

  /** The version of a key that a reader at `sequence` finds, tombstones included. */
  read(key: number, sequence: number): SimulatedEntry | undefined {
    const bytes = simulatedKey(key);
    for (let level = 0; level < this.version.levels.length; level++) {
      for (const { fileNumber } of this.version.overlapping(level, bytes, bytes)) {
        const found = this.entriesOf(fileNumber).find(
          (entry) => entry.key === key && entry.sequence <= sequence,
        );
        if (found !== undefined) return found;
      }
    }
    return undefined;
  }

  /** What a table of the current Version holds, in internal order. */
  entriesOf(fileNumber: number): readonly SimulatedEntry[] {
    return this.#contents.get(fileNumber) ?? [];
  }

  report(): SimulationReport {
    const live = new Set<number>();
    for (const entries of this.#contents.values()) for (const { key } of entries) live.add(key);
    for (const key of live) if (this.read(key, this.sequence)?.deleted !== false) live.delete(key);
    return {
      flushes: this.#flushes,
      merges: this.#merges,
      moves: this.#moves,
      bytesFlushed: this.#bytesFlushed,
      bytesMerged: this.#bytesMerged,
      writeAmplification: (this.#bytesFlushed + this.#bytesMerged) / Math.max(1, this.#bytesFlushed),
      spaceAmplification: this.version.totalBytes / Math.max(1, live.size * this.#entryBytes),
      mostL0Tables: this.#mostL0Tables,
      levels: this.version.levels.map((tables, level) => ({
        tables: tables.length,
        bytes: this.version.levelBytes(level),
      })),
    };
  }

  #merge(task: MergeTask): TableSummary[] {
    const context = mergeContext(this.version, task, this.snapshots, this.options);
    const rules = new GarbageRules(context.snapshots, context.older);
    const cutter = new OutputCutter(context.tableBytes, context.maxGrandparentBytes, context.grandparents);
    const inputs = task.inputs.flatMap(({ tables }) =>
      tables.flatMap((table) => this.entriesOf(table.fileNumber)),
    );
    const outputs: TableSummary[] = [];
    let open: SimulatedEntry[] = [];
    const close = (): void => {
      if (open.length > 0) outputs.push(this.#addTable(open));
      open = [];
    };
    for (const entry of inInternalOrder(inputs)) {
      if (!keeps(rules, entry)) continue;
      const isNewKey = open.at(-1)?.key !== entry.key;
      if (isNewKey && cutter.cutsBefore(simulatedKey(entry.key), 0, 4, open.length * this.#entryBytes))
        close();
      open.push(entry);
    }
    close();
    this.#merges++;
    for (const table of outputs) this.#bytesMerged += table.fileBytes;
    return outputs;
  }

  #addTable(entries: readonly SimulatedEntry[]): TableSummary {
    const fileNumber = this.#nextFile++;
    this.#contents.set(fileNumber, entries);
    const sequences = entries.map(({ sequence }) => sequence);
    return {
      fileNumber,
      fileBytes: entries.length * this.#entryBytes,
      entryCount: entries.length,
      tombstoneCount: entries.filter(({ deleted }) => deleted).length,
      keyCount: new Set(entries.map(({ key }) => key)).size,
      dataBytes: entries.length * this.#entryBytes,
      smallest: simulatedKey(entries[0].key),
      largest: simulatedKey(entries[entries.length - 1].key),
      minSequence: sequences.reduce((a, b) => Math.min(a, b)),
      maxSequence: sequences.reduce((a, b) => Math.max(a, b)),
    };
  }
}

/** Flushes and compacts one batch after another and reports. */
export function simulate(
  strategy: Strategy,
  options: CompactionOptions,
  flushes: Iterable<readonly SimulatedWrite[]>,
): SimulationReport {
  const simulator = new Simulator(strategy, options);
  for (const writes of flushes) simulator.flush(writes);
  return simulator.report();
}

function inInternalOrder(entries: readonly SimulatedEntry[]): SimulatedEntry[] {
  return [...entries].sort((a, b) => a.key - b.key || b.sequence - a.sequence);
}

function keeps(rules: GarbageRules, { key, sequence, deleted }: SimulatedEntry): boolean {
  return rules.keep(simulatedKey(key), 0, 4, sequence, deleted ? KIND_DELETE : KIND_PUT);
}
