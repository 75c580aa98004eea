/**
 * The process in which one engine lives for one round. The parent asks for one row at a time, so that both
 * engines are measured in turns; the database of the reading rows stays open in between.
 */
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Measurement } from './clock.ts';
import type { Engine, EngineName } from './engine.ts';
import { load, Pass, warmCache } from './pass.ts';
import { settle } from './settle.ts';
import { operationsOf, type Row, type Rows } from './suite.ts';
import { type Encoding, Workload } from './workload.ts';

/** How the process is started. */
export interface ChildSetup {
  readonly engine: EngineName;
  readonly entries: number;
  readonly encoding: Encoding;
  /** Undefined for its default. */
  readonly classicLevelCacheBytes: number | undefined;
  readonly seed: number;
  /** The rows that will be asked for. */
  readonly rows: readonly string[];
  /** A directory that belongs to this process; the parent removes it. */
  readonly directory: string;
}

export type ChildRequest = { readonly row: string } | 'finish';

export type ChildAnswer =
  | { readonly kind: 'progress'; readonly done: number }
  | { readonly kind: 'measured'; readonly measurement: Measurement }
  | { readonly kind: 'finished'; readonly footprint: Footprint }
  | { readonly kind: 'failed'; readonly error: string };

/** Sizes in bytes. */
export interface Footprint {
  /** The files of the loaded database, before it was changed; undefined if no row needed one. */
  readonly diskBytes: number | undefined;
  /** Resident memory of the process before it opened a database, and the most it ever was. */
  readonly restingBytes: number;
  readonly peakBytes: number;
}

/** The parent is told of the progress this often. */
const PROGRESS_OPERATIONS = 10_000;

/** All reading rows look at what the load left behind: it gets more time to settle than a row. */
const LOADED_RESTING_MILLISECONDS = 500;

/** Every row is run once on a small database first, so that what is measured is compiled code. */
const WARM_UP_ENTRIES = 10_000;

/** What the rows are measured on. */
export interface Served<E extends Engine> {
  readonly rows: Rows<Row<E>>;
  /** Whether the reading rows begin with a cache that holds what it can. */
  readonly startsWarm: boolean;
  open(directory: string, setup: ChildSetup): Promise<E>;
}

/** Measures rows for as long as the parent asks for them. */
export function serve<E extends Engine>(served: Served<E>): void {
  const session = new Session(served, JSON.parse(process.argv[2]));
  let last = session.warmUp();
  process.on('message', (request: ChildRequest) => {
    last = last.then(() => session.handle(request)).catch(fail);
  });
}

class Session<E extends Engine> {
  readonly #served: Served<E>;
  readonly #setup: ChildSetup;
  readonly #workload: Workload;
  readonly #restingBytes = process.memoryUsage.rss();
  #loaded: E | undefined;
  #diskBytes: number | undefined;

  constructor(served: Served<E>, setup: ChildSetup) {
    this.#served = served;
    this.#setup = setup;
    this.#workload = new Workload(setup.encoding, setup.seed);
  }

  async handle(request: ChildRequest): Promise<void> {
    if (request !== 'finish') {
      send({ kind: 'measured', measurement: await this.#runRow(request.row) });
      return;
    }
    await this.#loaded?.close();
    const peakBytes = process.resourceUsage().maxRSS * 1024;
    const footprint = { diskBytes: this.#diskBytes, restingBytes: this.#restingBytes, peakBytes };
    send({ kind: 'finished', footprint });
    process.disconnect();
  }

  warmUp(): Promise<void> {
    const entries = Math.min(WARM_UP_ENTRIES, this.#setup.entries);
    return this.#inDirectory(async (directory) => {
      const full = await this.#open(join(directory, 'full'));
      await load(full, this.#workload, entries, this.#setup.seed);
      for (const row of this.#setup.rows) {
        const isFresh = this.#served.rows[row].database === 'empty';
        const engine = isFresh ? await this.#open(join(directory, row)) : full;
        await this.#measure(engine, row, entries, () => {});
        if (isFresh) await engine.close();
      }
      await full.close();
    });
  }

  async #runRow(row: string): Promise<Measurement> {
    const { entries } = this.#setup;
    const progress = (done: number): void => {
      if (done % PROGRESS_OPERATIONS === 0) send({ kind: 'progress', done });
    };
    if (this.#served.rows[row].database === 'empty') {
      return this.#inDirectory(async (directory) => {
        const engine = await this.#open(directory);
        const measurement = await this.#measure(engine, row, entries, progress);
        await engine.close();
        return measurement;
      });
    }
    this.#loaded ??= await this.#openLoaded();
    const measurement = await this.#measure(this.#loaded, row, entries, progress);
    await settle();
    return measurement;
  }

  #measure(
    engine: E,
    row: string,
    entries: number,
    onProgress: (done: number) => void,
  ): Promise<Measurement> {
    const { seed } = this.#setup;
    const description = this.#served.rows[row];
    const operations = operationsOf(description, entries);
    return description.run(new Pass(this.#workload, { row, operations, entries, seed, onProgress }), engine);
  }

  async #openLoaded(): Promise<E> {
    const { directory: parent, entries, seed } = this.#setup;
    const directory = mkdtempSync(join(parent, 'loaded-'));
    const engine = await this.#open(directory);
    await load(engine, this.#workload, entries, seed);
    await settle(LOADED_RESTING_MILLISECONDS);
    this.#diskBytes = sizeOf(directory);
    if (this.#served.startsWarm) await warmCache(engine, this.#workload, entries);
    return engine;
  }

  #open(directory: string): Promise<E> {
    return this.#served.open(directory, this.#setup);
  }

  async #inDirectory<Result>(run: (directory: string) => Promise<Result>): Promise<Result> {
    const directory = mkdtempSync(join(this.#setup.directory, 'row-'));
    try {
      return await run(directory);
    } finally {
      rmSync(directory, { recursive: true, force: true });
      await settle();
    }
  }
}

function sizeOf(directory: string): number {
  return readdirSync(directory).reduce((sum, name) => sum + statSync(join(directory, name)).size, 0);
}

function send(answer: ChildAnswer): void {
  process.send?.(answer);
}

function fail(error: unknown): void {
  send({ kind: 'failed', error: error instanceof Error ? (error.stack ?? error.message) : String(error) });
  process.exitCode = 1;
  process.disconnect();
}
