/**
 * One stretch of a soak, from opening a database to closing it: mixed operations by one of its faces, with a
 * worker thread or inline, with windows in which the disk fails or is full, and all of it compared with a
 * model. What a write that failed came to is known when the database is opened again: all of it or nothing.
 */
import assert from 'node:assert/strict';
import { internals } from '../../../src/db/mini-lsm.ts';
import { LsmError } from '../../../src/errors.ts';
import { NodeFileSystem } from '../../../src/fs/node-file-system.ts';
import { MiniLevel } from '../../../src/level/mini-level.ts';
import { FaultyFileSystem } from '../../simulation/faulty-file-system.ts';
import { QuotaFileSystem } from '../../simulation/quota-file-system.ts';
import type { Random } from '../../support/random.ts';
import { applyWrites, batchOf } from '../../support/writes.ts';

/** Undefined: removed. */
export type Changes = ReadonlyMap<string, string | undefined>;

/** What must be in the database. */
export interface Expected {
  readonly entries: Map<string, string>;
  /** The write that failed last, if it may be there all the same. */
  doubtful: Changes | undefined;
}

export interface Tally {
  operations: number;
  failedWrites: number;
  verified: number;
}

const KEYS = 2000;

type Disk = 'worker' | 'inline' | 'errors' | 'full';

export class Episode {
  readonly #level: MiniLevel<string, string>;
  readonly #random: Random;
  readonly #expected: Expected;
  readonly #tally: Tally;
  readonly #faulty: FaultyFileSystem | undefined;
  readonly #quota: QuotaFileSystem | undefined;
  readonly #viaEngine: boolean;
  /** Whether the disk is failing, or full. */
  #troubled = false;

  constructor(directory: string, random: Random, expected: Expected, tally: Tally) {
    const disk = (['worker', 'worker', 'inline', 'errors', 'full'] as const)[random.below(5)];
    this.#random = random;
    this.#expected = expected;
    this.#tally = tally;
    this.#viaEngine = random.oneIn(2);
    const node = new NodeFileSystem();
    if (disk === 'errors') this.#faulty = new FaultyFileSystem(node);
    if (disk === 'full') this.#quota = new QuotaFileSystem(node);
    this.#level = new MiniLevel(directory, {
      ...optionsFor(disk, random),
      fileSystem: this.#faulty ?? this.#quota ?? node,
    });
  }

  async run(operations: number): Promise<void> {
    await this.#level.open();
    this.#settleDoubts();
    await this.#compare();
    for (let i = 0; i < operations && !this.#isReadOnly; i++) {
      if (i % 200 === 0) await this.#changeWeather();
      await this.#operation();
      this.#tally.operations += 1;
    }
    await this.#clearUp();
    await this.#compare();
    // A write that failed may have left half a record at the end of the live log, which verify then tells of;
    // the next opening cuts it off.
    if (this.#random.oneIn(4) && !this.#isReadOnly) {
      assert.deepEqual((await this.#level.verify()).problems, [], 'verify finds nothing');
      this.#tally.verified += 1;
    }
  }

  async close(): Promise<void> {
    this.#endTrouble();
    await this.#level.close();
  }

  get #isReadOnly(): boolean {
    return internals(this.#level.engine).core.failure !== undefined;
  }

  /** Begins trouble or ends it. */
  async #changeWeather(): Promise<void> {
    if (this.#troubled) return this.#clearUp();
    if (!this.#random.oneIn(3)) return;
    if (this.#faulty !== undefined) {
      const at = this.#faulty.operations + 1 + this.#random.below(100);
      const when = (['before', 'after', 'half'] as const)[this.#random.below(3)];
      this.#faulty.arm({ at, when, errno: 'EIO', forever: this.#random.oneIn(2) });
      this.#troubled = true;
    }
    if (this.#quota !== undefined) {
      this.#quota.quota = this.#quota.used + this.#random.below(60_000);
      this.#troubled = true;
    }
  }

  /** Ends trouble; a database that still takes writes then does all that it could not do. */
  async #clearUp(): Promise<void> {
    const was = this.#troubled;
    this.#endTrouble();
    if (!was || this.#isReadOnly) return;
    await this.#level.flush();
    await this.#compare();
  }

  #endTrouble(): void {
    this.#troubled = false;
    this.#faulty?.arm(undefined);
    if (this.#quota !== undefined) this.#quota.quota = Infinity;
  }

  async #operation(): Promise<void> {
    const random = this.#random;
    const kind = random.below(100);
    if (kind < 40) return this.#write(new Map([this.#change()]));
    if (kind < 55) {
      return this.#write(new Map(Array.from({ length: 1 + random.below(20) }, () => this.#change())));
    }
    if (kind < 90) return this.#get();
    if (kind < 96) return this.#scan();
    if (kind < 98) return this.#snapshot();
    if (kind < 99) return this.#clear();
    if (random.oneIn(4)) await this.#mayFail(() => this.#flushOrCompact());
  }

  async #write(changes: Changes): Promise<void> {
    const sync = this.#random.oneIn(50);
    try {
      if (this.#viaEngine) this.#level.engine.write(batchOf(changes), { sync });
      else await this.#level.batch(operationsOf(changes), { sync });
    } catch (error) {
      this.#assertTroubled(error);
      this.#tally.failedWrites += 1;
      if (this.#isReadOnly) this.#expected.doubtful ??= changes;
      return;
    }
    applyWrites(this.#expected.entries, changes);
  }

  async #get(): Promise<void> {
    const key = this.#key();
    const value = this.#viaEngine ? textOf(this.#level.engine.get(key)) : await this.#level.get(key);
    assert.equal(value, this.#expected.entries.get(key), 'a get finds what was put');
  }

  async #scan(): Promise<void> {
    const [gte, lt] = [this.#key(), this.#key()].sort();
    const reverse = this.#random.oneIn(2);
    const found = await this.#level.iterator({ gte, lt, reverse }).all();
    assert.deepEqual(found, this.#range(gte, lt, reverse), 'a scan finds what was put');
  }

  /** A snapshot stays as it is while writes go on. */
  async #snapshot(): Promise<void> {
    const [gte, lt] = [this.#key(), this.#key()].sort();
    const before = this.#range(gte, lt, false);
    const snapshot = this.#level.snapshot();
    try {
      for (let i = 0; i < 20 && !this.#isReadOnly; i++) await this.#write(new Map([this.#change()]));
      const found = await this.#level.iterator({ gte, lt, snapshot }).all();
      assert.deepEqual(found, before, 'a snapshot sees its moment');
    } finally {
      await snapshot.close();
    }
  }

  async #clear(): Promise<void> {
    if (this.#troubled) return; // it goes piece by piece, and could end between them
    const [gte, lt] = [this.#key(), this.#key()].sort();
    const limit = this.#random.below(100);
    await this.#level.clear({ gte, lt, limit });
    for (const [key] of this.#range(gte, lt, false).slice(0, limit)) this.#expected.entries.delete(key);
  }

  async #flushOrCompact(): Promise<void> {
    const { engine } = this.#level;
    if (this.#random.oneIn(2)) return this.#viaEngine ? engine.flush() : this.#level.flush();
    return this.#viaEngine ? engine.compact() : this.#level.compactRange('', '~');
  }

  async #mayFail(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      this.#assertTroubled(error);
    }
  }

  #assertTroubled(error: unknown): void {
    const cause = error instanceof Error && error.cause instanceof LsmError ? error.cause : error;
    const codes = ['LSM_IO', 'LSM_NO_SPACE', 'LSM_READ_ONLY'];
    if (!this.#troubled || !(cause instanceof LsmError) || !codes.includes(cause.code)) throw error;
  }

  /** What became of the write that failed: it is there as a whole, or not at all. */
  #settleDoubts(): void {
    const changes = this.#expected.doubtful;
    this.#expected.doubtful = undefined;
    if (changes === undefined) return;
    const isThere = [...changes].every(([key, value]) => textOf(this.#level.engine.get(key)) === value);
    if (isThere) applyWrites(this.#expected.entries, changes);
  }

  async #compare(): Promise<void> {
    const found = this.#viaEngine
      ? Array.from(this.#level.engine.scan(), ([key, value]) => [textOf(key), textOf(value)])
      : await this.#level.iterator().all();
    const expected = [...this.#expected.entries].sort(byKey);
    assert.equal(found.length, expected.length, 'it holds as many entries as the model');
    assert.deepEqual(found, expected, 'it holds what the model holds');
  }

  #range(gte: string, lt: string, reverse: boolean): [string, string][] {
    const entries = [...this.#expected.entries].filter(([key]) => key >= gte && key < lt).sort(byKey);
    return reverse ? entries.reverse() : entries;
  }

  #change(): [string, string | undefined] {
    if (this.#random.oneIn(5)) return [this.#key(), undefined];
    const length = this.#random.oneIn(50) ? 3000 : this.#random.below(300);
    return [this.#key(), `${this.#tally.operations}:`.padEnd(length, 'value ')];
  }

  #key(): string {
    return `key/${String(this.#random.below(KEYS)).padStart(4, '0')}`;
  }
}

function optionsFor(disk: Disk, random: Random): object {
  return {
    background: disk === 'worker' ? 'worker' : 'inline',
    memtableBytes: (16 << random.below(4)) * 1024,
    tableBytes: 32 * 1024,
    blockBytes: 512 << random.below(4),
    cacheBytes: random.oneIn(3) ? 0 : 256 * 1024,
    maxOpenFiles: 1 + random.below(40),
    baseLevelBytes: 64 * 1024,
    manifestBytes: 8192,
    compression: random.oneIn(2) ? 'lz4' : 'none',
    compaction: random.oneIn(4) ? 'simple-leveled' : 'leveled',
  };
}

function operationsOf(
  changes: Changes,
): ({ type: 'del'; key: string } | { type: 'put'; key: string; value: string })[] {
  return Array.from(changes, ([key, value]) =>
    value === undefined ? { type: 'del', key } : { type: 'put', key, value },
  );
}

function byKey([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function textOf(bytes: Uint8Array): string;
function textOf(bytes: Uint8Array | undefined): string | undefined;
function textOf(bytes: Uint8Array | undefined): string | undefined {
  return bytes === undefined ? undefined : Buffer.from(bytes).toString();
}
