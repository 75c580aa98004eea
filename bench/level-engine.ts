/** A database of abstract-level, used as its documentation shows. */
import { ClassicLevel } from 'classic-level';
import { MiniLevel } from '../src/index.ts';
import type { Engine } from './engine.ts';
import type { Data, Encoding, Slice } from './workload.ts';

/** The calls that are measured, as both databases have them. */
interface LevelDatabase {
  open(): Promise<void>;
  close(): Promise<void>;
  put(key: Data, value: Data): Promise<void>;
  put(key: Data, value: Data, options: { readonly sync: boolean }): Promise<void>;
  del(key: Data): Promise<void>;
  batch(operations: { type: 'put'; key: Data; value: Data }[]): Promise<void>;
  getSync(key: Data): Data | undefined;
  get(key: Data): Promise<Data | undefined>;
  getMany(keys: Data[]): Promise<(Data | undefined)[]>;
  iterator(options?: { reverse?: boolean; gte?: Data; limit?: number }): LevelIterator;
}

interface LevelIterator extends AsyncIterable<[Data, Data]> {
  nextv(size: number): Promise<[Data, Data][]>;
  all(): Promise<[Data, Data][]>;
  seek(target: Data): void;
  close(): Promise<void>;
}

export class LevelEngine implements Engine {
  readonly #db: LevelDatabase;

  private constructor(db: LevelDatabase) {
    this.#db = db;
  }

  /** LevelDB as a native addon; without a `cacheSize`, bytes, it takes its default. */
  static openClassicLevel(
    directory: string,
    encoding: Encoding,
    cacheSize: number | undefined,
  ): Promise<LevelEngine> {
    const options = { keyEncoding: encoding, valueEncoding: encoding, cacheSize };
    return LevelEngine.#open(new ClassicLevel<Data, Data>(directory, options));
  }

  static openMiniLevel(directory: string, encoding: Encoding): Promise<LevelEngine> {
    return LevelEngine.#open(
      new MiniLevel<Data, Data>(directory, { keyEncoding: encoding, valueEncoding: encoding }),
    );
  }

  static async #open(db: LevelDatabase): Promise<LevelEngine> {
    await db.open();
    return new LevelEngine(db);
  }

  close(): Promise<void> {
    return this.#db.close();
  }

  async put({ keys, values, count }: Slice): Promise<void> {
    for (let i = 0; i < count; i++) await this.#db.put(keys[i], values[i]);
  }

  /** Groups of puts that are under way at once. */
  async putTogether({ keys, values, count }: Slice, concurrency: number): Promise<void> {
    for (let start = 0; start < count; start += concurrency) {
      const puts: Promise<void>[] = [];
      for (let i = start; i < Math.min(start + concurrency, count); i++) {
        puts.push(this.#db.put(keys[i], values[i]));
      }
      await Promise.all(puts);
    }
  }

  /** Writers at the same time, each of which waits until the disk has its write before it does the next. */
  async putDurably({ keys, values, count }: Slice, writers: number): Promise<void> {
    const sync = { sync: true };
    const write = async (writer: number): Promise<void> => {
      for (let i = writer; i < count; i += writers) await this.#db.put(keys[i], values[i], sync);
    };
    await Promise.all(Array.from({ length: writers }, (_, writer) => write(writer)));
  }

  async delete({ keys, count }: Slice): Promise<void> {
    for (let i = 0; i < count; i++) await this.#db.del(keys[i]);
  }

  async batch({ keys, values, count }: Slice): Promise<void> {
    const operations: { type: 'put'; key: Data; value: Data }[] = [];
    for (let i = 0; i < count; i++) operations.push({ type: 'put', key: keys[i], value: values[i] });
    await this.#db.batch(operations);
  }

  get({ keys, count }: Slice): number {
    let found = 0;
    for (let i = 0; i < count; i++) if (this.#db.getSync(keys[i]) !== undefined) found++;
    return found;
  }

  async getAsync({ keys, count }: Slice): Promise<number> {
    let found = 0;
    for (let i = 0; i < count; i++) if ((await this.#db.get(keys[i])) !== undefined) found++;
    return found;
  }

  /** All keys of the slice in one call. */
  async getMany({ keys, count }: Slice): Promise<number> {
    let found = 0;
    for (const value of await this.#db.getMany(keys.slice(0, count))) if (value !== undefined) found++;
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

  /** Walks over all entries, one at a time. */
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
      for (const [key, value] of await iterator.nextv(entries)) if (key.length + value.length > 0) read++;
    }
    await iterator.close();
    return read;
  }

  async range({ keys, count }: Slice, entries: number): Promise<number> {
    let read = 0;
    for (let i = 0; i < count; i++) {
      for (const [key, value] of await this.#db.iterator({ gte: keys[i], limit: entries }).all()) {
        if (key.length + value.length > 0) read++;
      }
    }
    return read;
  }
}
