/** What the runner and the process of an engine say to each other. */

import type { Encoding } from './data.ts';
import type { Timing } from './pass.ts';
import type { Round } from './result.ts';

/** How a process is started. */
export interface ChildSetup {
  readonly engine: string;
  readonly entries: number;
  readonly valueBytes: number;
  readonly cacheBytes: number;
  readonly encoding: Encoding;
  readonly seed: number;
  /** The most that a workload is measured, where it has not said otherwise. */
  readonly seconds: number;
  readonly quick: boolean;
  /** The workloads that will be asked for. */
  readonly workloads: readonly string[];
  /** A directory that belongs to this process; the runner removes it. */
  readonly directory: string;
}

export type ChildRequest = { readonly workload: string } | 'finish';

export type ChildAnswer =
  | { readonly kind: 'ready' }
  | { readonly kind: 'progress'; readonly done: number }
  | { readonly kind: 'measured'; readonly measurement: Measurement }
  | { readonly kind: 'finished'; readonly footprint: ProcessFootprint }
  | { readonly kind: 'failed'; readonly error: string };

/** A workload on an engine, once. */
export interface Measurement extends Round, Pick<Timing, 'operations' | 'userBytes'> {}

export interface ProcessFootprint {
  readonly loadedBytes: number | null;
  readonly restingBytes: number | null;
  readonly peakBytes: number | null;
}
