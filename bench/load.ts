/**
 * `npm run bench:load`: loads many entries in random order, one `put` at a time, and reports how long the
 * puts took, how much memory the process had, and what the tree looks like afterwards.
 *
 * Memory is compared with what the options allow: active and frozen memtables and the block cache, and a
 * fixed allowance for Node.js, the worker thread's heap, and the buffers of flushes and merges.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createHistogram, performance } from 'node:perf_hooks';
import { parseArgs } from 'node:util';
import { SingleBar } from 'cli-progress';
import { humanBytes, humanCount } from '../src/cli/human.ts';
import { type Column, renderTable } from '../src/cli/tables.ts';
import { MiniLsm, type Stats } from '../src/index.ts';
import { resolveOptions } from '../src/options.ts';
import { wholeNumber } from './options.ts';
import { Permutation } from './permutation.ts';
import { KEY_BYTES, SLICE, VALUE_BYTES, Workload } from './workload.ts';

/** What the process may have beyond memtables and cache: two V8 heaps and the buffers of jobs, bytes. */
const FIXED_ALLOWANCE = 256 * 1024 * 1024;

const HELP = `Loads entries in random order by single puts; reports latency, memory and the tree.

  --entries N   how many (default 10000000: 1.1 GB)
  --seed N      seed of the order and the values (default 1)
  --dir PATH    where the database is made and removed again (default: the temporary directory)
  --json        the report as JSON
`;

interface LoadReport {
  readonly entries: number;
  readonly seconds: number;
  readonly putsPerSecond: number;
  /** Latencies of single puts, microseconds. */
  readonly latency: Readonly<Record<'median' | 'p99' | 'p99.9' | 'p99.99' | 'slowest', number>>;
  /** Resident memory, bytes. */
  readonly memory: { readonly peak: number; readonly end: number; readonly allowed: number };
  readonly stats: Stats;
}

function load(entries: number, seed: number, directory: string): LoadReport {
  const db = MiniLsm.open(directory);
  const bar = new SingleBar({
    format: 'loading [{bar}] {percentage}% | {value}/{total} | {duration_formatted}',
  });
  if (process.stderr.isTTY) bar.start(entries, 0);
  const latencies = createHistogram();
  const order = new Permutation(entries, seed);
  const workload = new Workload('view', seed);
  let peak = 0;
  let milliseconds = 0;
  for (let start = 0; start < entries; start += SLICE) {
    const { keys, values, count } = workload.slice(start, entries, (operation) => 2 * order.at(operation));
    const begin = performance.now();
    let before = process.hrtime.bigint();
    for (let i = 0; i < count; i++) {
      db.put(keys[i], values[i]);
      const now = process.hrtime.bigint();
      latencies.record(now - before);
      before = now;
    }
    milliseconds += performance.now() - begin;
    peak = Math.max(peak, process.memoryUsage.rss());
    bar.update(start + count);
  }
  bar.stop();
  const stats = db.stats();
  db.close();
  const microseconds = (percentile: number): number => latencies.percentile(percentile) / 1000;
  return {
    entries,
    seconds: milliseconds / 1000,
    putsPerSecond: Math.round((entries * 1000) / milliseconds),
    latency: {
      median: microseconds(50),
      p99: microseconds(99),
      'p99.9': microseconds(99.9),
      'p99.99': microseconds(99.99),
      slowest: latencies.max / 1000,
    },
    memory: { peak, end: process.memoryUsage.rss(), allowed: allowedMemory() },
    stats,
  };
}

function allowedMemory(): number {
  const { memtableBytes, maxFrozenMemtables, cacheBytes } = resolveOptions();
  return memtableBytes * (1 + maxFrozenMemtables) + cacheBytes + FIXED_ALLOWANCE;
}

function render(report: LoadReport): string {
  const { entries, latency, memory, stats } = report;
  const micros = (value: number): string =>
    value < 1000 ? `${value.toFixed(1)} us` : `${(value / 1000).toFixed(1)} ms`;
  const levels = stats.levels.filter(({ files }) => files > 0);
  const stalls = Object.entries(stats.stalls).map(([reason, { delays, stops, milliseconds }]) => {
    return [reason, humanCount(delays), humanCount(stops), `${milliseconds.toFixed(0)} ms`];
  });
  return [
    `${humanCount(entries)} entries of ${KEY_BYTES} + ${VALUE_BYTES} bytes in random order, one put each, no fsync`,
    `${report.seconds.toFixed(1)} s, ${humanCount(report.putsPerSecond)} puts a second`,
    renderTable(
      Object.keys(latency).map((name) => right(`put, ${name}`)),
      [Object.values(latency).map(micros)],
    ),
    `resident memory: peak ${humanBytes(memory.peak)}, at the end ${humanBytes(memory.end)}; ` +
      `the options and ${humanBytes(FIXED_ALLOWANCE)} allow ${humanBytes(memory.allowed)}`,
    `write amplification ${stats.writes.amplification.toFixed(2)}, on disk ${humanBytes(stats.bytes)}`,
    renderTable([left('writes held up by'), right('slowed'), right('stopped'), right('time')], stalls),
    renderTable(
      [left('level'), right('files'), right('size'), right('entries')],
      levels.map(({ level, files, bytes, entries: count }) => [
        `L${level}`,
        humanCount(files),
        humanBytes(bytes),
        humanCount(count),
      ]),
    ),
  ].join('\n');
}

function left(title: string): Column {
  return { title };
}

function right(title: string): Column {
  return { title, align: 'right' };
}

function main(args: readonly string[]): void {
  const { values } = parseArgs({
    args: [...args],
    options: {
      entries: { type: 'string', default: '10000000' },
      seed: { type: 'string', default: '1' },
      dir: { type: 'string', default: tmpdir() },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false, short: 'h' },
    },
  });
  if (values.help) {
    process.stdout.write(HELP);
    return;
  }
  const directory = mkdtempSync(join(values.dir, 'mini-lsm-load-'));
  try {
    const entries = wholeNumber('entries', values.entries, 1);
    const report = load(entries, wholeNumber('seed', values.seed, 0), directory);
    process.stdout.write(`${values.json ? JSON.stringify(report) : render(report)}\n`);
    if (report.memory.peak > report.memory.allowed) process.exitCode = 1;
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

main(process.argv.slice(2));
