/** classic-level (LevelDB as a native addon) with its default options, used as its documentation shows. */
import { ClassicLevel } from 'classic-level';
import type { Engine } from './engine.ts';
import type { Encoding } from './options.ts';
import type { Data, Slice } from './workload.ts';

export class ClassicLevelEngine implements Engine {
  readonly #db: ClassicLevel<Data, Data>;

  private constructor(db: ClassicLevel<Data, Data>) {
    this.#db = db;
  }

  static async open(directory: string, encoding: Encoding): Promise<ClassicLevelEngine> {
    const db = new ClassicLevel<Data, Data>(directory, { keyEncoding: encoding, valueEncoding: encoding });
    await db.open();
    return new ClassicLevelEngine(db);
  }

  close(): Promise<void> {
    return this.#db.close();
  }

  async put({ keys, values, count }: Slice): Promise<void> {
    for (let i = 0; i < count; i++) await this.#db.put(keys[i], values[i]);
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
