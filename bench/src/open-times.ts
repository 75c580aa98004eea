/**
 * How long a database takes to open and to answer its first read: after it was closed, or as a process leaves it
 * that dies. Such a state is a copy of the files while the database is open and has writes in its log.
 */
import { cpSync, readdirSync, rmSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { Clock } from './clock.ts';
import { type DataMaker, SLICE } from './data.ts';
import type { Engine } from './engine.ts';
import { check, type Timing } from './pass.ts';
import { Permutation } from './permutation.ts';
import { settle } from './settle.ts';

const CLEAN_OPENINGS = 10;
/** Each of them has a copy made for it. */
const CRASHED_OPENINGS = 3;

/** Until its background work has ended. */
const MOST_COPIES = 50;

/** Writes after the load, so that there is a log to be read. */
const UNFLUSHED_ENTRIES = 20_000;

export interface OpenTimesOptions {
  readonly directory: string;
  readonly open: (directory: string) => Promise<Engine>;
  readonly after: 'close' | 'crash';
  readonly maker: DataMaker;
  readonly entries: number;
}

/** @param loaded is closed. */
export async function openTimes(loaded: Engine, options: OpenTimesOptions): Promise<Timing> {
  const clock = new Clock();
  if (options.after === 'close') {
    await loaded.close();
    for (let i = 0; i < CLEAN_OPENINGS; i++) await timedOpening(options.directory, options, clock);
    return timing(clock, CLEAN_OPENINGS);
  }
  await overwriteSome(loaded, options);
  const source = options.directory;
  for (let i = 0; i < CRASHED_OPENINGS; i++) {
    const copy = `${source} crashed`;
    await copyAtRest(source, copy);
    await timedOpening(copy, options, clock);
    rmSync(copy, { recursive: true, force: true });
  }
  await loaded.close();
  return timing(clock, CRASHED_OPENINGS);
}

/**
 * Copies the files of an open database as they are at one moment: when the names and sizes before and after the
 * copying differ, background work has come between, and the copy is none that a crash could leave.
 */
async function copyAtRest(from: string, to: string): Promise<void> {
  for (let tries = 0; tries < MOST_COPIES; tries++) {
    await settle();
    const before = listing(from);
    try {
      // Locks are of the living.
      cpSync(from, to, { recursive: true, filter: (path) => !/^lock/i.test(basename(path)) });
      if (listing(from) === before) return;
    } catch (error) {
      // A file that was listed is gone.
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    }
    rmSync(to, { recursive: true, force: true });
  }
  throw new Error('its files never rest');
}

function listing(directory: string): string {
  const names = readdirSync(directory).sort();
  return names
    .map((name) => `${name} ${statSync(join(directory, name), { throwIfNoEntry: false })?.size}`)
    .join('\n');
}

async function timedOpening(
  directory: string,
  { open, maker, entries }: OpenTimesOptions,
  clock: Clock,
): Promise<void> {
  const key = maker.key(2 * Math.floor(entries / 2));
  clock.start();
  const engine = await open(directory);
  const found = engine.get(key);
  clock.stop();
  check(found === undefined ? 0 : 1, 1);
  await engine.close();
}

async function overwriteSome(engine: Engine, { maker, entries }: OpenTimesOptions): Promise<void> {
  const order = new Permutation(entries, 1);
  const count = Math.min(UNFLUSHED_ENTRIES, entries);
  for (let start = 0; start < count; start += SLICE) {
    await engine.batch(maker.slice(start, count, (operation) => 2 * order.at(operation)));
  }
}

function timing(clock: Clock, operations: number): Timing {
  const { milliseconds, cpuMilliseconds } = clock;
  return { operations, milliseconds, cpuMilliseconds, userBytes: 0, latency: null, timeline: [] };
}
