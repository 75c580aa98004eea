/**
 * Databases of abstract-level: `MiniLevel`, `ClassicLevel` (LevelDB as a native addon) and `MemoryLevel` (a sorted
 * tree in memory), by the same calls.
 */
import { MiniLevel } from '../../../src/index.ts';
import type { Data, Encoding, Slice } from '../data.ts';
import type { Engine, EngineModule, EngineSetup } from '../engine.ts';
import { loadPackage } from '../optional-package.ts';

/** The calls that are measured, as all of them have them. */
interface LevelDatabase {
  open(): Promise<void>;
  close(): Promise<void>;
  put(key: Data, value: Data, options?: { readonly sync: boolean }): Promise<void>;
  del(key: Data, options?: { readonly sync: boolean }): Promise<void>;
  batch(
    operations: { type: 'put'; key: Data; value: Data }[],
    options?: { readonly sync: boolean },
  ): Promise<void>;
  getSync(key: Data): Data | undefined;
  get(key: Data): Promise<Data | undefined>;
  getMany(keys: readonly Data[]): Promise<(Data | undefined)[]>;
  iterator(options?: { reverse?: boolean; gte?: Data; limit?: number }): LevelIterator;
  compactRange?(start: Data, end: Data): Promise<void>;
}

interface LevelIterator extends AsyncIterable<[Data, Data]> {
  nextv(size: number): Promise<[Data, Data][]>;
  all(): Promise<[Data, Data][]>;
  seek(target: Data): void;
  close(): Promise<void>;
}

interface LevelOptions {
  readonly keyEncoding: Encoding;
  readonly valueEncoding: Encoding;
  readonly cacheSize: number;
}

type LevelClass = new (directory: string, options: LevelOptions) => LevelDatabase;

export const MINI_LEVEL: EngineModule = levelModule(async () => MiniLevel as unknown as LevelClass, false);

export const CLASSIC_LEVEL: EngineModule = levelModule(async () => {
  const { ClassicLevel } = loadPackage<{ readonly ClassicLevel: LevelClass }>('classic-level');
  return ClassicLevel;
}, false);

export const MEMORY_LEVEL: EngineModule = levelModule(async () => {
  const { MemoryLevel } = loadPackage<{
    readonly MemoryLevel: new (options: LevelOptions) => LevelDatabase;
  }>('memory-level');
  return class extends MemoryLevel {
    constructor(_directory: string, options: LevelOptions) {
      super(options);
    }
  };
}, true);

function levelModule(load: () => Promise<LevelClass>, inMemory: boolean): EngineModule {
  const calls = {
    put: 'await put',
    delete: 'await del',
    batch: 'await batch',
    get: 'getSync',
    getMany: 'await getMany',
    walk: 'iterator, await nextv(1000)',
    seek: 'iterator: seek, await nextv',
    range: 'await iterator({ gte, limit }).all()',
    getLater: 'await get',
    putLater: 'put, awaited together',
    iterate: 'for await over an iterator',
  };
  return {
    calls: inMemory ? calls : { ...calls, compact: 'await compactRange', open: 'await open' },
    inMemory,
    form: (encoding) => ({ keys: encoding, values: encoding }),
    async open(setup) {
      const { directory, encoding, cacheBytes } = setup;
      const Level = await load();
      const options = { keyEncoding: encoding, valueEncoding: encoding, cacheSize: cacheBytes };
      const db = new Level(directory, options);
      await db.open();
      return new LevelEngine(db, setup);
    },
  };
}

class LevelEngine implements Engine {
  readonly #db: LevelDatabase;
  readonly #write: { readonly sync: true } | undefined;
  readonly #encoding: Encoding;

  constructor(db: LevelDatabase, { durability, encoding }: EngineSetup) {
    this.#db = db;
    this.#write = durability === 'fsync' ? { sync: true } : undefined;
    this.#encoding = encoding;
  }

  close(): Promise<void> {
    return this.#db.close();
  }

  put(key: Data, value: Data): Promise<void> {
    return this.#write === undefined ? this.#db.put(key, value) : this.#db.put(key, value, this.#write);
  }

  putLater(key: Data, value: Data): Promise<void> {
    return this.put(key, value);
  }

  delete(key: Data): Promise<void> {
    return this.#write === undefined ? this.#db.del(key) : this.#db.del(key, this.#write);
  }

  batch({ keys, values, count }: Slice): Promise<void> {
    const operations: { type: 'put'; key: Data; value: Data }[] = [];
    for (let i = 0; i < count; i++) operations.push({ type: 'put', key: keys[i], value: values[i] });
    return this.#write === undefined ? this.#db.batch(operations) : this.#db.batch(operations, this.#write);
  }

  get(key: Data): Data | undefined {
    return this.#db.getSync(key);
  }

  getLater(key: Data): Promise<Data | undefined> {
    return this.#db.get(key);
  }

  async getMany(keys: readonly Data[]): Promise<number> {
    let found = 0;
    for (const value of await this.#db.getMany(keys)) if (value !== undefined) found++;
    return found;
  }

  async walk(reverse: boolean): Promise<number> {
    let count = 0;
    const iterator = this.#db.iterator({ reverse });
    for (;;) {
      const entries = await iterator.nextv(1000);
      if (entries.length === 0) break;
      for (const [key, value] of entries) if (key.length + value.length > 0) count++;
    }
    await iterator.close();
    return count;
  }

  async iterate(): Promise<number> {
    let count = 0;
    for await (const [key, value] of this.#db.iterator()) if (key.length + value.length > 0) count++;
    return count;
  }

  async seek({ keys, count }: Slice, entries: number): Promise<number> {
    let read = 0;
    const iterator = this.#db.iterator();
    for (let i = 0; i < count; i++) {
      iterator.seek(keys[i]);
      // Large values come in several pieces: highWaterMarkBytes is for nextv too.
      for (let left = entries; left > 0; ) {
        const found = await iterator.nextv(left);
        if (found.length === 0) break;
        left -= found.length;
        for (const [key, value] of found) if (key.length + value.length > 0) read++;
      }
    }
    await iterator.close();
    return read;
  }

  async range(gte: Data, limit: number): Promise<number> {
    let read = 0;
    for (const [key, value] of await this.#db.iterator({ gte, limit }).all()) {
      if (key.length + value.length > 0) read++;
    }
    return read;
  }

  async compact(): Promise<void> {
    const ends = this.#encoding === 'utf8' ? ['', '\uffff'] : [new Uint8Array(0), new Uint8Array([255])];
    await this.#db.compactRange?.(ends[0], ends[1]);
  }
}
