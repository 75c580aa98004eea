/**
 * The process in which one engine lives for one round. The parent asks for one row at a time, so that both
 * engines are measured in turns; the database of the reading rows stays open in between.
 */
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { ClassicLevelEngine } from './classic-level-engine.ts';
import type { Measurement } from './clock.ts';
import type { Engine, EngineName } from './engine.ts';
import { load, measure } from './measure.ts';
import { MiniLsmEngine } from './mini-lsm-engine.ts';
import type { Encoding } from './options.ts';
import { describeRow, type RowName } from './rows.ts';
import { settle } from './settle.ts';
import { Workload } from './workload.ts';

/** How the process is started. */
export interface ChildSetup {
  readonly engine: EngineName;
  readonly entries: number;
  readonly encoding: Encoding;
  readonly seed: number;
  /** The rows that will be asked for. */
  readonly rows: readonly RowName[];
  /** A directory that belongs to this process; the parent removes it. */
  readonly directory: string;
}

export type ChildRequest = { readonly row: RowName } | 'finish';

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

/** Every row is run once on a small database first, so that what is measured is compiled code. */
const WARM_UP_ENTRIES = 10_000;

const setup: ChildSetup = JSON.parse(process.argv[2]);
const workload = new Workload(setup.encoding, setup.seed);
const restingBytes = process.memoryUsage.rss();
let loaded: Engine | undefined;
let diskBytes: number | undefined;

let last: Promise<void> = warmUp();
process.on('message', (request: ChildRequest) => {
  last = last.then(() => handle(request)).catch(fail);
});

async function handle(request: ChildRequest): Promise<void> {
  if (request !== 'finish') {
    send({ kind: 'measured', measurement: await runRow(request.row) });
    return;
  }
  await loaded?.close();
  const peakBytes = process.resourceUsage().maxRSS * 1024;
  send({ kind: 'finished', footprint: { diskBytes, restingBytes, peakBytes } });
  process.disconnect();
}

async function runRow(row: RowName): Promise<Measurement> {
  const { entries, seed } = setup;
  const progress = (done: number): void => {
    if (done % PROGRESS_OPERATIONS === 0) send({ kind: 'progress', done });
  };
  if (describeRow(row).database === 'empty') {
    return inDirectory(async (directory) => {
      const engine = await open(directory);
      const measurement = await measure(engine, row, workload, entries, seed, progress);
      await engine.close();
      return measurement;
    });
  }
  loaded ??= await openLoaded();
  const measurement = await measure(loaded, row, workload, entries, seed, progress);
  await settle();
  return measurement;
}

async function openLoaded(): Promise<Engine> {
  const directory = mkdtempSync(join(setup.directory, 'loaded-'));
  const engine = await open(directory);
  await load(engine, workload, setup.entries, setup.seed);
  await settle();
  diskBytes = sizeOf(directory);
  return engine;
}

function warmUp(): Promise<void> {
  const entries = Math.min(WARM_UP_ENTRIES, setup.entries);
  const { seed } = setup;
  return inDirectory(async (directory) => {
    const full = await open(join(directory, 'full'));
    await load(full, workload, entries, seed);
    for (const row of setup.rows) {
      const isFresh = describeRow(row).database === 'empty';
      const engine = isFresh ? await open(join(directory, row)) : full;
      await measure(engine, row, workload, entries, seed, () => {});
      if (isFresh) await engine.close();
    }
    await full.close();
  });
}

async function open(directory: string): Promise<Engine> {
  if (setup.engine === 'mini-lsm') return new MiniLsmEngine(directory);
  return ClassicLevelEngine.open(directory, setup.encoding);
}

async function inDirectory<Result>(run: (directory: string) => Promise<Result>): Promise<Result> {
  const directory = mkdtempSync(join(setup.directory, 'row-'));
  try {
    return await run(directory);
  } finally {
    rmSync(directory, { recursive: true, force: true });
    await settle();
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
