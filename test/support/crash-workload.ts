/**
 * A list of writes, flushes, compactions and reopenings, made to be interrupted anywhere, and what is known
 * of the database then: everything acknowledged, and perhaps the write that was under way.
 */
import assert from 'node:assert/strict';
import { MiniLsm } from '../../src/db/mini-lsm.ts';
import type { FileSystem } from '../../src/fs/file-system.ts';
import type { Options } from '../../src/options.ts';
import { describeEntries, Model } from './model.ts';
import type { Random } from './random.ts';
import { DATABASE } from './small-database.ts';
import { commit, type Write } from './writes.ts';

export type Task =
  | { readonly kind: 'write'; readonly writes: readonly Write[]; readonly sync: boolean }
  | { readonly kind: 'flush' | 'compact' | 'reopen' };

/** Small enough that a hundred writes cause flushes, merges and a new manifest. */
export const CRASH_OPTIONS: Options = {
  memtableBytes: 1024,
  blockBytes: 256,
  compression: 'lz4',
  tableBytes: 1024,
  baseLevelBytes: 1024,
  levelRatio: 2,
  levelCount: 4,
  l0CompactionFiles: 2,
  manifestBytes: 1024,
  maxOpenFiles: 3,
};

export function randomTasks(random: Random, count: number): Task[] {
  const kinds = ['flush', 'compact', 'reopen'] as const;
  return Array.from({ length: count }, (_, i): Task => {
    if (random.oneIn(14)) return { kind: kinds[random.below(kinds.length)] };
    const length = random.oneIn(4) ? 1 + random.below(6) : 1;
    const writes = Array.from({ length }, (_, at) => randomWrite(random, `${i}.${at}`));
    return { kind: 'write', writes, sync: random.oneIn(5) };
  });
}

function randomWrite(random: Random, name: string): Write {
  const key = `key ${random.below(20)}`;
  if (random.oneIn(4)) return [key, undefined];
  return [key, name.padEnd(random.oneIn(20) ? 1500 : random.below(90), '.')];
}

/** Runs tasks on a database until they are done or one throws. */
export class CrashWorkload {
  /** What was acknowledged. */
  readonly model: Model;
  /** The write that threw, if one did. */
  inFlight: readonly Write[] | undefined;
  /** What was thrown. */
  error: unknown;
  tasksDone = 0;
  readonly #fs: FileSystem;
  #db: MiniLsm | undefined;

  constructor(fs: FileSystem, model: Model = new Model()) {
    this.#fs = fs;
    this.model = model.clone();
  }

  /** Returns whether all tasks were done. The database stays open, as a killed process leaves it. */
  run(tasks: readonly Task[]): boolean {
    try {
      this.#db = this.#open();
      for (const task of tasks) {
        this.#perform(task);
        this.tasksDone += 1;
      }
      return true;
    } catch (error) {
      this.error = error;
      return false;
    }
  }

  /** Closes what is open, whatever it says. */
  abandon(): void {
    try {
      this.#db?.close();
    } catch {
      // It lies on a disk that fails.
    }
  }

  /** What the database may hold after it was interrupted. */
  possible(): Model[] {
    if (this.inFlight === undefined) return [this.model];
    const applied = this.model.clone();
    applyTo(applied, this.inFlight);
    return [this.model, applied];
  }

  get hasOpened(): boolean {
    return this.#db !== undefined;
  }

  get db(): MiniLsm {
    assert.ok(this.#db !== undefined);
    return this.#db;
  }

  #open(): MiniLsm {
    return MiniLsm.open(DATABASE, { ...CRASH_OPTIONS, fileSystem: this.#fs });
  }

  #perform(task: Task): void {
    if (task.kind === 'write') {
      this.inFlight = task.writes;
      commit(this.db, task.writes, task.sync);
      applyTo(this.model, task.writes);
      this.inFlight = undefined;
    } else if (task.kind === 'flush') {
      this.db.flush();
    } else if (task.kind === 'compact') {
      this.db.compact();
    } else {
      this.db.close();
      this.#db = this.#open();
    }
  }
}

export function applyTo(model: Model, writes: readonly Write[]): void {
  for (const [key, value] of writes) {
    if (value === undefined) model.delete(key);
    else model.put(key, Buffer.from(value));
  }
}

/** Opens a database, checks that it holds one of these, and returns it and which one. */
export function openAndCompare(fs: FileSystem, possible: readonly Model[]): { db: MiniLsm; model: Model } {
  const db = MiniLsm.open(DATABASE, { ...CRASH_OPTIONS, fileSystem: fs });
  const found = describeEntries(db.scan()).join('\n');
  const model = possible.find((candidate) => describeEntries(candidate.entries()).join('\n') === found);
  if (model === undefined) assert.deepEqual(found.split('\n'), describeEntries(possible[0].entries()));
  assert.ok(model !== undefined);
  assert.equal(
    describeEntries(db.scan({ reverse: true }))
      .reverse()
      .join('\n'),
    found,
  );
  return { db, model };
}
