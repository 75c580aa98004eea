/**
 * One pass of a workload over one engine: makes the operations, times them, and checks what was read, so that no
 * figure comes from an engine that did less than it was asked for.
 *
 * A pass ends when all operations are done or its time is over: slower engines then do fewer of the same sequence.
 */
import { Clock } from './clock.ts';
import { type Data, type DataMaker, KEY_BYTES, SLICE, type Slice } from './data.ts';
import type { Count } from './engine.ts';
import { Latencies, type Watch } from './latencies.ts';
import { mix, Permutation } from './permutation.ts';
import type { Latency, Sample } from './result.ts';

/** What a pass is to do. */
export interface PassOptions {
  /** Its name gives the workload an order of its own: it must not find the blocks that the one before left in the cache. */
  readonly workload: string;
  /** The most operations. */
  readonly operations: number;
  /** Entries of the database. */
  readonly entries: number;
  readonly seed: number;
  /** Infinity for no limit. */
  readonly seconds: number;
  readonly onProgress: (operationsDone: number) => void;
  /** What the engine has taken so far. */
  readonly watch: Watch;
}

/** What came of it. */
export interface Timing {
  readonly operations: number;
  readonly milliseconds: number;
  readonly cpuMilliseconds: number;
  /** Keys and values that were written. */
  readonly userBytes: number;
  readonly latency: Latency | null;
  readonly timeline: readonly Sample[];
}

type NumberAt = (operation: number) => number;

/** Single operations: the key of each, and how it is done. */
export interface Operations {
  readonly keyAt: NumberAt;
  /** How much the operation is to find; nothing if it is not given. Asked after `keyAt`. */
  readonly expects?: NumberAt;
  readonly writes?: boolean;
  /** `index` is that in its slice. Gives what it found: a number counts so many, anything else but undefined one. */
  readonly act: (key: Data, value: Data, index: number) => unknown;
}

export class Pass {
  readonly maker: DataMaker;
  readonly entries: number;
  readonly seed: number;
  readonly #options: PassOptions;
  readonly #order: Permutation;
  readonly #clock = new Clock();
  #userBytes = 0;
  #done = 0;

  constructor(maker: DataMaker, options: PassOptions) {
    this.maker = maker;
    this.entries = options.entries;
    this.seed = options.seed + hashOf(options.workload);
    this.#options = options;
    this.#order = new Permutation(options.entries, this.seed);
  }

  /** Keys of entries, in their order. */
  readonly ascending: NumberAt = (operation) => 2 * operation;

  /** Keys of entries, each once, in random order. */
  readonly random: NumberAt = (operation) => 2 * this.#order.at(operation);

  /** Keys that lie between those of entries. */
  readonly missing: NumberAt = (operation) => this.random(operation) + 1;

  /** How many entries there are from a key on, at most `limit`. */
  entriesFrom(number: number, limit: number): number {
    return Math.min(limit, this.entries - number / 2);
  }

  /** One operation at a time. */
  async each(operations: Operations): Promise<Timing> {
    await this.#slices(operations, (slice) => runPlain(operations.act, slice));
    return this.#timing();
  }

  /** One operation at a time, each looked at by itself. */
  async eachTimed(operations: Operations): Promise<Timing> {
    const latencies = new Latencies(this.#options.operations, this.#options.watch);
    await this.#slices(operations, (slice) => runTimed(operations.act, slice, latencies));
    return this.#timing(latencies);
  }

  /** A slice a call. */
  async sliced(
    operations: Omit<Operations, 'act'>,
    run: (slice: Slice) => Promise<unknown> | unknown,
  ): Promise<Timing> {
    await this.#slices(operations, run);
    return this.#timing();
  }

  /** Writers at the same time, each of which waits for its write before it does the next. */
  writers(count: number, write: (key: Data, value: Data) => Promise<unknown>): Promise<Timing> {
    return this.sliced({ keyAt: this.random, writes: true }, async (slice) => {
      const writer = async (first: number): Promise<void> => {
        for (let i = first; i < slice.count; i += count) await write(slice.keys[i], slice.values[i]);
      };
      await Promise.all(Array.from({ length: Math.min(count, slice.count) }, (_, first) => writer(first)));
    });
  }

  /** Batches of random writes, and after each of them as many reads, which are timed one by one. */
  async readsBetween(batch: (slice: Slice) => unknown, read: (key: Data) => unknown): Promise<Timing> {
    const latencies = new Latencies(this.#options.operations, this.#options.watch);
    const writes = new Permutation(this.entries, this.seed + 1);
    let start = 0;
    await this.#slices({ keyAt: this.random, expects: () => 1, writes: true }, async (slice) => {
      const written = this.maker.slice(
        start,
        this.#options.operations,
        (at) => 2 * writes.at(at),
        changeAt(start),
      );
      start += slice.count;
      const result = batch(written);
      if (result instanceof Promise) await result;
      return runTimed(read, slice, latencies);
    });
    return this.#timing(latencies);
  }

  /** A walk over all entries. */
  async walk(run: () => Count): Promise<Timing> {
    this.#clock.start();
    const count = await run();
    this.#clock.stop();
    check(count, this.entries);
    this.#done = this.entries;
    return this.#timing();
  }

  /** Something that is done once, to all entries. */
  async once(run: () => unknown): Promise<Timing> {
    this.#clock.start();
    await run();
    this.#clock.stop();
    this.#done = this.entries;
    return this.#timing();
  }

  /** Counts keys and values as written, where not every operation writes. */
  wrote(entries: number): void {
    this.#userBytes += entries * (KEY_BYTES + this.maker.valueBytes);
  }

  async #slices(
    { keyAt, expects, writes = false }: Omit<Operations, 'act'>,
    run: (slice: Slice) => Promise<unknown> | unknown,
  ): Promise<void> {
    const { operations, seconds, onProgress } = this.#options;
    for (let start = 0; start < operations && this.#clock.milliseconds < seconds * 1000; start += SLICE) {
      let expected = 0;
      const numberAt: NumberAt = (operation) => {
        const number = keyAt(operation);
        if (expects !== undefined) expected += expects(operation);
        return number;
      };
      const slice = this.maker.slice(start, operations, numberAt, changeAt(start));
      this.#clock.start();
      const result = run(slice);
      const found = result instanceof Promise ? await result : result;
      this.#clock.stop();
      if (expects !== undefined) check(weigh(found), expected);
      if (writes) this.wrote(slice.count);
      this.#done = start + slice.count;
      onProgress(this.#done);
    }
  }

  #timing(latencies?: Latencies): Timing {
    const timed = latencies?.finish();
    return {
      operations: this.#done,
      milliseconds: this.#clock.milliseconds,
      cpuMilliseconds: this.#clock.cpuMilliseconds,
      userBytes: this.#userBytes,
      latency: timed?.latency ?? null,
      timeline: timed?.timeline ?? [],
    };
  }
}

/** Never what the load gave, and another one in every slice. */
function changeAt(start: number): number {
  return 1 + Math.floor(start / SLICE);
}

// Two loops, so that the one does not pay for the clock of the other.

async function runPlain(act: Operations['act'], { keys, values, count }: Slice): Promise<number> {
  let found = 0;
  for (let i = 0; i < count; i++) {
    let result = act(keys[i], values[i], i);
    if (result instanceof Promise) result = await result;
    found += weigh(result);
  }
  return found;
}

async function runTimed(
  act: Operations['act'],
  { keys, values, count }: Slice,
  latencies: Latencies,
): Promise<number> {
  let found = 0;
  for (let i = 0; i < count; i++) {
    const begin = performance.now();
    let result = act(keys[i], values[i], i);
    if (result instanceof Promise) result = await result;
    latencies.record(performance.now() - begin);
    found += weigh(result);
  }
  return found;
}

function weigh(result: unknown): number {
  if (result === undefined) return 0;
  return typeof result === 'number' ? result : 1;
}

function hashOf(name: string): number {
  let hash = 0;
  for (let i = 0; i < name.length; i++) hash = mix(hash + name.charCodeAt(i));
  return hash % 1_000_000;
}

/** @throws Error if they differ. */
export function check(found: number, expected: number): void {
  if (found !== expected) {
    throw new Error(`the engine read ${found} entries and should have read ${expected}`);
  }
}
