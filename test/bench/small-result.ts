/** A small result of `npm run bench`, made up: every kind of figure is in it, and gaps. */
import type {
  BenchResult,
  EngineInfo,
  EngineResult,
  Latency,
  Run,
  Sample,
  WorkloadResult,
} from '../../bench/src/result.ts';
import { judge } from '../../bench/src/targets.ts';

const ENGINES: readonly EngineInfo[] = [
  { name: 'mini-lsm', version: '0.1.0', kind: 'mini-lsm', notes: 'its defaults', skipped: null },
  {
    name: 'classic-level',
    version: '3.0.0',
    kind: 'native addon',
    notes: 'Snappy | its defaults',
    skipped: null,
  },
  { name: 'lmdb', version: '3.5.6', kind: 'native addon', notes: 'noSync', skipped: null },
  {
    name: 'rocksdb',
    version: null,
    kind: 'C++ program',
    notes: 'db_bench',
    skipped: 'rocksdb-tools is not installed',
  },
];

/** Operations a second of mini-lsm, classic-level and lmdb; 0 where an engine has nothing for it. */
const SPEEDS: Readonly<Record<string, readonly [group: string, ours: number, level: number, lmdb: number]>> =
  {
    fillrandom: ['db_bench', 400_000, 20_000, 138_000],
    readrandom: ['db_bench', 900_000, 180_000, 370_000],
    readseq: ['db_bench', 5_000_000, 360_000, 840_000],
    seekrandom: ['db_bench', 150_000, 7_500, 65_000],
    compact: ['db_bench', 700_000, 900_000, 0],
    openclean: ['db_bench', 90, 45, 400],
    'ycsb-a': ['ycsb', 300_000, 20_000, 90_000],
    load: ['load', 380_000, 19_000, 0],
  };

export function smallResult(entriesOfRuns: readonly number[] = [10_000, 100_000, 1_000_000]): BenchResult {
  const runs = entriesOfRuns.map(runOf);
  return {
    format: 1,
    date: '2026-01-02T03:04:05.678Z',
    machine: { node: 'v20.20.2', platform: 'linux x64', cpu: 'Some CPU', cores: 2, memoryBytes: 8 * 2 ** 30 },
    settings: { rounds: 2, seed: 1, keyBytes: 16, cacheBytes: 128 * 2 ** 20, quick: false },
    engines: ENGINES,
    runs,
    targets: judge(runs),
  };
}

function runOf(entries: number): Run {
  return {
    entries,
    valueBytes: 100,
    dataBytes: entries * 116,
    workloads: Object.entries(SPEEDS).map(([name, speeds]) => workloadOf(name, entries, speeds)),
    footprints: ENGINES.slice(0, 3).map(({ name }, place) => ({
      engine: name,
      loadedBytes: entries * (70 + 40 * place),
      restingBytes: 55 * 2 ** 20,
      peakBytes: 200 * 2 ** 20,
    })),
  };
}

function workloadOf(
  workload: string,
  entries: number,
  [group, ...speeds]: (typeof SPEEDS)[string],
): WorkloadResult {
  const engines = speeds.flatMap((speed, place) =>
    speed === 0 ? [] : [engineResult(ENGINES[place].name, workload, entries, speed)],
  );
  const skipped = speeds.flatMap((speed, place) =>
    speed === 0 ? [{ engine: ENGINES[place].name, reason: 'it has no such call' }] : [],
  );
  return { workload, group, description: `what ${workload} does`, durability: 'os', engines, skipped };
}

function engineResult(engine: string, workload: string, entries: number, fastest: number): EngineResult {
  // A little slower with every tenfold.
  const opsPerSecond = fastest / (1 + 0.2 * Math.log10(entries / 10_000));
  const isTimed = workload === 'load';
  const writes = workload === 'load' || workload === 'fillrandom';
  return {
    engine,
    call: `${workload} of ${engine}`,
    operations: entries,
    opsPerSecond,
    spread: 0.07,
    cpuMicroseconds: 1e6 / opsPerSecond,
    peakBytes: 180 * 2 ** 20,
    diskBytes: entries * (workload === 'compact' ? 66 : 90),
    writeAmplification: writes ? 6.5 : null,
    latency: isTimed ? latencyAround(1e9 / opsPerSecond) : null,
    rounds: [1, 2].map(() => ({
      milliseconds: (entries * 1000) / opsPerSecond,
      cpuMilliseconds: null,
      peakBytes: null,
      diskBytes: null,
      writtenBytes: null,
      latency: null,
      timeline: isTimed ? timelineOf(entries, opsPerSecond) : [],
    })),
  };
}

function timelineOf(entries: number, opsPerSecond: number): readonly Sample[] {
  return Array.from({ length: 100 }, (_, place) => ({
    operations: ((place + 1) * entries) / 100,
    milliseconds: ((place + 1) * entries * 10) / opsPerSecond,
    opsPerSecond: opsPerSecond * (1 - 0.2 * ((place * 7) % 5) * 0.2),
    latency: latencyAround((1e9 / opsPerSecond) * (1 + ((place * 13) % 11))),
    residentBytes: (80 + Math.min(place, 30) * 3) * 2 ** 20,
    diskBytes: place * entries,
    writtenBytes: place * place * entries * 0.08,
  }));
}

function latencyAround(nanoseconds: number): Latency {
  const times = (factor: number): number => Math.round(nanoseconds * factor);
  return {
    median: times(0.8),
    p90: times(1.2),
    p99: times(3),
    p999: times(40),
    p9999: times(200),
    slowest: times(4000),
  };
}
