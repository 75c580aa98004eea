/** `MiniLsm`, by its synchronous calls. */
import { MiniLsm, WriteBatch } from '../../../src/index.ts';
import type { Data, Slice } from '../data.ts';
import type { Engine, EngineModule, EngineSetup } from '../engine.ts';

export const MINI_LSM: EngineModule = {
  calls: {
    put: 'put',
    delete: 'delete',
    batch: 'write',
    get: 'get',
    getMany: 'get, one after the other',
    walk: 'scan',
    seek: 'cursor: seek, next',
    range: 'scan',
    compact: 'compact',
    open: 'MiniLsm.open',
  },
  inMemory: false,
  form: () => ({ keys: 'view', values: 'view' }),
  open: async (setup) => new MiniLsmEngine(setup),
};

class MiniLsmEngine implements Engine {
  readonly #db: MiniLsm;
  readonly #write: { readonly sync: true } | undefined;

  constructor({ directory, cacheBytes, durability }: EngineSetup) {
    this.#db = MiniLsm.open(directory, { cacheBytes });
    this.#write = durability === 'fsync' ? { sync: true } : undefined;
  }

  async close(): Promise<void> {
    this.#db.close();
  }

  put(key: Data, value: Data): void {
    this.#db.put(key, value, this.#write);
  }

  delete(key: Data): void {
    this.#db.delete(key, this.#write);
  }

  batch({ keys, values, count }: Slice): void {
    const batch = new WriteBatch();
    for (let i = 0; i < count; i++) batch.put(keys[i], values[i]);
    this.#db.write(batch, this.#write);
  }

  get(key: Data): Uint8Array | undefined {
    return this.#db.get(key);
  }

  getMany(keys: readonly Data[]): number {
    let found = 0;
    for (const key of keys) if (this.#db.get(key) !== undefined) found++;
    return found;
  }

  walk(reverse: boolean): number {
    let count = 0;
    for (const [key, value] of this.#db.scan({ reverse })) if (key.length + value.length > 0) count++;
    return count;
  }

  seek({ keys, count }: Slice, entries: number): number {
    let read = 0;
    const cursor = this.#db.cursor();
    for (let i = 0; i < count; i++) {
      let left = entries;
      for (cursor.seek(keys[i]); cursor.valid && left > 0; cursor.next()) {
        if (cursor.key.length + cursor.value.length > 0) read++;
        left--;
      }
    }
    cursor.close();
    return read;
  }

  range(gte: Data, limit: number): number {
    let read = 0;
    for (const [key, value] of this.#db.scan({ gte, limit })) if (key.length + value.length > 0) read++;
    return read;
  }

  compact(): void {
    this.#db.compact();
  }
}
