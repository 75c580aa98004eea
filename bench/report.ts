/** The result of a benchmark: plain data for `--json`, and tables for people. */
import { readFileSync } from 'node:fs';
import { availableParallelism, cpus, totalmem } from 'node:os';
import { humanBytes, humanCount } from '../src/cli/human.ts';
import { renderTable } from '../src/cli/tables.ts';
import type { Footprint } from './child.ts';
import type { Measurement } from './clock.ts';
import { ENGINE_NAMES, type EngineName } from './engine.ts';
import type { BenchOptions } from './options.ts';
import { describeRow, type RowName } from './rows.ts';
import { KEY_BYTES, VALUE_BYTES } from './workload.ts';

export interface RowResult {
  readonly row: RowName;
  readonly operations: number;
  /** Operations a second in every round, and their median. */
  readonly rounds: Readonly<Record<EngineName, readonly number[]>>;
  readonly opsPerSecond: Readonly<Record<EngineName, number>>;
  /** Processor time of an operation in all threads of the engine's process, microseconds; the median. */
  readonly cpuMicroseconds: Readonly<Record<EngineName, number>>;
  /** How many times as fast MiniLsm is. */
  readonly ratio: number;
}

export interface BenchReport {
  readonly entries: number;
  readonly keyBytes: number;
  readonly valueBytes: number;
  readonly encoding: string;
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

const DURABILITY =
  'both write to the log of the operating system before a write is acknowledged, and neither calls fsync';

export function makeReport(
  options: BenchOptions,
  rows: readonly RowResult[],
  footprint: Readonly<Record<EngineName, Footprint>>,
): BenchReport {
  return {
    entries: options.entries,
    keyBytes: KEY_BYTES,
    valueBytes: VALUE_BYTES,
    encoding: options.encoding,
    rounds: options.rounds,
    seed: options.seed,
    durability: DURABILITY,
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
  row: RowName,
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
    cpuMicroseconds: byEngine((measurements) =>
      median(measurements.map(({ operations, cpuMilliseconds }) => (cpuMilliseconds * 1000) / operations)),
    ),
    ratio: medians['mini-lsm'] / medians['classic-level'],
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
export function renderReport(report: BenchReport): string {
  const { machine } = report;
  const speed = renderTable(
    [
      { title: 'row' },
      { title: 'operations', align: 'right' },
      { title: 'mini-lsm op/s', align: 'right' },
      { title: 'classic-level op/s', align: 'right' },
      { title: 'ratio', align: 'right' },
      { title: 'mini-lsm CPU us', align: 'right' },
      { title: 'classic-level CPU us', align: 'right' },
    ],
    report.rows.map(({ row, operations, opsPerSecond, ratio, cpuMicroseconds }) => [
      row,
      humanCount(operations),
      humanCount(opsPerSecond['mini-lsm']),
      humanCount(opsPerSecond['classic-level']),
      `${ratio.toFixed(2)}x${ratio < 1 ? ' slower' : ''}`,
      cpuMicroseconds['mini-lsm'].toFixed(2),
      cpuMicroseconds['classic-level'].toFixed(2),
    ]),
  );
  const calls = renderTable(
    [{ title: 'row' }, { title: 'mini-lsm by' }, { title: 'classic-level by' }],
    report.rows.map(({ row }) => [row, describeRow(row).miniLsm, describeRow(row).classicLevel]),
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
    speed,
    'CPU us: processor time of an operation in all threads of the process, microseconds',
    sizes,
    calls,
  ].join('\n');
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
