/**
 * Commits what is written asynchronously, in groups: all writes of one turn are one batch, with one record in
 * the write-ahead log and at most one fsync, which runs while the thread goes on. Writes that come meanwhile
 * make up the next group. (The idea is old: DeWitt et al., "Implementation Techniques for Main Memory Database
 * Systems", SIGMOD 1984; LevelDB's `BuildBatchGroup` does it among threads.)
 *
 * Invariants: groups are committed one after the other, in the order in which they were begun, and a write is
 * in the last one; so the order of writes is that of the calls. A group fails or succeeds as a whole.
 */
import { nextTurn } from '#platform';
import { WriteBatch } from '../wal/write-batch.ts';
import { Turns } from './turns.ts';
import type { WritePath } from './write-path.ts';

/**
 * A group of more than this takes no more writes, bytes: one of LevelDB's limits. A write of more begins a
 * group, so that others do not fail with it where there is no memory for it.
 */
const GROUP_BYTES = 2 ** 20;

/** How many batches are kept to be filled again: one is committed while the other is filled. */
const KEPT_BATCHES = 2;

class Group {
  readonly batch: WriteBatch;
  readonly sync: boolean;
  /** Writes the batch when its turn has come; nobody else writes to it then. */
  readonly fill: ((batch: WriteBatch) => void) | undefined;
  /** Resolves when the group is committed, for all who wrote to it. */
  readonly committed: Promise<void>;
  resolve: () => void = nothing;
  reject: (error: unknown) => void = nothing;

  constructor(batch: WriteBatch, sync: boolean, fill: ((batch: WriteBatch) => void) | undefined) {
    this.batch = batch;
    this.sync = sync;
    this.fill = fill;
    this.committed = new Promise((resolve, reject) => {
      this.resolve = resolve;
      this.reject = reject;
    });
  }
}

export class GroupCommit {
  readonly #writes: WritePath;
  readonly #asError: (error: unknown) => unknown;
  /** Begun and not yet in work, oldest first; only the last takes more writes. */
  readonly #queue: Group[] = [];
  readonly #batches: WriteBatch[] = [];
  readonly #turns = new Turns();
  #inWork: Group | undefined;
  #scheduled = false;

  /** `asError` makes of an error what those who write are to get. */
  constructor(writes: WritePath, asError: (error: unknown) => unknown = (error) => error) {
    this.#writes = writes;
    this.#asError = asError;
  }

  /** Sets a key. What it throws concerns this write alone; the promise is shared by the group. */
  put(key: string | Uint8Array, value: string | Uint8Array, sync: boolean): Promise<void> {
    const group = value.length < GROUP_BYTES ? this.#open(sync) : this.#begin(sync, undefined);
    group.batch.put(key, value);
    return group.committed;
  }

  /** Removes a key. */
  delete(key: string | Uint8Array, sync: boolean): Promise<void> {
    const group = this.#open(sync);
    group.batch.delete(key);
    return group.committed;
  }

  /**
   * Writes whatever `fill` adds to the batch that it gets, as one: all of it or nothing. It is called again
   * with another batch if that turns out to be large.
   */
  write(fill: (batch: WriteBatch) => void, sync: boolean): Promise<void> {
    const { batch, committed } = this.#open(sync);
    const before = batch.mark();
    try {
      fill(batch);
    } catch (error) {
      batch.rollback(before);
      throw error;
    }
    if (before.count === 0 || batch.byteLength < 2 * GROUP_BYTES) return committed;
    batch.rollback(before);
    const alone = this.#begin(sync, undefined);
    fill(alone.batch);
    return alone.committed;
  }

  /**
   * The same, with `fill` called when everything that was written before is visible: it may look at the
   * database and write what follows from it.
   */
  writeLate(fill: (batch: WriteBatch) => void, sync: boolean): Promise<void> {
    return this.#begin(sync, fill).committed;
  }

  /** Resolves when everything written before is committed, or has failed. */
  async settled(): Promise<void> {
    const last = this.#queue.at(-1) ?? this.#inWork;
    await last?.committed.catch(nothing);
  }

  /** The group that a write joins. A write that need not be synced may wait for those that must, not the other way round. */
  #open(sync: boolean): Group {
    const last = this.#queue.at(-1);
    const isOpen = last !== undefined && last.fill === undefined && last.batch.byteLength < GROUP_BYTES;
    return isOpen && (last.sync || !sync) ? last : this.#begin(sync, undefined);
  }

  #begin(sync: boolean, fill: Group['fill']): Group {
    const group = new Group(this.#batches.pop() ?? new WriteBatch(), sync, fill);
    this.#queue.push(group);
    if (!this.#scheduled) {
      this.#scheduled = true;
      queueMicrotask(() => void this.#commitAll());
    }
    return group;
  }

  async #commitAll(): Promise<void> {
    for (let group = this.#queue.shift(); group !== undefined; group = this.#queue.shift()) {
      this.#inWork = group;
      try {
        group.fill?.(group.batch);
        // Nothing is awaited that need not be: each await is a turn of the queue of microtasks.
        if (group.batch.count > 0) {
          const room = this.#writes.prepare(group.batch);
          if (room !== undefined) await room;
          const durable = this.#writes.commitPrepared(group.batch, group.sync);
          if (durable !== undefined) await durable;
          else if (this.#turns.areDue(group.batch.count, group.batch.byteLength)) await nextTurn();
        }
        group.resolve();
      } catch (error) {
        group.reject(this.#asError(error));
      }
      this.#inWork = undefined;
      if (this.#batches.length < KEPT_BATCHES) this.#batches.push(group.batch.clear());
    }
    this.#scheduled = false;
  }
}

function nothing(): void {}
