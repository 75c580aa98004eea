/** SQLite by better-sqlite3: a B-tree in a file, with a write-ahead log. */
import { join } from 'node:path';
import type { Data, Slice } from '../data.ts';
import type { Engine, EngineModule, EngineSetup } from '../engine.ts';
import { loadPackage } from '../optional-package.ts';

interface Statement {
  run(...parameters: unknown[]): unknown;
  get(...parameters: unknown[]): unknown;
  iterate(...parameters: unknown[]): Iterable<unknown>;
  all(...parameters: unknown[]): unknown[];
  /** Rows come as arrays. */
  raw(): Statement;
  /** Rows come as their first column. */
  pluck(): Statement;
}

interface SqliteDatabase {
  pragma(text: string): unknown;
  exec(sql: string): unknown;
  prepare(sql: string): Statement;
  transaction(write: (slice: Slice) => void): (slice: Slice) => void;
  close(): void;
}

type Sqlite = new (file: string) => SqliteDatabase;

type SqliteRow = readonly [key: Data, value: Data];

export const SQLITE: EngineModule = {
  calls: {
    put: 'prepared replace',
    delete: 'prepared delete',
    batch: 'transaction of prepared replaces',
    get: 'prepared select',
    getMany: 'prepared select, one after the other',
    walk: 'iterate over a prepared select, order by key',
    seek: 'prepared select, key >= ? limit ?',
    range: 'prepared select, key >= ? limit ?',
    compact: 'vacuum',
    open: 'new Database, prepare',
  },
  inMemory: false,
  form: () => ({ keys: 'utf8', values: 'view' }),
  async open(setup) {
    const Database = loadPackage<Sqlite>('better-sqlite3');
    return new SqliteEngine(new Database(join(setup.directory, 'db.sqlite')), setup);
  },
};

class SqliteEngine implements Engine {
  readonly #db: SqliteDatabase;
  readonly #put: Statement;
  readonly #delete: Statement;
  readonly #get: Statement;
  readonly #range: Statement;
  readonly #batch: (slice: Slice) => void;

  constructor(db: SqliteDatabase, { cacheBytes, durability }: EngineSetup) {
    this.#db = db;
    db.pragma('journal_mode = WAL');
    // NORMAL: fsync at a checkpoint, not at a commit. FULL: at every commit.
    db.pragma(`synchronous = ${durability === 'fsync' ? 'FULL' : 'NORMAL'}`);
    db.pragma(`cache_size = -${Math.ceil(cacheBytes / 1024)}`);
    db.exec('create table if not exists entries (key text primary key, value blob) without rowid');
    this.#put = db.prepare('replace into entries values (?, ?)');
    this.#delete = db.prepare('delete from entries where key = ?');
    this.#get = db.prepare('select value from entries where key = ?').pluck();
    this.#range = db.prepare('select key, value from entries where key >= ? order by key limit ?').raw();
    this.#batch = db.transaction(({ keys, values, count }) => {
      for (let i = 0; i < count; i++) this.#put.run(keys[i], values[i]);
    });
  }

  async close(): Promise<void> {
    this.#db.close();
  }

  put(key: Data, value: Data): void {
    this.#put.run(key, value);
  }

  delete(key: Data): void {
    this.#delete.run(key);
  }

  batch(slice: Slice): void {
    this.#batch(slice);
  }

  get(key: Data): Data | undefined {
    return this.#get.get(key) as Data | undefined;
  }

  getMany(keys: readonly Data[]): number {
    let found = 0;
    for (const key of keys) if (this.#get.get(key) !== undefined) found++;
    return found;
  }

  walk(reverse: boolean): number {
    const order = reverse ? 'desc' : 'asc';
    const rows = this.#db.prepare(`select key, value from entries order by key ${order}`).raw().iterate();
    let count = 0;
    for (const [key, value] of rows as Iterable<SqliteRow>) if (key.length + value.length > 0) count++;
    return count;
  }

  seek({ keys, count }: Slice, entries: number): number {
    let read = 0;
    for (let i = 0; i < count; i++) read += this.range(keys[i], entries);
    return read;
  }

  range(from: Data, limit: number): number {
    let read = 0;
    for (const [key, value] of this.#range.all(from, limit) as SqliteRow[]) {
      if (key.length + value.length > 0) read++;
    }
    return read;
  }

  compact(): void {
    this.#db.exec('vacuum');
  }
}
