/**
 * The operations that every database of abstract-level has: done to ours and to classic-level in the same way,
 * with bytes as keys and values.
 */
import assert from 'node:assert/strict';
import type { AbstractSnapshot } from 'abstract-level';
import type { Answer } from './answer.ts';
import { chosen, takeOut } from './held.ts';
import type { KeyPool } from './key-pool.ts';
import { HELD } from './model.ts';
import type { Operation, Reading, Walk, WriteOperation } from './operations.ts';

export type Entry = [key: Uint8Array, value: Uint8Array];

interface LevelIterator {
  next(): Promise<Entry | undefined>;
  nextv(size: number): Promise<Entry[]>;
  all(): Promise<Entry[]>;
  seek(target: Uint8Array): void;
  close(): Promise<void>;
}

interface ChainedBatch {
  put(key: Uint8Array, value: Uint8Array): unknown;
  del(key: Uint8Array): unknown;
  clear(): unknown;
  write(options: object): Promise<void>;
}

/** What is used of a database whose encoding of keys and values is `view`. */
export interface Level {
  open(options?: object): Promise<void>;
  close(): Promise<void>;
  put(key: Uint8Array, value: Uint8Array, options: object): Promise<void>;
  del(key: Uint8Array, options: object): Promise<void>;
  get(key: Uint8Array, options: object): Promise<Uint8Array | undefined>;
  getSync(key: Uint8Array, options: object): Uint8Array | undefined;
  has(key: Uint8Array, options: object): Promise<boolean>;
  getMany(keys: Uint8Array[], options: object): Promise<(Uint8Array | undefined)[]>;
  hasMany(keys: Uint8Array[], options: object): Promise<boolean[]>;
  batch(operations: object[], options: object): Promise<void>;
  batch(): ChainedBatch;
  iterator(options: object): LevelIterator;
  keys(options: object): { all(): Promise<Uint8Array[]> };
  values(options: object): { all(): Promise<Uint8Array[]> };
  clear(options: object): Promise<void>;
  snapshot(): AbstractSnapshot;
}

/** `refused`: rightly, so that there is no answer; `unknown`: abstract-level does not have this operation. */
export type Performed = 'answered' | 'refused' | 'unknown';

interface HeldIterator {
  readonly iterator: LevelIterator;
  readonly snapshot: AbstractSnapshot | undefined;
  canSeek: boolean;
}

export class LevelOperations {
  readonly #level: Level;
  readonly #pool: KeyPool;
  readonly #snapshots: AbstractSnapshot[] = [];
  /** Iterators over these are of no use, as abstract-level has it; the engine's own go on. */
  readonly #closed = new Set<AbstractSnapshot>();
  readonly #iterators: HeldIterator[] = [];

  constructor(level: Level, pool: KeyPool) {
    this.#level = level;
    this.#pool = pool;
  }

  get snapshots(): readonly AbstractSnapshot[] {
    return this.#snapshots;
  }

  async perform(operation: Operation, answer: Answer): Promise<Performed> {
    const level = this.#level;
    switch (operation.kind) {
      case 'write':
        await this.write(operation);
        return 'answered';
      case 'clear':
        await level.clear(this.#walk(operation.walk));
        return 'answered';
      case 'get':
        answer.bytes(await level.get(this.#pool.bytes(operation.key), this.#reading(operation.live)));
        return 'answered';
      case 'get at once':
        answer.bytes(level.getSync(this.#pool.bytes(operation.key), this.#reading(operation.live)));
        return 'answered';
      case 'has':
        answer.flag(await level.has(this.#pool.bytes(operation.key), this.#reading(operation.live)));
        return 'answered';
      case 'get many': {
        const keys = operation.keys.map((key) => this.#pool.bytes(key));
        for (const value of await level.getMany(keys, this.#reading(operation.live))) answer.bytes(value);
        return 'answered';
      }
      case 'has many': {
        const keys = operation.keys.map((key) => this.#pool.bytes(key));
        for (const found of await level.hasMany(keys, this.#reading(operation.live))) answer.flag(found);
        return 'answered';
      }
      case 'scan':
        await this.#scan(operation, answer);
        return 'answered';
      case 'iterator':
        await this.#openIterator(operation.walk);
        return 'answered';
      case 'read':
        return this.#read(operation.iterator, operation.how, operation.count, answer);
      case 'seek': {
        const held = chosen(this.#iterators, operation.iterator);
        if (held?.canSeek && this.#isUsable(held)) held.iterator.seek(this.#pool.bytes(operation.key));
        return 'answered';
      }
      case 'close iterator':
        await takeOut(this.#iterators, operation.iterator)?.iterator.close();
        return 'answered';
      case 'snapshot':
        if (this.#snapshots.length < HELD) this.#snapshots.push(level.snapshot());
        return 'answered';
      case 'close snapshot': {
        const snapshot = takeOut(this.#snapshots, operation.live);
        if (snapshot !== undefined) this.#closed.add(snapshot);
        await snapshot?.close();
        return 'answered';
      }
      default:
        return 'unknown';
    }
  }

  keysOf(walk: Walk): Promise<Uint8Array[]> {
    return this.#level.keys(this.#walk(walk)).all();
  }

  /** Writes one by one are made in one turn of the event loop, so that they may be committed as a group. */
  async write({ how, writes, sync }: WriteOperation): Promise<void> {
    const level = this.#level;
    if (how === 'one by one') {
      const done = writes.map(([key, value]) => {
        const bytes = this.#pool.bytes(key);
        return value === null ? level.del(bytes, { sync }) : level.put(bytes, value.bytes, { sync });
      });
      const results = await Promise.allSettled(done);
      for (const result of results) if (result.status === 'rejected') throw result.reason;
    } else if (how === 'batch') {
      const operations = writes.map(([key, value]) => {
        const bytes = this.#pool.bytes(key);
        return value === null ? { type: 'del', key: bytes } : { type: 'put', key: bytes, value: value.bytes };
      });
      await level.batch(operations, { sync });
    } else {
      const batch = level.batch();
      batch.del(new Uint8Array(3));
      batch.clear();
      for (const [key, value] of writes) {
        if (value === null) batch.del(this.#pool.bytes(key));
        else batch.put(this.#pool.bytes(key), value.bytes);
      }
      await batch.write({ sync });
    }
  }

  async #scan({ what, walk }: Operation & { readonly kind: 'scan' }, answer: Answer): Promise<void> {
    const options = this.#walk(walk);
    if (what === 'entries') {
      for (const [key, value] of await this.#level.iterator(options).all()) {
        answer.bytes(key);
        answer.bytes(value);
      }
    } else {
      for (const bytes of await this.#level[what](options).all()) answer.bytes(bytes);
    }
  }

  async #openIterator(walk: Walk): Promise<void> {
    if (this.#iterators.length >= HELD) return;
    const iterator = this.#level.iterator(this.#walk(walk));
    const { snapshot } = this.#reading(walk.live);
    const held = { iterator, snapshot, canSeek: false };
    this.#iterators.push(held);
    // classic-level ends the process when it seeks in an empty database.
    if (walk.limit === undefined)
      held.canSeek = (await this.#level.keys({ snapshot, limit: 1 }).all()).length > 0;
  }

  #isUsable({ snapshot }: HeldIterator): boolean {
    return snapshot === undefined || !this.#closed.has(snapshot);
  }

  async #read(number: number, how: Reading, count: number, answer: Answer): Promise<Performed> {
    const held = chosen(this.#iterators, number);
    if (held === undefined) return 'answered';
    // all() closes what it read.
    if (how === 'all') this.#iterators.splice(this.#iterators.indexOf(held), 1);
    if (!this.#isUsable(held)) {
      await assert.rejects(read(held.iterator, how, 1), { code: 'LEVEL_SNAPSHOT_NOT_OPEN' });
      return 'refused';
    }
    const entries = await read(held.iterator, how, count);
    for (const [key, value] of entries) {
      answer.flag(true);
      answer.bytes(key);
      answer.bytes(value);
    }
    if (how === 'all' || entries.length < count) answer.flag(false);
    return 'answered';
  }

  #walk({ ends, reverse, limit, fillCache, live }: Walk): object {
    const options = { ...this.#pool.range(ends), reverse, fillCache, ...this.#reading(live) };
    return limit === undefined ? options : { ...options, limit };
  }

  #reading(live: number | undefined): { readonly snapshot?: AbstractSnapshot } {
    const snapshot = live === undefined ? undefined : chosen(this.#snapshots, live);
    return snapshot === undefined ? {} : { snapshot };
  }
}

/** `nextv` gives as many as it likes at a time, but for the end at least one. */
async function read(iterator: LevelIterator, how: Reading, count: number): Promise<Entry[]> {
  if (how === 'all') return iterator.all();
  const entries: Entry[] = [];
  while (entries.length < count) {
    const more = how === 'nextv' ? await iterator.nextv(count - entries.length) : [await iterator.next()];
    if (more.length === 0 || more[0] === undefined) break;
    entries.push(...(more as Entry[]));
  }
  return entries;
}
