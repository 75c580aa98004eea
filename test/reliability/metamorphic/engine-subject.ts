/** The engine by its own face, all calls synchronous but those that go through a restart. */
import assert from 'node:assert/strict';
import type { Entry } from '../../../src/db/entry-copies.ts';
import { MiniLsm } from '../../../src/db/mini-lsm.ts';
import type { Snapshot } from '../../../src/db/snapshots.ts';
import type { Options } from '../../../src/options.ts';
import { WriteBatch } from '../../../src/wal/write-batch.ts';
import type { Answer } from './answer.ts';
import { Cursors } from './cursors.ts';
import { EngineIterator } from './engine-iterator.ts';
import { chosen, takeOut } from './held.ts';
import type { Host } from './hosts.ts';
import type { KeyPool } from './key-pool.ts';
import { HELD, type Model } from './model.ts';
import type { FaultyOperation, Key, Operation, Walk, WriteOperation } from './operations.ts';
import { isRestart, type Restartable, restart } from './restarts.ts';
import type { Subject } from './subject.ts';
import { checkApproximateSize, checkStats, checkTree, checkVerify, examine, examineCopy } from './upkeep.ts';

export class EngineSubject implements Subject, Restartable {
  readonly pool: KeyPool;
  readonly host: Host;
  readonly options: Options;
  #db: MiniLsm | undefined;
  /** Used for every batch, as a program does that writes often. */
  readonly #batch = new WriteBatch();
  readonly #cursors: Cursors;
  #snapshots: Snapshot[] = [];
  #iterators: EngineIterator[] = [];
  #writes = 0;

  constructor(pool: KeyPool, host: Host, options: Options) {
    this.pool = pool;
    this.host = host;
    this.options = options;
    this.#cursors = new Cursors(pool);
  }

  get db(): MiniLsm {
    assert.ok(this.#db !== undefined, 'open() comes first');
    return this.#db;
  }

  perform(operation: Operation, answer: Answer, model: Model): boolean | Promise<boolean> {
    if (isRestart(operation)) return restart(this, operation, answer, model).then(() => true);
    this.#perform(operation, answer);
    return true;
  }

  attempt(operation: FaultyOperation): void {
    if (operation.kind === 'write') this.#write(operation);
    else this.db[operation.kind]();
  }

  open(): void {
    this.#db = MiniLsm.open(this.host.path, { ...this.options, fileSystem: this.host.fileSystem });
    checkTree(this.#db);
  }

  close(): void {
    this.db.close();
  }

  forget(): void {
    const { closed } = this.db;
    this.#cursors.forget(closed);
    if (closed) for (const snapshot of this.#snapshots) assert.equal(snapshot.closed, true);
    this.#snapshots = [];
    this.#iterators = [];
  }

  finish(): void {
    this.close();
    this.forget();
    this.host.finish();
  }

  #perform(operation: Exclude<Operation, { readonly kind: 'reopen' }>, answer: Answer): void {
    const { db } = this;
    switch (operation.kind) {
      case 'write':
        this.#write(operation);
        break;
      case 'clear': {
        const batch = new WriteBatch();
        for (const [key] of this.#scan(operation.walk)) batch.delete(key);
        db.write(batch);
        break;
      }
      case 'get':
      case 'get at once':
        answer.bytes(db.get(this.#key(operation.key), this.#reading(operation.live)));
        break;
      case 'has':
        answer.flag(db.has(this.#key(operation.key), this.#reading(operation.live)));
        break;
      case 'get many':
        for (const key of operation.keys) answer.bytes(db.get(this.#key(key), this.#reading(operation.live)));
        break;
      case 'has many':
        for (const key of operation.keys) answer.flag(db.has(this.#key(key), this.#reading(operation.live)));
        break;
      case 'scan':
        for (const [key, value] of this.#scan(operation.walk)) {
          if (operation.what !== 'values') answer.bytes(key);
          if (operation.what !== 'keys') answer.bytes(value);
        }
        break;
      case 'iterator':
        if (this.#iterators.length < HELD) {
          const { walk } = operation;
          const range = this.pool.range(walk.ends);
          this.#iterators.push(new EngineIterator(db, range, walk, this.#snapshot(walk.live)));
        }
        break;
      case 'read': {
        const { iterator, how, count } = operation;
        if (how !== 'all') chosen(this.#iterators, iterator)?.read(count, answer);
        else takeOut(this.#iterators, iterator)?.readAll(answer);
        break;
      }
      case 'seek':
        chosen(this.#iterators, operation.iterator)?.seek(this.pool.bytes(operation.key));
        break;
      case 'close iterator':
        takeOut(this.#iterators, operation.iterator)?.close();
        break;
      case 'cursor':
        this.#cursors.open(db, operation.ends, this.#snapshot(operation.live));
        break;
      case 'move':
        this.#cursors.move(operation.cursor, operation.moves, answer);
        break;
      case 'close cursor':
        this.#cursors.close(operation.cursor);
        break;
      case 'snapshot':
        if (this.#snapshots.length < HELD) this.#snapshots.push(db.snapshot());
        break;
      case 'close snapshot':
        takeOut(this.#snapshots, operation.live)?.close();
        break;
      case 'flush':
      case 'sync':
        db[operation.kind]();
        break;
      case 'compact':
        db.compact(this.pool.range(operation.ends));
        break;
      case 'approximate size':
        checkApproximateSize(db, this.pool, operation);
        break;
      case 'stats':
        checkStats(db, { snapshots: this.#snapshots.length });
        break;
      case 'verify':
        checkVerify(db.verify());
        break;
      case 'checkpoint': {
        const path = this.host.newPath();
        db.checkpoint(path);
        examineCopy(this, path, answer);
        break;
      }
      case 'examine':
        this.#cursors.showAll(answer);
        examine(db, this.pool, this.#snapshots, answer);
        break;
    }
  }

  #write({ how, writes, sync }: WriteOperation): void {
    if (how === 'one by one') {
      for (const [key, value] of writes) {
        if (value === null) this.db.delete(this.#key(key), { sync });
        else this.db.put(this.#key(key), value.bytes, { sync });
      }
      return;
    }
    const batch = how === 'batch' ? this.#batch.clear() : new WriteBatch();
    for (const [key, value] of writes) {
      if (value === null) batch.delete(this.#key(key));
      else batch.put(this.#key(key), value.bytes);
    }
    this.db.write(batch, { sync });
  }

  /** Keys that are text are given as text half of the time. */
  #key(key: Key): string | Uint8Array {
    const { text, bytes } = this.pool.keys[key];
    this.#writes += 1;
    return text !== undefined && this.#writes % 2 === 0 ? text : bytes;
  }

  #scan({ ends, reverse, limit, fillCache, live }: Walk): Iterable<Entry> {
    const range = this.pool.range(ends);
    return this.db.scan({ ...range, reverse, limit, fillCache, snapshot: this.#snapshot(live) });
  }

  #snapshot(live: number | undefined): Snapshot | undefined {
    return live === undefined ? undefined : chosen(this.#snapshots, live);
  }

  #reading(live: number | undefined): { snapshot: Snapshot } | undefined {
    const snapshot = this.#snapshot(live);
    return snapshot === undefined ? undefined : { snapshot };
  }
}
