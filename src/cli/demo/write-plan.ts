/**
 * How the writer cuts the records into atomic writes. The plan follows from the seed alone, so the demo
 * knows which prefixes of the load order a crash may leave, and that it leaves no part of a batch.
 */
import { randomBetween, seededRandom } from './random.ts';

/** The writer starts with leave for so many stretches, and gets one more whenever it begins its last. */
export const FIRST_STRETCHES = 2;

/** How many records one stretch has: a tenth of them all. */
export function stretchOf(count: number): number {
  return Math.ceil(count / 10);
}

const LARGEST_BATCH = 64;
/** One write in so many waits for the disk. */
const SYNC_ONE_IN = 64;

export interface PlannedWrite {
  /** The records [start, end) of the load order. */
  readonly start: number;
  readonly end: number;
  readonly sync: boolean;
}

/** The writes that store `count` records: single records and batches, some of them synced. */
export function* writePlan(seed: number, count: number): Generator<PlannedWrite> {
  const random = seededRandom(seed + 1);
  let start = 0;
  while (start < count) {
    const size = random() < 0.25 ? 1 : randomBetween(random, 2, LARGEST_BATCH);
    const end = Math.min(count, start + size);
    yield { start, end, sync: random() * SYNC_ONE_IN < 1 };
    start = end;
  }
}
