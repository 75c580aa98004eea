/**
 * `npm run bench:load`: loads a database that is many times larger than what it may keep in memory, one put
 * at a time in random order, and reports throughput, the time that puts take, memory against its bound,
 * stalls, write amplification and the shape of the tree. Exits with 1 if memory exceeded the bound.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { createHistogram } from 'node:perf_hooks';
import { startProgress } from '../src/cli/progress.ts';
import { MiniLsm } from '../src/index.ts';
import { resolveOptions } from '../src/options.ts';
import { LOAD_HELP, type LoadOptions, parseLoadOptions } from './load-options.ts';
import { type LoadReport, renderLoadReport, type Sample } from './load-report.ts';
import { memoryBound } from './memory-bound.ts';
import { Permutation } from './permutation.ts';
import { settle } from './settle.ts';
import { KEY_BYTES, SLICE, VALUE_BYTES, Workload } from './workload.ts';

/** Blocks of the default cache, with some to spare for those that lookups share. */
const CACHE_READS = 60_000;

/** The report shows the state after each tenth. */
const SAMPLES = 10;

async function main(): Promise<void> {
  const options = parseLoadOptions(process.argv.slice(2));
  if (options === undefined) {
    process.stdout.write(LOAD_HELP);
    return;
  }
  const parent = mkdtempSync(join(options.directory, 'mini-lsm-load-'));
  try {
    const report = await load(options, join(parent, 'db'));
    process.stdout.write(`${options.json ? JSON.stringify(report, null, 2) : renderLoadReport(report)}\n`);
    if (!report.memory.withinBound) process.exitCode = 1;
  } finally {
    rmSync(parent, { recursive: true, force: true });
  }
}

async function load(options: LoadOptions, directory: string): Promise<LoadReport> {
  const { entries } = options;
  const restingBytes = process.memoryUsage.rss();
  const workload = new Workload('view', options.seed);
  const order = new Permutation(entries, options.seed);
  const nanoseconds = createHistogram();
  const samples: Sample[] = [];
  const db = MiniLsm.open(directory);
  const progress = startProgress({ stream: process.stderr, label: 'load', unit: 'records', total: entries });

  // Only the time within put counts; the making of keys does not.
  let milliseconds = 0;
  let sampled = { entries: 0, milliseconds: 0 };
  for (let start = 0; start < entries; start += SLICE) {
    const { keys, values, count } = workload.slice(start, entries, (operation) => 2 * order.at(operation));
    for (let i = 0; i < count; i++) {
      const begin = performance.now();
      db.put(keys[i], values[i]);
      const taken = performance.now() - begin;
      milliseconds += taken;
      nanoseconds.record(Math.max(1, Math.round(taken * 1e6)));
    }
    const done = start + count;
    progress.update(done);
    if (done === entries || done >= ((samples.length + 1) * entries) / SAMPLES) {
      const speed = ((done - sampled.entries) * 1000) / (milliseconds - sampled.milliseconds);
      const residentBytes = process.memoryUsage.rss();
      samples.push({ entries: done, putsPerSecond: speed, residentBytes, stats: db.stats() });
      sampled = { entries: done, milliseconds };
    }
  }
  progress.stop();
  const settleBegin = performance.now();
  await settle();
  const settleMilliseconds = performance.now() - settleBegin;
  const stats = db.stats();
  fillCache(db, workload, order);
  const finalBytes = process.memoryUsage.rss();
  // Linux batches the counters behind maxRSS by thread: for a moment the peak may stand below what is there.
  const peakBytes = Math.max(process.resourceUsage().maxRSS * 1024, finalBytes);
  db.close();

  const bound = memoryBound(resolveOptions());
  return {
    entries,
    userBytes: entries * (KEY_BYTES + VALUE_BYTES),
    putsPerSecond: (entries * 1000) / milliseconds,
    settleMilliseconds,
    putNanoseconds: {
      median: nanoseconds.percentile(50),
      p99: nanoseconds.percentile(99),
      p999: nanoseconds.percentile(99.9),
      p9999: nanoseconds.percentile(99.99),
      slowest: nanoseconds.max,
    },
    memory: { restingBytes, peakBytes, finalBytes, bound, withinBound: peakBytes <= bound.totalBytes },
    samples,
    stats,
  };
}

/** Reads at random until the cache is full, since a load alone never fills it. */
function fillCache(db: MiniLsm, workload: Workload, order: Permutation): void {
  for (let start = 0; start < Math.min(order.size, CACHE_READS); start += SLICE) {
    const { keys, count } = workload.slice(start, order.size, (operation) => 2 * order.at(operation));
    for (let i = 0; i < count; i++) {
      if (db.get(keys[i]) === undefined) throw new Error(`entry ${start + i} is not there`);
    }
  }
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  process.exitCode = 1;
});
