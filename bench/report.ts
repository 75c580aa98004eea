/** The result of a benchmark: plain data for `--json`, and tables for people. */
import { readFileSync } from 'node:fs';
import { availableParallelism, cpus, totalmem } from 'node:os';
import { humanBytes, humanCount } from '../src/cli/human.ts';
import { renderTable } from '../src/cli/tables.ts';
import type { Footprint } from './child.ts';
import type { Measurement } from './clock.ts';
import { ENGINE_NAMES, type EngineName } from './engine.ts';
import type { BenchOptions } from './options.ts';
import type { Cache, RowDescription, Suite } from './suite.ts';
import { KEY_BYTES, VALUE_BYTES } from './workload.ts';

export interface RowResult {
  readonly row: string;
  readonly operations: number;
  /** Operations a second in every round, their median, and the greatest less the least as a share of it. */
  readonly rounds: Readonly<Record<EngineName, readonly number[]>>;
  readonly opsPerSecond: Readonly<Record<EngineName, number>>;
  readonly spread: Readonly<Record<EngineName, number>>;
  /** Processor time of an operation in all threads of the engine's process, microseconds; the median. */
  readonly cpuMicroseconds: Readonly<Record<EngineName, number>>;
  /** How many times as fast MiniLsm is. */
  readonly ratio: number;
  /** What the ratio is to reach, if anything. */
  readonly target?: number | undefined;
}

export interface BenchReport {
  readonly entries: number;
  readonly keyBytes: number;
  readonly valueBytes: number;
  readonly encoding: string;
  readonly cache: Cache;
  readonly rounds: number;
  readonly seed: number;
  readonly durability: string;
  readonly machine: {
    readonly node: string;
    readonly cpu: string;
    readonly cores: number;
    readonly memoryBytes: number;
    readonly classicLevel: string;
  };
  readonly rows: readonly RowResult[];
  /** The median of the rounds for each. */
  readonly footprint: Readonly<Record<EngineName, Footprint>>;
}

export function makeReport(
  suite: Suite,
  options: BenchOptions,
  rows: readonly RowResult[],
  footprint: Readonly<Record<EngineName, Footprint>>,
): BenchReport {
  return {
    entries: options.entries,
    keyBytes: KEY_BYTES,
    valueBytes: VALUE_BYTES,
    encoding: options.encoding,
    cache: options.cache,
    rounds: options.rounds,
    seed: options.seed,
    durability: suite.durability,
    machine: {
      node: process.version,
      cpu: cpus()[0]?.model ?? 'unknown',
      cores: availableParallelism(),
      memoryBytes: totalmem(),
      classicLevel: classicLevelVersion(),
    },
    rows,
    footprint,
  };
}

export function rowResult(
  row: string,
  { target }: RowDescription,
  rounds: Readonly<Record<EngineName, readonly Measurement[]>>,
): RowResult {
  const byEngine = <Value>(
    of: (measurements: readonly Measurement[]) => Value,
  ): Record<EngineName, Value> => ({
    'mini-lsm': of(rounds['mini-lsm']),
    'classic-level': of(rounds['classic-level']),
  });
  const speeds = byEngine((measurements) => measurements.map(opsPerSecond));
  const medians = byEngine((measurements) => median(measurements.map(opsPerSecond)));
  return {
    row,
    operations: rounds['mini-lsm'][0].operations,
    rounds: speeds,
    opsPerSecond: medians,
    spread: byEngine((measurements) => spreadOf(measurements.map(opsPerSecond))),
    cpuMicroseconds: byEngine((measurements) =>
      median(measurements.map(({ operations, cpuMilliseconds }) => (cpuMilliseconds * 1000) / operations)),
    ),
    ratio: medians['mini-lsm'] / medians['classic-level'],
    target,
  };
}

export function opsPerSecond({ operations, milliseconds }: Measurement): number {
  return (operations * 1000) / milliseconds;
}

export function medianFootprint(footprints: readonly Footprint[]): Footprint {
  const sizes = footprints.map(({ diskBytes }) => diskBytes).filter((bytes) => bytes !== undefined);
  return {
    diskBytes: sizes.length === 0 ? undefined : median(sizes),
    restingBytes: median(footprints.map(({ restingBytes }) => restingBytes)),
    peakBytes: median(footprints.map(({ peakBytes }) => peakBytes)),
  };
}

/** The report for people. */
export function renderReport(suite: Suite, report: BenchReport): string {
  const { machine } = report;
  const speed = renderTable(
    [
      { title: 'row' },
      { title: 'operations', align: 'right' },
      { title: 'mini-lsm op/s', align: 'right' },
      { title: 'classic-level op/s', align: 'right' },
      { title: 'ratio', align: 'right' },
      { title: 'target', align: 'right' },
      { title: 'mini-lsm CPU us', align: 'right' },
      { title: 'classic-level CPU us', align: 'right' },
    ],
    report.rows.map(({ row, operations, opsPerSecond, spread, ratio, target, cpuMicroseconds }) => [
      row,
      humanCount(operations),
      speedText(opsPerSecond['mini-lsm'], spread['mini-lsm'], report.rounds),
      speedText(opsPerSecond['classic-level'], spread['classic-level'], report.rounds),
      `${ratio.toFixed(2)}x${ratio < 1 ? ' slower' : ''}`,
      target === undefined ? '-' : `${target}x ${ratio >= target ? 'met' : 'missed'}`,
      cpuMicroseconds['mini-lsm'].toFixed(2),
      cpuMicroseconds['classic-level'].toFixed(2),
    ]),
  );
  const calls = renderTable(
    [{ title: 'row' }, { title: 'mini-lsm by' }, { title: 'classic-level by' }, { title: 'database' }],
    report.rows.map(({ row }) => {
      const { calls, database } = suite.rows[row];
      return [row, calls['mini-lsm'], calls['classic-level'], database];
    }),
  );
  const sizes = renderTable(
    [
      { title: 'engine' },
      { title: 'database on disk', align: 'right' },
      { title: 'peak resident memory', align: 'right' },
      { title: 'of it before opening', align: 'right' },
    ],
    ENGINE_NAMES.map((name) => {
      const { diskBytes, peakBytes, restingBytes } = report.footprint[name];
      const disk = diskBytes === undefined ? '-' : humanBytes(diskBytes);
      return [name, disk, humanBytes(peakBytes), humanBytes(restingBytes)];
    }),
  );
  return [
    `${humanCount(report.entries)} entries, ${report.keyBytes}-byte keys, ${report.valueBytes}-byte values, ` +
      `given as ${report.encoding === 'utf8' ? 'strings' : 'Uint8Arrays'}; ` +
      `median of ${report.rounds} round${report.rounds === 1 ? '' : 's'}, the engines in turns`,
    `Node ${machine.node}, classic-level ${machine.classicLevel}, ${machine.cores} cores of ${machine.cpu}`,
    `durability: ${report.durability}`,
    `caches: ${report.cache === 'equal' ? 'of the same size, the default of mini-lsm' : "each engine's default"}`,
    speed,
    'in brackets: the fastest round less the slowest, as a share of the median; CPU us: processor time of an operation in all threads of the process, microseconds',
    sizes,
    calls,
  ].join('\n');
}

function speedText(opsPerSecond: number, spread: number, rounds: number): string {
  const brackets = rounds === 1 ? '' : ` (${(100 * spread).toFixed(0)} %)`;
  return `${humanCount(opsPerSecond)}${brackets}`;
}

function spreadOf(numbers: readonly number[]): number {
  return (Math.max(...numbers) - Math.min(...numbers)) / median(numbers);
}

function median(numbers: readonly number[]): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

function classicLevelVersion(): string {
  const file = new URL('../../node_modules/classic-level/package.json', import.meta.url);
  return JSON.parse(readFileSync(file, 'utf8')).version;
}
