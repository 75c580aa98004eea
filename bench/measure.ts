/**
 * Measures rows on one engine. Every row checks what it read, so that no figure comes from an engine that
 * did less than it was asked for.
 */
import { Clock, type Measurement } from './clock.ts';
import type { Engine } from './engine.ts';
import { Permutation } from './permutation.ts';
import { operationsOf, type RowName } from './rows.ts';
import { SLICE, type Slice, type Workload } from './workload.ts';

/** How far a seek walks. */
const SEEK_ENTRIES = 10;

type OnProgress = (operationsDone: number) => void;

/** Runs a row on a database that is in the state which the row wants. */
export async function measure(
  engine: Engine,
  row: RowName,
  workload: Workload,
  entries: number,
  seed: number,
  onProgress: OnProgress,
): Promise<Measurement> {
  const operations = operationsOf(row, entries);
  // Another order for each row: a row must not find the blocks that the one before left in the cache.
  const order = new Permutation(entries, seed + row.length * 31 + row.charCodeAt(0) * 7 + row.charCodeAt(4));
  const random = (operation: number): number => 2 * order.at(operation);
  const missing = (operation: number): number => random(operation) + 1;
  const ascending = (operation: number): number => 2 * operation;
  const slices = (numberAt: (operation: number) => number, run: (slice: Slice) => unknown) =>
    timeSlices(workload, operations, numberAt, run, onProgress);

  switch (row) {
    case 'fillseq':
      return slices(ascending, (slice) => engine.put(slice));
    case 'fillrandom':
    case 'overwrite':
      return slices(random, (slice) => engine.put(slice));
    case 'fillbatch':
      return slices(random, (slice) => engine.batch(slice));
    case 'deleterandom':
      return slices(random, (slice) => engine.delete(slice));
    case 'readrandom':
      return counted(operations, slices, random, (slice) => engine.get(slice));
    case 'readrandomasync':
      return counted(operations, slices, random, (slice) => engine.getAsync(slice));
    case 'readmissing':
      return counted(0, slices, missing, (slice) => engine.get(slice));
    case 'readseq':
      return timeWalk(engine, false, entries);
    case 'readreverse':
      return timeWalk(engine, true, entries);
    case 'seekrandom':
      return counted(entriesFrom(operations, random, entries), slices, random, (slice) =>
        engine.seek(slice, SEEK_ENTRIES),
      );
    case 'scanrandom':
      return counted(entriesFrom(operations, random, entries), slices, random, (slice) =>
        engine.range(slice, SEEK_ENTRIES),
      );
  }
}

/** Fills a database with all entries, unmeasured. */
export async function load(engine: Engine, workload: Workload, entries: number, seed: number): Promise<void> {
  const order = new Permutation(entries, seed);
  for (let start = 0; start < entries; start += SLICE) {
    await engine.batch(workload.slice(start, entries, (operation) => 2 * order.at(operation)));
  }
}

async function timeSlices(
  workload: Workload,
  operations: number,
  numberAt: (operation: number) => number,
  run: (slice: Slice) => unknown,
  onProgress: OnProgress,
): Promise<Measurement> {
  const clock = new Clock();
  for (let start = 0; start < operations; start += SLICE) {
    const slice = workload.slice(start, operations, numberAt);
    clock.start();
    const result = run(slice);
    // A synchronous engine is not made to wait for a turn of the event loop.
    if (result instanceof Promise) await result;
    clock.stop();
    onProgress(start + slice.count);
  }
  return clock.measurement(operations);
}

async function counted(
  expected: number,
  slices: (numberAt: (operation: number) => number, run: (slice: Slice) => unknown) => Promise<Measurement>,
  numberAt: (operation: number) => number,
  run: (slice: Slice) => number | Promise<number>,
): Promise<Measurement> {
  let found = 0;
  const measurement = await slices(numberAt, (slice) => {
    const count = run(slice);
    if (typeof count !== 'number') return count.then((number) => (found += number));
    found += count;
    return undefined;
  });
  check(found, expected);
  return measurement;
}

async function timeWalk(engine: Engine, reverse: boolean, entries: number): Promise<Measurement> {
  const clock = new Clock();
  clock.start();
  const count = await engine.walk(reverse);
  clock.stop();
  check(count, entries);
  return clock.measurement(entries);
}

/** How many entries the seeks read: near the end of the range there are fewer than ten. */
function entriesFrom(operations: number, random: (operation: number) => number, entries: number): number {
  let sum = 0;
  for (let i = 0; i < operations; i++) sum += Math.min(SEEK_ENTRIES, entries - random(i) / 2);
  return sum;
}

function check(found: number, expected: number): void {
  if (found !== expected)
    throw new Error(`the engine read ${found} entries and should have read ${expected}`);
}
