/** What may be there after the crash: everything acknowledged, and at most the one write in flight, whole. */
import { mismatch } from './compare.ts';
import { writePlan } from './write-plan.ts';

/**
 * Checks the number of records found against the plan of the writer, of `records` records by `seed`. That
 * they are the first ones of the load order is for the caller to check.
 */
export function checkCrashPoint(seed: number, records: number, acknowledged: number, found: number): void {
  if (found < acknowledged) {
    throw mismatch(`${acknowledged} records were acknowledged and only ${found} are there`);
  }
  for (const { start, end } of writePlan(seed, records)) {
    if (start !== acknowledged) continue;
    if (found === start || found === end) return;
    throw mismatch(
      `${found} records are there; only ${start} or, with the write in flight, ${end} are possible`,
    );
  }
  throw mismatch(`no write of the plan begins after ${acknowledged} records`);
}
