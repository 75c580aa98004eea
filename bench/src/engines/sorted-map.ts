/**
 * What JavaScript itself can do: a `Map`, and its keys in an array that is sorted before the first ordered read
 * after a new key. No database can be expected to be faster.
 */
import type { Data, Slice } from '../data.ts';
import type { Engine, EngineModule } from '../engine.ts';

export const SORTED_MAP: EngineModule = {
  calls: {
    put: 'Map.set',
    delete: 'Map.delete',
    batch: 'Map.set',
    get: 'Map.get',
    getMany: 'Map.get',
    walk: 'sorted array of keys, Map.get',
    seek: 'binary search, Map.get',
    range: 'binary search, Map.get',
  },
  inMemory: true,
  form: () => ({ keys: 'utf8', values: 'view' }),
  open: async () => new SortedMapEngine(),
};

class SortedMapEngine implements Engine {
  readonly #entries = new Map<Data, Data>();
  #sorted: Data[] | undefined;

  async close(): Promise<void> {
    this.#entries.clear();
  }

  put(key: Data, value: Data): void {
    const before = this.#entries.size;
    this.#entries.set(key, value);
    if (this.#entries.size !== before) this.#sorted = undefined;
  }

  delete(key: Data): void {
    if (this.#entries.delete(key)) this.#sorted = undefined;
  }

  batch({ keys, values, count }: Slice): void {
    for (let i = 0; i < count; i++) this.put(keys[i], values[i]);
  }

  get(key: Data): Data | undefined {
    return this.#entries.get(key);
  }

  getMany(keys: readonly Data[]): number {
    let found = 0;
    for (const key of keys) if (this.#entries.get(key) !== undefined) found++;
    return found;
  }

  walk(reverse: boolean): number {
    const keys = this.#keys();
    let count = 0;
    for (let i = 0; i < keys.length; i++) {
      if (this.#holds(keys[reverse ? keys.length - 1 - i : i])) count++;
    }
    return count;
  }

  seek({ keys, count }: Slice, entries: number): number {
    let read = 0;
    for (let i = 0; i < count; i++) read += this.range(keys[i], entries);
    return read;
  }

  range(from: Data, limit: number): number {
    const keys = this.#keys();
    let low = 0;
    for (let high = keys.length; low < high; ) {
      const middle = (low + high) >> 1;
      if (keys[middle] < from) low = middle + 1;
      else high = middle;
    }
    let read = 0;
    for (let i = low; i < Math.min(low + limit, keys.length); i++) if (this.#holds(keys[i])) read++;
    return read;
  }

  #holds(key: Data): boolean {
    return key.length + (this.#entries.get(key)?.length ?? 0) > 0;
  }

  #keys(): readonly Data[] {
    this.#sorted ??= [...this.#entries.keys()].sort();
    return this.#sorted;
  }
}
