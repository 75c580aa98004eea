/**
 * One pass of a row over one engine: makes the operations, times them, and checks what was read, so that no
 * figure comes from an engine that did less than it was asked for.
 */
import { Clock, type Measurement } from './clock.ts';
import type { Count, Engine } from './engine.ts';
import { mix, Permutation } from './permutation.ts';
import { SLICE, type Slice, type Workload } from './workload.ts';

/** A cache is warmed by a read of every so many entries, which are fewer than a block holds. */
const WARMING_STEP = 20;

type NumberAt = (operation: number) => number;

/** What a pass is to do. */
export interface PassOptions {
  /** Its name gives the row an order of its own: it must not find the blocks that the one before left in the cache. */
  readonly row: string;
  readonly operations: number;
  /** Entries of the loaded database. */
  readonly entries: number;
  readonly seed: number;
  readonly onProgress: (operationsDone: number) => void;
}

export class Pass {
  readonly ascending: NumberAt = (operation) => 2 * operation;
  readonly random: NumberAt = (operation) => 2 * this.#order.at(operation);
  readonly #workload: Workload;
  readonly #options: PassOptions;
  readonly #order: Permutation;

  constructor(workload: Workload, options: PassOptions) {
    this.#workload = workload;
    this.#options = options;
    this.#order = new Permutation(options.entries, options.seed + hashOf(options.row));
  }

  /** Writes, a slice a call. */
  write(numberAt: NumberAt, run: (slice: Slice) => void | Promise<void>): Promise<Measurement> {
    return this.#slices(numberAt, run);
  }

  /** Reads of keys that are there, in random order; each is to give up to so many entries from there on. */
  read(entriesEach: number, run: (slice: Slice) => Count): Promise<Measurement> {
    const { operations, entries } = this.#options;
    let expected = 0;
    for (let i = 0; i < operations; i++) expected += Math.min(entriesEach, entries - this.#order.at(i));
    return this.#counted(expected, this.random, run);
  }

  /** Reads of keys that lie between those that are there. */
  readMissing(run: (slice: Slice) => Count): Promise<Measurement> {
    return this.#counted(0, (operation) => this.random(operation) + 1, run);
  }

  /** A walk over all entries. */
  async walk(run: () => Count): Promise<Measurement> {
    const { entries } = this.#options;
    const clock = new Clock();
    clock.start();
    const count = await run();
    clock.stop();
    check(count, entries);
    return clock.measurement(entries);
  }

  async #counted(expected: number, numberAt: NumberAt, run: (slice: Slice) => Count): Promise<Measurement> {
    let found = 0;
    const measurement = await this.#slices(numberAt, (slice) => {
      const count = run(slice);
      if (typeof count !== 'number') return count.then((number) => (found += number));
      found += count;
      return undefined;
    });
    check(found, expected);
    return measurement;
  }

  async #slices(numberAt: NumberAt, run: (slice: Slice) => unknown): Promise<Measurement> {
    const { operations, onProgress } = this.#options;
    const clock = new Clock();
    for (let start = 0; start < operations; start += SLICE) {
      const slice = this.#workload.slice(start, operations, numberAt);
      clock.start();
      const result = run(slice);
      // A synchronous engine is not made to wait for a turn of the event loop.
      if (result instanceof Promise) await result;
      clock.stop();
      onProgress(start + slice.count);
    }
    return clock.measurement(operations);
  }
}

/** Fills a database with all entries, unmeasured. */
export async function load(engine: Engine, workload: Workload, entries: number, seed: number): Promise<void> {
  const order = new Permutation(entries, seed);
  for (let start = 0; start < entries; start += SLICE) {
    await engine.batch(workload.slice(start, entries, (operation) => 2 * order.at(operation)));
  }
}

/** Reads a key of every block, unmeasured, so that the cache holds what it can. */
export async function warmCache(engine: Engine, workload: Workload, entries: number): Promise<void> {
  const reads = Math.floor(entries / WARMING_STEP);
  for (let start = 0; start < reads; start += SLICE) {
    const slice = workload.slice(start, reads, (operation) => 2 * WARMING_STEP * operation);
    check(await engine.get(slice), slice.count);
  }
}

function hashOf(name: string): number {
  let hash = 0;
  for (let i = 0; i < name.length; i++) hash = mix(hash + name.charCodeAt(i));
  return hash;
}

function check(found: number, expected: number): void {
  if (found !== expected)
    throw new Error(`the engine read ${found} entries and should have read ${expected}`);
}
