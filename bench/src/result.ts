/**
 * What `npm run bench -- --json FILE` writes: plain data, from which the report and its charts are made. Sizes
 * are in bytes, times in the unit that their name ends in. What could not be measured is null, and every gap has
 * its reason in words.
 */
export const RESULT_FORMAT = 1;

export interface BenchResult {
  readonly format: typeof RESULT_FORMAT;
  /** When it began, ISO 8601. */
  readonly date: string;
  readonly machine: Machine;
  readonly settings: Settings;
  /** In the order of the tables; those that are not here too, with the reason. */
  readonly engines: readonly EngineInfo[];
  /** One for each size that was asked for: `--entries 10000,100000 --value-bytes 16,100` makes four. */
  readonly runs: readonly Run[];
  /** The project's targets beside what this result says about them. */
  readonly targets: readonly TargetResult[];
}

export interface Machine {
  readonly node: string;
  readonly platform: string;
  readonly cpu: string;
  readonly cores: number;
  readonly memoryBytes: number;
}

export interface Settings {
  readonly rounds: number;
  readonly seed: number;
  readonly keyBytes: number;
  /** What each engine may keep of its files in memory, where it has a cache of its own. */
  readonly cacheBytes: number;
  /** Small and unwarmed: such figures say that the benchmark works, and nothing about speed. */
  readonly quick: boolean;
}

/**
 * What a write that has been acknowledged survives. Only equals are compared.
 *
 * - `os`: it is with the operating system; there was no fsync. It survives the end of the process.
 * - `fsync`: fsync has returned. It survives a power cut.
 * - `memory`: nothing is kept on a disk.
 */
export type Durability = 'os' | 'fsync' | 'memory';

export interface EngineInfo {
  readonly name: string;
  /** Of its package or program; null if it is not here. */
  readonly version: string | null;
  readonly kind: 'mini-lsm' | 'native addon' | 'JavaScript' | 'C++ program';
  /** How it is set up, and what is peculiar about its figures, for the reader. */
  readonly notes: string;
  /** Why it was left out altogether; null if it was not. */
  readonly skipped: string | null;
}

/** All that was measured with entries of one number and size. */
export interface Run {
  readonly entries: number;
  readonly valueBytes: number;
  /** `keyBytes + valueBytes`, times entries. */
  readonly dataBytes: number;
  readonly workloads: readonly WorkloadResult[];
  readonly footprints: readonly Footprint[];
}

export interface WorkloadResult {
  readonly workload: string;
  /** `db_bench`, `ycsb`, `mixed`, `level` (calls of abstract-level alone) or `load`. */
  readonly group: string;
  /** What an operation is, in a few words. */
  readonly description: string;
  readonly durability: Durability;
  readonly engines: readonly EngineResult[];
  /** Engines that have nothing for this workload, or broke down. */
  readonly skipped: readonly { readonly engine: string; readonly reason: string }[];
}

/** An engine on a workload: medians of its rounds, and the rounds. */
export interface EngineResult {
  readonly engine: string;
  /** By which of its calls, for the reader. */
  readonly call: string;
  readonly operations: number;
  readonly opsPerSecond: number;
  /** The fastest round less the slowest, as a share of the median. */
  readonly spread: number;
  /** Processor time of an operation in all threads of the process, microseconds. */
  readonly cpuMicroseconds: number | null;
  /** The most resident memory that the process had meanwhile. */
  readonly peakBytes: number | null;
  /** The files of the database afterwards, when background work had ended. */
  readonly diskBytes: number | null;
  /** Bytes given to the operating system by writes, background work included, for each byte of keys and values written. */
  readonly writeAmplification: number | null;
  /** How long operations took one by one; null where only their sum was measured. */
  readonly latency: Latency | null;
  readonly rounds: readonly Round[];
}

/** Nanoseconds. */
export interface Latency {
  readonly median: number;
  readonly p90: number;
  readonly p99: number;
  readonly p999: number;
  readonly p9999: number;
  readonly slowest: number;
}

export interface Round {
  readonly milliseconds: number;
  readonly cpuMilliseconds: number | null;
  readonly peakBytes: number | null;
  readonly diskBytes: number | null;
  readonly writtenBytes: number | null;
  readonly latency: Latency | null;
  /** Where latencies are measured: what happened in each part of the time; empty elsewhere. */
  readonly timeline: readonly Sample[];
}

/** A part of the time line, of the same number of operations each. */
export interface Sample {
  /** Operations done by its end. */
  readonly operations: number;
  /** Since the first operation. */
  readonly milliseconds: number;
  readonly opsPerSecond: number;
  readonly latency: Latency;
  readonly residentBytes: number;
  /** The files of the database by then, and what was written since the first operation. */
  readonly diskBytes: number | null;
  readonly writtenBytes: number | null;
}

/** Medians of what an engine's process took over all workloads of a run. */
export interface Footprint {
  readonly engine: string;
  /** The database of the reading workloads once loaded and left alone, before it was changed. */
  readonly loadedBytes: number | null;
  /** Resident before a database was opened, and the most ever. */
  readonly restingBytes: number | null;
  readonly peakBytes: number | null;
}

export type Quantity =
  | 'opsPerSecond'
  | 'diskBytes'
  | 'peakBytes'
  | 'writeAmplification'
  | 'p999'
  | 'p9999'
  | 'slowest'
  /** Of an operation. */
  | 'milliseconds';

/** One figure that the project wants to reach. */
export interface Target {
  readonly workload: string;
  /** Which of ours. */
  readonly engine: 'mini-lsm' | 'mini-level';
  readonly quantity: Quantity;
  /** The peer; null for a bound that stands alone. */
  readonly against: string | null;
  /** What the peer is measured by, where it is another workload. */
  readonly againstWorkload?: string;
  /** The bound of ours / theirs, or of ours where it stands alone: at least that for speed, at most for all else. */
  readonly bound: number;
  /** The run that it is about. */
  readonly entries: number;
  readonly valueBytes: number;
}

export interface TargetResult extends Target {
  /** Null where this result has no such run, or one of the two is missing from it. */
  readonly ours: number | null;
  readonly theirs: number | null;
  readonly ratio: number | null;
  readonly met: boolean | null;
}
