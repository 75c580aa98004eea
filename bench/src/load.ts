/** What happens before a workload is measured: filling a database, and its cache. */
import { type DataMaker, KEY_BYTES, SLICE } from './data.ts';
import type { Engine } from './engine.ts';
import { check } from './pass.ts';
import { Permutation } from './permutation.ts';

/** A cache is warmed by a read of one entry in so many bytes, which are fewer than a block holds. */
const WARMING_BYTES = 2048;

/** Fills a database with all entries, in random order. */
export async function load(engine: Engine, maker: DataMaker, entries: number, seed: number): Promise<void> {
  const order = new Permutation(entries, seed);
  for (let start = 0; start < entries; start += SLICE) {
    await engine.batch(maker.slice(start, entries, (operation) => 2 * order.at(operation)));
  }
}

/** Reads a key of every block, so that the cache holds what it can. */
export async function warmCache(engine: Engine, maker: DataMaker, entries: number): Promise<void> {
  const step = Math.max(1, Math.floor(WARMING_BYTES / (KEY_BYTES + maker.valueBytes)));
  const reads = Math.floor(entries / step);
  for (let start = 0; start < reads; start += SLICE) {
    const { keys, count } = maker.slice(start, reads, (operation) => 2 * step * operation);
    let found = 0;
    for (let i = 0; i < count; i++) if (engine.get(keys[i]) !== undefined) found++;
    check(found, count);
  }
}
