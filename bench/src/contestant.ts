/** An engine as the runner sees it: what it is, and something that can be asked to measure one workload. */
import type { Encoding } from './data.ts';
import type { Measurement, ProcessFootprint } from './protocol.ts';
import type { EngineInfo } from './result.ts';
import type { Workload } from './workloads/workload.ts';

export interface ContestantSetup {
  readonly entries: number;
  readonly valueBytes: number;
  readonly cacheBytes: number;
  readonly encoding: Encoding;
  readonly seed: number;
  readonly seconds: number;
  readonly quick: boolean;
  readonly workloads: readonly string[];
  readonly directory: string;
  /** Where CPU profiles go; undefined for none. */
  readonly profileDirectory: string | undefined;
}

/** By which call it does a workload, or why it does not. */
export type Way = { readonly call: string } | { readonly lacks: string };

export interface Candidate extends Pick<EngineInfo, 'name' | 'kind' | 'notes'> {
  /** Null if it is not here. */
  readonly version: () => string | null;
  /** What to do so that it is. */
  readonly remedy: string;
  readonly way: (name: string, workload: Workload) => Way;
  /** Warmed up. @throws Error if it can't be had. */
  readonly start: (setup: ContestantSetup) => Promise<Contestant>;
}

export interface Contestant {
  measure(workload: string, onProgress: (operationsDone: number) => void): Promise<Measurement>;
  finish(): Promise<ProcessFootprint>;
  /** Ends it whatever it is doing. */
  kill(): void;
}
