/** What the project wants to reach, as data, and whether a result says that it does. */
import type { EngineResult, Quantity, Run, Target, TargetResult } from './result.ts';

const MILLION = 1_000_000;

/** Of a run of 1,000,000 entries with values of 100 bytes. */
function faster(
  workload: string,
  engine: Target['engine'],
  ratios: Readonly<Record<string, number>>,
): readonly Target[] {
  return Object.entries(ratios).map(([against, bound]) =>
    target({ workload, engine, quantity: 'opsPerSecond', against, bound, entries: MILLION }),
  );
}

function target(parts: Omit<Target, 'valueBytes'>): Target {
  return { ...parts, valueBytes: 100 };
}

/** In nanoseconds. */
const MILLISECOND = 1e6;

export const TARGETS: readonly Target[] = [
  ...faster('readrandom', 'mini-lsm', { 'classic-level': 4, lmdb: 1.8, 'better-sqlite3': 4, rocksdb: 1.2 }),
  ...faster('readmissing', 'mini-lsm', { 'classic-level': 2, lmdb: 2, rocksdb: 0.7 }),
  ...faster('readseq', 'mini-lsm', { 'classic-level': 6, lmdb: 2.5, rocksdb: 0.5 }),
  ...faster('readreverse', 'mini-lsm', { 'classic-level': 6, lmdb: 2.5, rocksdb: 0.5 }),
  ...faster('seekrandom', 'mini-lsm', { 'classic-level': 20, lmdb: 3, rocksdb: 1 }),
  ...faster('fillrandom', 'mini-lsm', { 'classic-level': 20, lmdb: 2.5, 'better-sqlite3': 6, rocksdb: 1.3 }),
  ...faster('fillbatch', 'mini-lsm', { 'classic-level': 1.6, lmdb: 5, 'better-sqlite3': 12 }),
  { ...faster('fillbatch', 'mini-lsm', { rocksdb: 2 })[0], againstWorkload: 'fillrandom' },
  ...faster('fillseq', 'mini-lsm', { rocksdb: 1 }),
  ...faster('fillsync100', 'mini-level', { 'classic-level': 2, rocksdb: 1 }),
  ...faster('readwhilewriting', 'mini-lsm', { 'classic-level': 4 }),
  atMost('readwhilewriting', 'p999', 'classic-level', 1, MILLION),
  atMost('load', 'p9999', 'classic-level', 1, 10 * MILLION),
  atMost('load', 'slowest', null, 200 * MILLISECOND, 10 * MILLION),
  atMost('compact', 'diskBytes', 'classic-level', 1, MILLION),
  atMost('load', 'writeAmplification', 'rocksdb', 1.2, 10 * MILLION),
  atMost('load', 'peakBytes', 'classic-level', 1.5, 10 * MILLION),
  atMost('openclean', 'milliseconds', 'classic-level', 1, 10 * MILLION),
  atMost('opencrash', 'milliseconds', 'classic-level', 1, 10 * MILLION),

  // The same calls of abstract-level on both sides.
  ...faster('readasync', 'mini-level', { 'classic-level': 8 }),
  ...faster('multiget', 'mini-level', { 'classic-level': 3 }),
  ...faster('readiterate', 'mini-level', { 'classic-level': 4 }),
  ...faster('rangerandom', 'mini-level', { 'classic-level': 8 }),
  ...faster('fillconcurrent', 'mini-level', { 'classic-level': 2.5 }),
];

function atMost(
  workload: string,
  quantity: Quantity,
  against: string | null,
  bound: number,
  entries: number,
): Target {
  return target({ workload, engine: 'mini-lsm', quantity, against, bound, entries });
}

export function isMoreBetter(quantity: Quantity): boolean {
  return quantity === 'opsPerSecond';
}

/** What the runs say of every target. */
export function judge(runs: readonly Run[], targets: readonly Target[] = TARGETS): readonly TargetResult[] {
  return targets.map((target) => {
    const run = runs.find(
      ({ entries, valueBytes }) => entries === target.entries && valueBytes === target.valueBytes,
    );
    const { workload, engine, against, againstWorkload = workload, quantity, bound } = target;
    const ours = figureOf(run, workload, engine, quantity);
    const theirs = against === null ? null : figureOf(run, againstWorkload, against, quantity);
    const ratio = ours === null || theirs === null ? null : ours / theirs;
    const judged = against === null ? ours : ratio;
    const met = judged === null ? null : isMoreBetter(quantity) ? judged >= bound : judged <= bound;
    return { ...target, ours, theirs, ratio, met };
  });
}

function figureOf(run: Run | undefined, workload: string, engine: string, quantity: Quantity): number | null {
  const found = run?.workloads.find((candidate) => candidate.workload === workload);
  const result = found?.engines.find((candidate) => candidate.engine === engine);
  return result === undefined ? null : quantityOf(result, quantity);
}

function quantityOf(result: EngineResult, quantity: Quantity): number | null {
  switch (quantity) {
    case 'opsPerSecond':
    case 'diskBytes':
    case 'peakBytes':
    case 'writeAmplification':
      return result[quantity];
    case 'p999':
    case 'p9999':
    case 'slowest':
      return result.latency?.[quantity] ?? null;
    case 'milliseconds':
      return 1000 / result.opsPerSecond;
  }
}
