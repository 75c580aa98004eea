/**
 * Keeps the tree in shape: starts flushes and compactions, has their results installed, and lets callers wait
 * for them.
 *
 * At most one flush and one merge run at a time. A job that failed left nothing behind and is tried again
 * when somebody needs its result; a manifest that failed ends writing.
 */
import { monotonicMilliseconds } from '#platform';
import type { Executor } from '../background/executor.ts';
import type { JobAnswer } from '../background/job.ts';
import { type CompactionTask, editOf, type MergeTask } from '../compaction/compaction-task.ts';
import type { JobResult } from '../compaction/job.ts';
import { MANUAL_START } from '../compaction/manual.ts';
import { LsmError } from '../errors.ts';
import type { KeyRange } from '../keys/key-range.ts';
import type { MemTable } from '../memtable/mem-table.ts';
import type { VersionEdit } from '../version/version-edit.ts';
import type { VersionSet } from '../version/version-set.ts';
import { tellOfCompaction, tellOfFlush } from './channels.ts';
import type { CompactionPlanner } from './compaction-planner.ts';
import type { Core } from './core.ts';
import type { Installer } from './installer.ts';
import type { ManifestKeeper } from './manifest-keeper.ts';
import type { MemTablePool } from './memtable-pool.ts';
import { LoggedMemTable, ReadView } from './read-view.ts';
import type { Remover } from './remover.ts';
import { StepRunner } from './step-runner.ts';
import type { JobWait, Steps } from './steps.ts';

interface RunningFlush {
  readonly id: number;
  /** By the clock of `monotonicMilliseconds`. */
  readonly start: number;
  readonly memtable: LoggedMemTable;
}

interface RunningMerge {
  readonly id: number;
  readonly start: number;
  readonly task: MergeTask;
  failure?: LsmError;
}

export class Maintenance {
  readonly #core: Core;
  readonly #executor: Executor;
  readonly #versions: VersionSet;
  readonly #manifest: ManifestKeeper;
  readonly #installer: Installer;
  readonly #remover: Remover;
  readonly #pool: MemTablePool;
  readonly #planner: CompactionPlanner;
  /** Goes through work that has to wait for jobs. */
  readonly steps: StepRunner;
  #flush: RunningFlush | undefined;
  #merge: RunningMerge | undefined;
  #flushError: LsmError | undefined;
  #mergeError: LsmError | undefined;
  /** A compaction by hand comes next, or the database is closing: start none of our own. */
  #paused = false;
  #closed = false;
  /** A thread died with a job: its files may still be there. */
  #hasStrays = false;
  #lastJob = 0;

  constructor(
    core: Core,
    executor: Executor,
    versions: VersionSet,
    manifest: ManifestKeeper,
    installer: Installer,
    remover: Remover,
    pool: MemTablePool,
    planner: CompactionPlanner,
  ) {
    this.#core = core;
    this.#executor = executor;
    this.#versions = versions;
    this.#manifest = manifest;
    this.#installer = installer;
    this.#remover = remover;
    this.#pool = pool;
    this.#planner = planner;
    this.steps = new StepRunner(executor, this);
    core.toll.onPaid = () => this.#mergeL0Soon();
    core.snapshots.onReleased = () => {
      if (planner.hasDenseTable) this.pump();
    };
  }

  /** Bytes that compaction still has to move to bring the tree into shape. */
  get pendingBytes(): number {
    return this.#planner.pendingBytes;
  }

  get flushRunning(): boolean {
    return this.#flush !== undefined;
  }

  /** Whether any job runs. */
  get isBusy(): boolean {
    return this.#flush !== undefined || this.#merge !== undefined;
  }

  get mergeRunning(): boolean {
    return this.#merge !== undefined;
  }

  /** Why the last flush or merge failed, until one succeeds. */
  get lastError(): LsmError | undefined {
    return this.#flushError ?? this.#mergeError;
  }

  /** Installs finished jobs, if there are any. Cheap otherwise: called at every write. Never throws. */
  collect(): void {
    if (this.#executor.hasAnswer) this.pump();
  }

  /** Installs finished jobs and starts what there is to do. Never throws. */
  pump(): void {
    for (;;) {
      for (let answer = this.#executor.take(); answer !== undefined; answer = this.#executor.take()) {
        this.#accept(answer);
      }
      if (this.#hasStrays && !this.isBusy) {
        this.#hasStrays = false;
        this.#installer.removeStrays();
      }
      const started = this.#startFlush() || (!this.#paused && this.#startCompaction());
      if (!started && !this.#executor.hasAnswer) return;
    }
  }

  /** Begins to bring to the disk what the live log holds by now. */
  writeBack(logNumber: number): void {
    this.#executor.writeBack(logNumber);
  }

  /** An empty memtable in which a batch that needs this many bytes fits. */
  takeMemTable(batchBytes: number): MemTable {
    return this.#pool.take(batchBytes);
  }

  /** Takes back a memtable that nobody reads. */
  giveMemTable(table: MemTable): void {
    this.#pool.give(table);
  }

  /** Puts a new memtable, with the log of that number, in place of the active one, which waits for its flush. */
  freeze(logNumber: number, table: MemTable): void {
    const core = this.#core;
    this.#manifest.append({
      added: [],
      deleted: [],
      addedLogs: [logNumber],
      nextFileNumber: core.fileNumbers.next,
    });
    core.view.active.lastSequence = core.lastSequence;
    const active = new LoggedMemTable(table, logNumber, (free) => this.#pool.give(free));
    core.show(new ReadView([active, ...core.view.memtables], this.#versions.current));
  }

  /** Has a job that failed tried once more, for whoever waits for it. */
  forgetErrors(): void {
    this.#flushError = undefined;
    this.#mergeError = undefined;
  }

  /** Installs and starts what can be; false if there is nothing more to wait for, or nothing that could help. */
  mustWait(wait: JobWait): boolean {
    this.pump();
    this.#core.checkWritable();
    if (wait.over()) return false;
    const error = wait.work === 'flush' ? this.#flushError : this.#mergeError;
    if (error !== undefined) throw error;
    return this.isBusy || this.#remover.isBusy;
  }

  /** What has to happen until no frozen memtable is left. */
  *flushFrozen(): Steps {
    yield { kind: 'until', over: () => this.#core.view.frozenCount === 0, work: 'flush' };
  }

  /**
   * Compacts all tables that hold keys of a range down to the last level. Compactions of our own have their
   * turn between its steps.
   */
  *compact(range: KeyRange): Steps {
    for (let progress = MANUAL_START; ; ) {
      this.#paused = true;
      try {
        yield { kind: 'until', over: () => this.#merge === undefined, work: 'merge' };
        const step = this.#planner.manualStep(range, progress);
        if (step.kind !== 'task') break;
        progress = step.progress;
        this.#start(step.task);
      } finally {
        this.#paused = this.#closed;
      }
      const job = this.#merge;
      yield { kind: 'until', over: () => this.#merge === undefined || this.#merge !== job, work: 'merge' };
      if (job?.failure !== undefined) throw job.failure;
    }
    // Who compacts wants the space back.
    yield { kind: 'until', over: () => !this.#remover.isBusy, work: 'merge' };
    this.pump();
  }

  /**
   * Takes all tables out of the tree, if nothing in them is newer than a sequence number and no snapshot sees
   * them. Nothing older can come to light then: nothing else is left.
   */
  *dropAll(sequence: number): Steps {
    this.#paused = true;
    try {
      const isQuiet = (): boolean => this.#merge === undefined && this.#core.view.frozenCount === 0;
      yield { kind: 'until', over: isQuiet, work: 'merge' };
      const inputs = this.#versions.current.levels
        .map((tables, level) => ({ level, tables }))
        .filter(({ tables }) => tables.length > 0);
      const isOld = inputs.every(({ tables }) => tables.every(({ maxSequence }) => maxSequence <= sequence));
      if (!isQuiet() || !isOld || inputs.length === 0 || this.#core.snapshots.size > 0) return;
      this.#start({ kind: 'drop', inputs, reason: 'everything is cleared' });
    } finally {
      this.#paused = this.#closed;
    }
    this.pump();
  }

  /** Stops running jobs and gives everything back; only the manifest stays open. */
  close(): void {
    this.#closed = true;
    this.#paused = true;
    this.#core.snapshots.onReleased = undefined;
    this.#executor.requestStop();
    while (this.isBusy || this.#remover.isBusy) {
      for (let answer = this.#executor.take(); answer !== undefined; answer = this.#executor.take()) {
        this.#accept(answer);
      }
      if (this.isBusy || this.#remover.isBusy) this.#executor.wait(Infinity);
    }
    this.#executor.close();
    this.#remover.finish();
    this.steps.close();
    try {
      const { failure, fileNumbers } = this.#core;
      if (failure === undefined) this.#manifest.takeFileNumbers(fileNumbers.next);
    } catch {
      // The files of given-up jobs are gone: a number of theirs that comes back is nobody's.
    }
  }

  #startFlush(): boolean {
    const { view, failure, snapshots } = this.#core;
    if (this.#flush !== undefined || this.#flushError !== undefined || failure !== undefined) return false;
    if (view.frozenCount === 0) return false;
    const memtable = view.memtables[view.memtables.length - 1];
    const id = this.#nextJob();
    this.#flush = { id, memtable, start: monotonicMilliseconds() };
    this.#executor.submit({
      kind: 'flush',
      id,
      memtable: memtable.table.buffer,
      snapshots: snapshots.sequences(),
    });
    return true;
  }

  #startCompaction(): boolean {
    if (this.#merge !== undefined || this.#mergeError !== undefined) return false;
    if (this.#core.failure !== undefined) return false;
    const task = this.#planner.pick();
    if (task === undefined) return false;
    this.#start(task);
    return true;
  }

  #start(task: CompactionTask): void {
    if (task.kind === 'merge') {
      const id = this.#nextJob();
      this.#merge = { id, task, start: monotonicMilliseconds() };
      this.#executor.submit({ kind: 'merge', id, task, context: this.#planner.contextOf(task) });
      return;
    }
    this.#guarded(() => {
      this.#install(editOf(task));
      if (task.kind === 'move') this.#core.counters.moves += task.tables.length;
      tellOfCompaction(this.#core.directory, task, undefined, 0);
    });
  }

  /** Takes what a job made into the tree. A failure to do so ends writing; it is reported there. */
  #accept(answer: JobAnswer): void {
    if (!this.#remover.accept(answer)) this.#acceptResult(answer);
    this.steps.wake();
  }

  #acceptResult({ id, outcome, interrupted }: JobAnswer): void {
    if (interrupted) this.#hasStrays = true;
    if (id === this.#flush?.id) {
      const { memtable, start } = this.#flush;
      this.#flush = undefined;
      if (outcome instanceof LsmError) this.#flushError = outcome;
      else this.#guarded(() => this.#installFlush(memtable, outcome, start));
    } else if (id === this.#merge?.id) {
      const merge = this.#merge;
      this.#merge = undefined;
      if (outcome instanceof LsmError) {
        this.#mergeError = outcome;
        merge.failure = outcome;
      } else {
        this.#guarded(() => this.#installMerge(merge.task, outcome, merge.start));
      }
    }
  }

  #installFlush(memtable: LoggedMemTable, result: JobResult, start: number): void {
    const core = this.#core;
    const kept = core.view.memtables.slice(0, -1);
    let epoch = this.#installer.nextEpoch;
    const added = result.tables.map((table) => ({ level: 0, table: { ...table, epoch: epoch++ } }));
    this.#install(
      {
        added,
        deleted: [],
        logNumber: kept[kept.length - 1].log,
        lastSequence: memtable.lastSequence,
        nextEpoch: epoch,
      },
      kept,
    );
    core.counters.flushes += 1;
    core.counters.flushedBytes += result.bytesWritten;
    core.counters.entriesDropped += result.entriesDropped;
    this.#flushError = undefined;
    // What a merge could not do for want of room may be possible now.
    this.#mergeError = undefined;
    this.#installer.removeLog(memtable.log);
    tellOfFlush(core.directory, result, monotonicMilliseconds() - start);
  }

  #installMerge(task: MergeTask, result: JobResult, start: number): void {
    const { counters } = this.#core;
    this.#install(editOf(task, result.tables));
    counters.merges += 1;
    counters.mergeReadBytes += result.bytesRead;
    counters.mergeWrittenBytes += result.bytesWritten;
    counters.entriesDropped += result.entriesDropped;
    tellOfCompaction(this.#core.directory, task, result, monotonicMilliseconds() - start);
  }

  #install(edit: VersionEdit, memtables?: readonly LoggedMemTable[]): void {
    this.#installer.install(edit, memtables);
    this.#planner.assess();
  }

  /** At the end of the turn: a read is under way, whose view and blocks are not to be replaced. */
  #mergeL0Soon(): void {
    queueMicrotask(() => {
      this.#planner.payForL0();
      if (!this.#closed) this.pump();
    });
  }

  /** Runs an installation; whatever fails there ends writing, and the next write says so. */
  #guarded(install: () => void): void {
    try {
      install();
    } catch {
      // Kept as the core's failure: writes, flush() and compact() report it.
    }
  }

  #nextJob(): number {
    this.#lastJob += 1;
    return this.#lastJob;
  }
}
