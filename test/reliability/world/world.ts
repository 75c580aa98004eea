/**
 * A database on a disk that makes trouble, used step by step. Every step goes on after a failure, as a program
 * would that reports it; whatever an answer is, it must be right, and whatever is thrown must be an error that
 * stems from the disk and says so. A step that finds the database closed opens it first.
 */
import assert from 'node:assert/strict';
import { GroupCommit } from '../../../src/db/group-commit.ts';
import { internals, MiniLsm } from '../../../src/db/mini-lsm.ts';
import type { Snapshot } from '../../../src/db/snapshots.ts';
import { LsmError } from '../../../src/errors.ts';
import type { FileSystem } from '../../../src/fs/file-system.ts';
import type { Options } from '../../../src/options.ts';
import { OpenFilesFileSystem } from '../../simulation/open-files-file-system.ts';
import { OrderingFileSystem } from '../../simulation/ordering-file-system.ts';
import type { SimulatedFileSystem } from '../../simulation/simulated-file-system.ts';
import { DATABASE } from '../../support/small-database.ts';
import { batchOf, fillBatch, type Write } from '../../support/writes.ts';
import { describeState, History, type State } from './history.ts';
import type { Trouble } from './trouble.ts';

/** What became of a step. */
export type Outcome<T> = { readonly value: T } | { readonly error: LsmError };

/** A copy of the database that was asked for. */
export interface Copy {
  readonly path: string;
  /** What it holds, if it is one. */
  readonly state: State;
  /** Whether the call that makes it has returned. */
  readonly isDone: boolean;
}

/** Everything as small as it can be: a hundred writes cause flushes, merges and new manifests. */
export const TINY: Options = {
  background: 'inline',
  memtableBytes: 1024,
  maxFrozenMemtables: 1,
  blockBytes: 128,
  tableBytes: 1024,
  cacheBytes: 0,
  maxOpenFiles: 2,
  levelCount: 4,
  l0CompactionFiles: 2,
  l0SlowdownFiles: 4,
  l0StopFiles: 6,
  baseLevelBytes: 1024,
  levelRatio: 2,
  manifestBytes: 1024,
  slowdownBytesPerSecond: 2 ** 40,
};

export class World {
  readonly disk: SimulatedFileSystem;
  readonly trouble: Trouble;
  readonly options: Options;
  readonly history: History = new History();
  readonly copies: Copy[] = [];
  readonly ordering: OrderingFileSystem;
  readonly open: OpenFilesFileSystem;
  #db: MiniLsm | undefined;
  /** Whether it can only be opened after a repair. */
  needsRepair = false;
  /** Whether it was destroyed: a power cut may bring back parts of what was. */
  wasDestroyed = false;
  #snapshots: { readonly snapshot: Snapshot; readonly state: State }[] = [];

  constructor(disk: SimulatedFileSystem, trouble: Trouble, options: Options = {}) {
    this.disk = disk;
    this.trouble = trouble;
    this.options = { ...TINY, ...options };
    this.ordering = new OrderingFileSystem(trouble.fileSystem);
    this.open = new OpenFilesFileSystem(this.ordering);
  }

  /** What the database sees of the disk. */
  get fileSystem(): FileSystem {
    return this.open;
  }

  /** The open database; undefined if it can't be opened now. */
  get db(): MiniLsm | undefined {
    if (this.#db !== undefined || this.needsRepair) return this.#db;
    const opened = this.attempt(() =>
      MiniLsm.open(DATABASE, { ...this.options, fileSystem: this.fileSystem }),
    );
    if ('error' in opened) return undefined;
    this.#db = opened.value;
    this.#settle(opened.value);
    return this.#db;
  }

  /** The database if it is open already. */
  get openDb(): MiniLsm | undefined {
    return this.#db;
  }

  /** Why the database is read-only, if it is. */
  get failure(): LsmError | undefined {
    return this.#db === undefined ? undefined : internals(this.#db).core.failure;
  }

  put(key: string, value: string, sync = false): void {
    this.#write([[key, value]], (db) => db.put(key, value, { sync }), sync);
  }

  delete(key: string, sync = false): void {
    this.#write([[key, undefined]], (db) => db.delete(key, { sync }), sync);
  }

  batch(writes: readonly Write[], sync = false): void {
    this.#write(writes, (db) => db.write(batchOf(writes), { sync }), sync);
  }

  /** Writes of one turn and the next ones, which are not waited for one by one: each list is a group. */
  async groups(
    ...groups: readonly { readonly writes: readonly Write[]; readonly sync: boolean }[]
  ): Promise<void> {
    const { db } = this;
    if (db === undefined) return;
    const commits = new GroupCommit(internals(db).writePath);
    const before = this.trouble.count();
    const results = await Promise.allSettled(
      groups.map(({ writes, sync }) => commits.write((batch) => fillBatch(batch, writes), sync)),
    );
    for (const [index, result] of results.entries()) {
      const { writes, sync } = groups[index];
      if (result.status === 'rejected') this.#refused(this.#checked(result.reason, before), writes);
      else {
        this.history.commit(writes);
        if (sync) this.history.makeDurable();
      }
    }
  }

  sync(): void {
    this.#bringToDisk((db) => {
      db.sync();
      this.ordering.acknowledged(DATABASE);
    });
  }

  flush(): void {
    this.#bringToDisk((db) => db.flush());
  }

  compact(): void {
    this.#bringToDisk((db) => db.compact());
  }

  get(key: string): void {
    const { db } = this;
    if (db === undefined) return;
    const got = this.attempt(() => db.get(key));
    if ('value' in got) assert.equal(textOf(got.value), this.history.now.get(key), `the value of ${key}`);
  }

  /** Reads everything, either way. */
  scan(reverse = false): void {
    const { db } = this;
    if (db === undefined) return;
    const read = this.attempt(() => stateOf(db.scan({ reverse })));
    if ('value' in read) this.#checkNow(read.value);
  }

  /** Walks over a range with a cursor, forwards and back. */
  walk(from: string): void {
    const { db } = this;
    if (db === undefined) return;
    const opened = this.attempt(() => db.cursor({ gte: from }));
    if ('error' in opened) return;
    const cursor = opened.value;
    const wanted = [...this.history.now.keys()].filter((key) => key >= from).sort();
    const forwards: string[] = [];
    const back: string[] = [];
    const walked = this.attempt(() => {
      for (cursor.first(); cursor.valid; cursor.next()) forwards.push(textOf(cursor.key) as string);
      for (cursor.last(); cursor.valid; cursor.prev()) back.push(textOf(cursor.key) as string);
    });
    const isWhole = 'value' in walked;
    assert.deepEqual(forwards, isWhole ? wanted : wanted.slice(0, forwards.length), 'forwards');
    assert.deepEqual(back, wanted.reverse().slice(0, isWhole ? wanted.length : back.length), 'back');
    this.attempt(() => cursor.close());
  }

  snapshot(): void {
    const { db } = this;
    if (db === undefined) return;
    this.#snapshots.push({ snapshot: db.snapshot(), state: new Map(this.history.now) });
  }

  /** Reads all that the snapshots see. */
  readSnapshots(): void {
    for (const { snapshot, state } of this.#snapshots) {
      const read = this.attempt(() => stateOf((this.#db as MiniLsm).scan({ snapshot })));
      if ('value' in read) assert.equal(describeState(read.value), describeState(state), 'a snapshot');
    }
  }

  releaseSnapshots(): void {
    for (const { snapshot } of this.#snapshots) this.attempt(() => snapshot.close());
    this.#snapshots = [];
  }

  verify(): void {
    const { db } = this;
    if (db === undefined) return;
    const before = this.trouble.count();
    const { failure } = this;
    const verified = this.attempt(() => db.verify());
    if ('error' in verified || this.trouble.count() > before) return;
    // What can't be read is damage to it, which it reports; and so is, after a failure, what a log or a
    // manifest may hold that the database does not know of.
    assert.deepEqual(
      verified.value.problems.filter(({ file }) => failure === undefined || file?.endsWith('.sst') === true),
      [],
    );
  }

  checkpoint(path: string): void {
    const { db } = this;
    if (db === undefined) return;
    const state = new Map(this.history.now);
    const made = this.attempt(() => db.checkpoint(path));
    this.copies.push({ path, state, isDone: 'value' in made });
    if ('value' in made) this.history.makeDurable();
  }

  close(): void {
    const db = this.#db;
    if (db === undefined) return;
    const { failure } = this;
    const closed = this.attempt(() => db.close());
    if ('value' in closed && failure === undefined) this.history.makeDurable();
    this.#db = undefined;
    this.#snapshots = [];
    assert.deepEqual(this.open.openPaths(), [], 'what is open after a close');
  }

  reopen(): void {
    this.close();
    assert.ok(this.db !== undefined || this.trouble.count() > 0);
  }

  /** A repair of a database loses nothing that is whole. */
  repair(): void {
    this.close();
    if (!this.#exists() && !this.needsRepair) return;
    const before = this.trouble.count();
    const repaired = this.attempt(() =>
      MiniLsm.repair(DATABASE, { ...this.options, fileSystem: this.fileSystem }),
    );
    if ('error' in repaired) return;
    this.needsRepair = false;
    const unreadable = repaired.value.problems.filter(({ code }) => code !== 'LSM_CORRUPTION');
    assert.ok(unreadable.length === 0 || this.trouble.count() > before);
    // To a repair, a file that can't be read is a damaged one: it says so, and puts it into lost/.
    this.settleClosed(unreadable.length === 0);
  }

  /** Either it is all there as it was, or it is no database any more. */
  destroy(): void {
    this.close();
    const destroyed = this.attempt(() => MiniLsm.destroy(DATABASE, { fileSystem: this.fileSystem }));
    if ('value' in destroyed) assert.ok(!this.#exists());
    if (this.#exists()) return;
    this.wasDestroyed = true;
    this.trouble.quietly(() => MiniLsm.destroy(DATABASE, { fileSystem: this.fileSystem }));
    this.history.settle(new Map());
  }

  /** Looks quietly at what is in the closed database, and decides what was in doubt. */
  settleClosed(isWhole = true): void {
    this.trouble.quietly(() => {
      const db = MiniLsm.open(DATABASE, { ...this.options, fileSystem: this.fileSystem });
      this.#settle(db, isWhole);
      db.close();
    });
  }

  /**
   * Does something that may fail.
   * @throws AssertionError if it fails with anything but a clear error that comes from the disk.
   */
  attempt<T>(work: () => T): Outcome<T> {
    const before = this.trouble.count();
    try {
      return { value: work() };
    } catch (error) {
      return { error: this.#checked(error, before) };
    }
  }

  async attemptAsync<T>(work: () => Promise<T>): Promise<Outcome<T>> {
    const before = this.trouble.count();
    try {
      return { value: await work() };
    } catch (error) {
      return { error: this.#checked(error, before) };
    }
  }

  #checked(thrown: unknown, before: number): LsmError {
    const error = ofEngine(thrown);
    if (error === undefined) throw thrown;
    const codes = ['LSM_IO', 'LSM_NO_SPACE', 'LSM_READ_ONLY'];
    assert.ok(codes.includes(error.code), `a clear code: ${error.code}: ${error.message}`);
    assert.ok(error.file !== undefined, `the file: ${error.message}`);
    assert.ok(this.#stems(error), `an error of the disk: ${error.message}`);
    if (error.code === 'LSM_READ_ONLY') {
      assert.match(error.message, /no more writes since an earlier failure: cannot .*; reads go on/);
    } else {
      // What failed earlier unnoticed, such as the seal behind an edit, may come out when it first matters.
      const isNew = this.trouble.count() > before || error === this.failure;
      assert.ok(isNew, `nothing failed now: ${error.message}`);
    }
    return error;
  }

  #stems(error: LsmError): boolean {
    for (let at: unknown = error; at instanceof LsmError; at = at.cause) {
      if (this.trouble.made(at)) return true;
    }
    return false;
  }

  #write(writes: readonly Write[], work: (db: MiniLsm) => void, sync: boolean): void {
    const { db } = this;
    if (db === undefined) return;
    const outcome = this.attempt(() => work(db));
    if ('error' in outcome) this.#refused(outcome.error, writes);
    else {
      this.history.commit(writes);
      if (sync) this.#acknowledged();
    }
  }

  #acknowledged(): void {
    this.ordering.acknowledged(DATABASE);
    this.history.makeDurable();
  }

  /** A write that only finds the database read-only has not begun; nor has one after which it takes writes. */
  #refused(error: LsmError, writes: readonly Write[]): void {
    if (error.code !== 'LSM_READ_ONLY' && this.failure !== undefined) this.history.doubt(writes);
  }

  #bringToDisk(work: (db: MiniLsm) => void): void {
    const { db } = this;
    if (db === undefined) return;
    const outcome = this.attempt(() => work(db));
    if ('value' in outcome) this.history.makeDurable();
  }

  #checkNow(found: State): void {
    assert.equal(describeState(found), describeState(this.history.now), 'what is read');
  }

  /** The database was reopened: what was in doubt is decided. */
  #settle(db: MiniLsm, isWhole = true): void {
    const found = this.trouble.quietly(() => stateOf(db.scan()));
    if (isWhole) this.history.checkReopened(found);
    this.history.settle(found);
  }

  #exists(): boolean {
    return this.trouble.quietly(() => this.fileSystem.status(`${DATABASE}/CURRENT`) !== undefined);
  }
}

/** Everything in a walk over entries. */
export function stateOf(entries: Iterable<readonly [key: Uint8Array, value: Uint8Array]>): State {
  return new Map(Array.from(entries, ([key, value]) => [textOf(key) as string, textOf(value) as string]));
}

/** The engine's error in whatever its faces throw; undefined if there is none. */
export function ofEngine(thrown: unknown): LsmError | undefined {
  if (thrown instanceof LsmError) return thrown;
  // The asynchronous face has codes of its own, with the engine's error as the cause.
  const isLevelError = thrown instanceof Error && 'code' in thrown && /^LEVEL_/.test(String(thrown.code));
  return isLevelError ? ofEngine(thrown.cause) : undefined;
}

function textOf(bytes: Uint8Array | undefined): string | undefined {
  if (bytes === undefined) return undefined;
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1');
}
