/** MiniLsm with its default options. */
import { MiniLsm, WriteBatch } from '../src/index.ts';
import type { Engine } from './engine.ts';
import type { Slice } from './workload.ts';

export class MiniLsmEngine implements Engine {
  readonly #db: MiniLsm;

  constructor(directory: string) {
    this.#db = MiniLsm.open(directory);
  }

  async close(): Promise<void> {
    this.#db.close();
  }

  put({ keys, values, count }: Slice): void {
    for (let i = 0; i < count; i++) this.#db.put(keys[i], values[i]);
  }

  delete({ keys, count }: Slice): void {
    for (let i = 0; i < count; i++) this.#db.delete(keys[i]);
  }

  batch({ keys, values, count }: Slice): void {
    const batch = new WriteBatch();
    for (let i = 0; i < count; i++) batch.put(keys[i], values[i]);
    this.#db.write(batch);
  }

  get({ keys, count }: Slice): number {
    let found = 0;
    for (let i = 0; i < count; i++) if (this.#db.get(keys[i]) !== undefined) found++;
    return found;
  }

  getAsync(slice: Slice): number {
    return this.get(slice);
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

  range({ keys, count }: Slice, entries: number): number {
    let read = 0;
    for (let i = 0; i < count; i++) {
      for (const [key, value] of this.#db.scan({ gte: keys[i], limit: entries })) {
        if (key.length + value.length > 0) read++;
      }
    }
    return read;
  }
}
