/** LMDB by lmdb-js: a B+ tree in a memory-mapped file. */
import type { Data, Slice } from '../data.ts';
import type { Engine, EngineModule, EngineSetup } from '../engine.ts';
import { loadPackage } from '../optional-package.ts';

/** The calls that are measured. */
interface LmdbDatabase {
  putSync(key: Data, value: Data): boolean;
  put(key: Data, value: Data): Promise<boolean>;
  removeSync(key: Data): boolean;
  transactionSync(write: () => void): void;
  getBinaryFast(key: Data): Uint8Array | undefined;
  getMany(keys: readonly Data[]): Promise<(Uint8Array | undefined)[]>;
  getRange(options: { start?: Data; limit?: number; reverse?: boolean }): Iterable<{
    readonly key: Data;
    readonly value: Uint8Array;
  }>;
  close(): Promise<void>;
}

interface Lmdb {
  open(options: {
    readonly path: string;
    readonly encoding: 'binary';
    readonly noSync: boolean;
    readonly overlappingSync: boolean;
  }): LmdbDatabase;
}

export const LMDB: EngineModule = {
  calls: {
    put: 'putSync',
    delete: 'removeSync',
    batch: 'transactionSync of putSync',
    get: 'getBinaryFast',
    getMany: 'await getMany',
    walk: 'getRange',
    seek: 'getRange({ start, limit })',
    range: 'getRange({ start, limit })',
    putLater: 'put, awaited together',
    open: 'open',
  },
  inMemory: false,
  // Its documentation calls binary keys slower than strings.
  form: () => ({ keys: 'utf8', values: 'view' }),
  async open(setup) {
    const { open } = loadPackage<Lmdb>('lmdb');
    return new LmdbEngine(open(optionsOf(setup)));
  },
};

/**
 * Without noSync, and with the overlapping sync that is its default, a commit starts an fsync that nobody waits for:
 * that is neither of the classes that are compared.
 */
function optionsOf({ directory, durability }: EngineSetup): Parameters<Lmdb['open']>[0] {
  return { path: directory, encoding: 'binary', noSync: durability !== 'fsync', overlappingSync: false };
}

class LmdbEngine implements Engine {
  readonly #db: LmdbDatabase;

  constructor(db: LmdbDatabase) {
    this.#db = db;
  }

  close(): Promise<void> {
    return this.#db.close();
  }

  put(key: Data, value: Data): void {
    this.#db.putSync(key, value);
  }

  putLater(key: Data, value: Data): Promise<boolean> {
    return this.#db.put(key, value);
  }

  delete(key: Data): void {
    this.#db.removeSync(key);
  }

  batch({ keys, values, count }: Slice): void {
    this.#db.transactionSync(() => {
      for (let i = 0; i < count; i++) this.#db.putSync(keys[i], values[i]);
    });
  }

  get(key: Data): Uint8Array | undefined {
    return this.#db.getBinaryFast(key);
  }

  async getMany(keys: readonly Data[]): Promise<number> {
    let found = 0;
    for (const value of await this.#db.getMany(keys)) if (value !== undefined) found++;
    return found;
  }

  walk(reverse: boolean): number {
    return this.#read({ reverse });
  }

  seek({ keys, count }: Slice, entries: number): number {
    let read = 0;
    for (let i = 0; i < count; i++) read += this.#read({ start: keys[i], limit: entries });
    return read;
  }

  range(start: Data, limit: number): number {
    return this.#read({ start, limit });
  }

  #read(options: { start?: Data; limit?: number; reverse?: boolean }): number {
    let read = 0;
    for (const { key, value } of this.#db.getRange(options)) if (key.length + value.length > 0) read++;
    return read;
  }
}
