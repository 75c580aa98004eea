/** What `npm run bench:load` found: plain data for `--json`, and tables for people. */
import { humanBytes, humanCount, humanDuration } from '../src/cli/human.ts';
import { renderPairs, renderTable } from '../src/cli/tables.ts';
import type { Stats } from '../src/index.ts';
import type { MemoryBound } from './memory-bound.ts';

/** The state after a part of the load; the speed is that of the part. */
export interface Sample {
  readonly entries: number;
  readonly putsPerSecond: number;
  readonly residentBytes: number;
  readonly stats: Stats;
}

export interface LoadReport {
  readonly entries: number;
  readonly userBytes: number;
  readonly putsPerSecond: number;
  /** How long flushes and compactions went on after the last put. */
  readonly settleMilliseconds: number;
  readonly putNanoseconds: {
    readonly median: number;
    readonly p99: number;
    readonly p999: number;
    readonly p9999: number;
    readonly slowest: number;
  };
  readonly memory: {
    /** Before the database was opened, the most ever, and at the end, when the cache was full too. */
    readonly restingBytes: number;
    readonly peakBytes: number;
    readonly finalBytes: number;
    readonly bound: MemoryBound;
    readonly withinBound: boolean;
  };
  readonly samples: readonly Sample[];
  /** After the tree had settled. */
  readonly stats: Stats;
}

export function renderLoadReport(report: LoadReport): string {
  const { stats, memory, putNanoseconds: put } = report;
  const { bound } = memory;
  const time = (nanoseconds: number): string =>
    nanoseconds < 1e6 ? `${(nanoseconds / 1e3).toFixed(1)} us` : humanDuration(nanoseconds / 1e6);
  const stalls = Object.entries(stats.stalls).map(([reason, { delays, stops, milliseconds }]) => {
    return `${reason} ${delays} delays, ${stops} stops, ${humanDuration(milliseconds)}`;
  });
  const samples = renderTable(
    [
      { title: 'entries', align: 'right' },
      { title: 'puts/s', align: 'right' },
      { title: 'resident', align: 'right' },
      { title: 'amplification', align: 'right' },
      { title: 'tree' },
    ],
    report.samples.map((sample) => [
      humanCount(sample.entries),
      humanCount(sample.putsPerSecond),
      humanBytes(sample.residentBytes),
      `${sample.stats.writes.amplification.toFixed(2)}x`,
      shapeOf(sample.stats),
    ]),
  );
  const pairs = renderPairs([
    ['loaded', `${humanCount(report.entries)} entries, ${humanBytes(report.userBytes)} of keys and values`],
    ['throughput', `${humanCount(report.putsPerSecond)} puts/s, one at a time, without fsync`],
    ['put, median', time(put.median)],
    ['put, 99 %', time(put.p99)],
    ['put, 99.9 %', time(put.p999)],
    ['put, 99.99 %', time(put.p9999)],
    ['put, slowest', time(put.slowest)],
    ['stalls', stalls.join('; ')],
    ['settled after', humanDuration(report.settleMilliseconds)],
    ['tree', shapeOf(stats)],
    ['on disk', humanBytes(stats.bytes)],
    ['write amplification', `${stats.writes.amplification.toFixed(2)}x`],
    ['resident before opening', humanBytes(memory.restingBytes)],
    ['resident at the end', humanBytes(memory.finalBytes)],
    ['resident at its peak', humanBytes(memory.peakBytes)],
    [
      'bound by configuration',
      `${humanBytes(bound.totalBytes)} = memtables ${humanBytes(bound.memtableBytes)} + cache ` +
        `${humanBytes(bound.cacheBytes)} + overhead ${humanBytes(bound.overheadBytes)}`,
    ],
    ['within the bound', memory.withinBound ? 'yes' : 'NO'],
  ]);
  return `${samples}\n${pairs}`;
}

function shapeOf({ levels }: Stats): string {
  return levels
    .filter(({ files }) => files > 0)
    .map(({ level, files, bytes }) => `L${level} ${files} (${humanBytes(bytes)})`)
    .join(', ');
}
