/**
 * Clients that use a database at the same time, by its promises and by the engine under it, and write down
 * what they do and see. Accounts among the keys are changed by transfers alone.
 */
import assert from 'node:assert/strict';
import { setImmediate } from 'node:timers/promises';
import { WriteBatch } from '../../../src/index.ts';
import type { MiniLevel } from '../../../src/level/mini-level.ts';
import type { Random } from '../../support/random.ts';
import { type Effect, History } from './history.ts';

export const ACCOUNTS: readonly string[] = ['account/0', 'account/1', 'account/2'];
const FREE: readonly string[] = ['free/0', 'free/1', 'free/2', 'free/3', 'free/4'];
export const KEYS: readonly string[] = [...ACCOUNTS, ...FREE];

/** What each account has at first. */
export const DEPOSIT = 100;

const FREE_RANGE = { gte: 'free/', lt: 'free0' };

/** Makes memtables fill up; only what comes before it matters. */
const PADDING: string = ' '.repeat(60);

type Database = MiniLevel<string, string>;

export class Clients {
  readonly history: History;
  readonly #db: Database;
  readonly #random: Random;
  readonly #balances: number[] = ACCOUNTS.map(() => DEPOSIT);
  /** Whether the accounts can be cleared with everything else. */
  readonly #clearsAll: boolean;
  /** Everything begun and not awaited. */
  readonly #underway = new Set<Promise<void>>();
  #writes = 0;
  #cleared = false;
  #clearing = false;

  constructor(db: Database, random: Random, clearsAll: boolean) {
    this.#db = db;
    this.#random = random;
    this.#clearsAll = clearsAll;
    this.history = new History(new Map(ACCOUNTS.map((key, i) => [key, `${this.#balances[i]}`])));
  }

  /** Fills a new database with what the history begins with. */
  static async deposit(db: Database): Promise<void> {
    await db.batch(ACCOUNTS.map((key) => ({ type: 'put', key, value: `${DEPOSIT}` })));
  }

  /** So many clients do so many operations each, and all of them come to their end. */
  async run(clients: number, operations: number): Promise<void> {
    const random = this.#random;
    await Promise.all(
      Array.from({ length: clients }, async () => {
        for (let i = 0; i < operations; i++) {
          const work = this.#operation();
          if (random.oneIn(3)) this.#leave(work);
          else await work;
          if (random.oneIn(4)) await setImmediate();
        }
      }),
    );
    await Promise.all(this.#underway);
  }

  /** Closes the database with operations under way: what is refused then must not have happened. */
  async close(): Promise<void> {
    const last = Array.from({ length: 5 }, () => this.#refusable());
    await Promise.all([...last, this.#db.close(), this.#refusable()]);
  }

  /** Reads everything, at one moment. */
  async readAll(db: Database): Promise<void> {
    const entries = await db.iterator().all();
    this.#view(new Map(entries), KEYS).end();
  }

  #leave(work: Promise<void>): void {
    const kept = work.finally(() => this.#underway.delete(kept));
    this.#underway.add(kept);
    kept.catch(() => {}); // it is awaited in the end, too
  }

  #operation(): Promise<void> {
    const random = this.#random;
    switch (random.below(16)) {
      case 0:
      case 1:
        return this.#write(this.#changes(1), (changes) => this.#single(changes));
      case 2:
      case 3:
        return this.#write(this.#changes(1 + random.below(3)), (changes) => this.#batch(changes));
      case 4:
        return this.#write(this.#changes(2), (changes) => this.#chained(changes));
      case 5:
      case 6:
        return this.#write(this.#transfer(), (changes) => this.#batch(changes));
      case 7:
        return this.#get();
      case 8:
        return this.#getMany();
      case 9:
      case 10:
        return this.#iterate();
      case 11:
        return this.#readSnapshot();
      case 12:
        return this.#clear();
      case 13:
        return this.#engineWrite();
      case 14:
        return this.#engineRead();
      default:
        return random.oneIn(2) ? this.#db.flush() : this.#db.compactRange('', '~');
    }
  }

  /** Writes by promises take effect in the order of their calls. */
  async #write(
    changes: Map<string, string | undefined>,
    write: (changes: ReadonlyMap<string, string | undefined>) => Promise<void>,
  ): Promise<void> {
    const effect: Effect = { kind: 'write', changes, ordered: true };
    const begun = this.history.begin(effect);
    await write(changes);
    begun.end();
  }

  async #refusable(): Promise<void> {
    const effect: Effect = { kind: 'write', changes: this.#changes(1), ordered: true };
    const begun = this.history.begin(effect);
    try {
      await this.#batch(effect.changes);
      begun.end();
    } catch (error) {
      assert.equal((error as { code?: string }).code, 'LEVEL_DATABASE_NOT_OPEN');
      this.history.withdraw(effect);
    }
  }

  #single(changes: ReadonlyMap<string, string | undefined>): Promise<void> {
    const [[key, value]] = changes;
    const options = { sync: this.#random.oneIn(3) };
    return value === undefined ? this.#db.del(key, options) : this.#db.put(key, padded(value), options);
  }

  #batch(changes: ReadonlyMap<string, string | undefined>): Promise<void> {
    const operations = Array.from(changes, ([key, value]) =>
      value === undefined
        ? ({ type: 'del', key } as const)
        : ({ type: 'put', key, value: padded(value) } as const),
    );
    return this.#db.batch(operations, { sync: this.#random.oneIn(3) });
  }

  #chained(changes: ReadonlyMap<string, string | undefined>): Promise<void> {
    const batch = this.#db.batch();
    for (const [key, value] of changes) {
      if (value === undefined) batch.del(key);
      else batch.put(key, padded(value));
    }
    return batch.write({ sync: this.#random.oneIn(3) });
  }

  #changes(count: number): Map<string, string | undefined> {
    const changes = new Map<string, string | undefined>();
    while (changes.size < count) {
      this.#writes += 1;
      changes.set(this.#freeKey(), this.#random.oneIn(4) ? undefined : `v${this.#writes}`);
    }
    return changes;
  }

  #transfer(): Map<string, string | undefined> {
    const from = this.#random.below(ACCOUNTS.length);
    const to = (from + 1 + this.#random.below(ACCOUNTS.length - 1)) % ACCOUNTS.length;
    const amount = 1 + this.#random.below(20);
    this.#balances[from] -= amount;
    this.#balances[to] += amount;
    return new Map([
      [ACCOUNTS[from], `${this.#balances[from]}`],
      [ACCOUNTS[to], `${this.#balances[to]}`],
    ]);
  }

  async #get(): Promise<void> {
    const key = this.#anyKey();
    if (this.#random.oneIn(3)) {
      this.#view(new Map([[key, this.#db.getSync(key)]]), [key]).end();
      return;
    }
    const seen = new Map<string, string | undefined>();
    const begun = this.history.begin({ kind: 'view', seen });
    const value = await this.#db.get(key);
    seen.set(key, value?.trimEnd());
    begun.end();
  }

  async #getMany(): Promise<void> {
    const seen = new Map<string, string | undefined>();
    const begun = this.history.begin({ kind: 'view', seen });
    const values = await this.#db.getMany([...KEYS]);
    for (const [i, key] of KEYS.entries()) seen.set(key, values[i]?.trimEnd());
    begun.end();
    this.#checkSum(seen);
  }

  /** An iterator sees the moment at which it was made, however long it is used. */
  async #iterate(): Promise<void> {
    const seen = new Map<string, string | undefined>();
    const begun = this.history.begin({ kind: 'view', seen });
    const reverse = this.#random.oneIn(2);
    const iterator = this.#db.iterator({ reverse });
    begun.end();
    const entries = new Map<string, string>();
    try {
      for (;;) {
        const entry = await iterator.next();
        if (entry === undefined) break;
        assert.ok(!entries.has(entry[0]), 'an iterator shows a key once');
        entries.set(entry[0], entry[1]);
        if (this.#random.oneIn(3)) await setImmediate();
      }
    } finally {
      await iterator.close();
    }
    const keys = [...entries.keys()].filter((key) => KEYS.includes(key));
    assert.deepEqual(reverse ? keys.toReversed() : keys, keys.toSorted(), 'an iterator shows keys in order');
    for (const key of KEYS) seen.set(key, entries.get(key)?.trimEnd());
    this.#checkSum(seen);
  }

  /** All reads of a snapshot see one moment. */
  async #readSnapshot(): Promise<void> {
    const seen = new Map<string, string | undefined>();
    const begun = this.history.begin({ kind: 'view', seen });
    const snapshot = this.#db.snapshot();
    begun.end();
    try {
      for (let reads = 1 + this.#random.below(3); reads > 0; reads--) {
        if (this.#random.oneIn(2)) await setImmediate();
        const values = this.#random.oneIn(2)
          ? await this.#db.getMany([...KEYS], { snapshot })
          : await this.#listed(snapshot);
        for (const [i, key] of KEYS.entries()) {
          const value = values[i]?.trimEnd();
          if (seen.has(key)) assert.equal(value, seen.get(key), 'a snapshot does not change');
          seen.set(key, value);
        }
      }
    } finally {
      await snapshot.close();
    }
    this.#checkSum(seen);
  }

  async #listed(snapshot: ReturnType<Database['snapshot']>): Promise<(string | undefined)[]> {
    const entries = new Map(await this.#db.iterator({ snapshot }).all());
    return KEYS.map((key) => entries.get(key));
  }

  /** Removes its keys one by one, each at a moment of its own; one at a time, or there were too many orders to try. */
  async #clear(): Promise<void> {
    if (this.#clearing) return this.#get();
    this.#clearing = true;
    const everything = this.#clearsAll && !this.#cleared;
    if (everything) this.#cleared = true;
    const keys = everything ? KEYS : FREE;
    const begun = keys.map((key) =>
      this.history.begin({ kind: 'write', changes: new Map([[key, undefined]]), ordered: false }),
    );
    await this.#db.clear(everything ? {} : FREE_RANGE);
    for (const one of begun) one.end();
    this.#clearing = false;
  }

  /** A write of the engine comes before those that are not acknowledged yet. */
  async #engineWrite(): Promise<void> {
    const changes = this.#changes(1 + this.#random.below(2));
    const batch = new WriteBatch();
    for (const [key, value] of changes) {
      if (value === undefined) batch.delete(key);
      else batch.put(key, padded(value));
    }
    const begun = this.history.begin({ kind: 'write', changes, ordered: false });
    this.#db.engine.write(batch, { sync: this.#random.oneIn(3) });
    begun.end();
  }

  async #engineRead(): Promise<void> {
    const entries = Array.from(
      this.#db.engine.scan(),
      ([key, value]) => [textOf(key), textOf(value)] as const,
    );
    this.#view(new Map(entries), KEYS).end();
  }

  #view(entries: ReadonlyMap<string, string | undefined>, keys: readonly string[]): { end(): void } {
    const seen = new Map(keys.map((key) => [key, entries.get(key)?.trimEnd()]));
    if (keys.length === KEYS.length) this.#checkSum(seen);
    return this.history.begin({ kind: 'view', seen });
  }

  /** Transfers keep the sum, whatever else happens. */
  #checkSum(seen: ReadonlyMap<string, string | undefined>): void {
    if (this.#cleared) return;
    const sum = ACCOUNTS.reduce((total, key) => total + Number(seen.get(key)), 0);
    assert.equal(sum, DEPOSIT * ACCOUNTS.length, 'a view shows transfers whole');
  }

  #freeKey(): string {
    return FREE[this.#random.below(FREE.length)];
  }

  #anyKey(): string {
    return KEYS[this.#random.below(KEYS.length)];
  }
}

function padded(value: string): string {
  return value + PADDING;
}

function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString();
}
