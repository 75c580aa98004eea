import type { Machine } from '../result.ts';

/**
 * What a micro-benchmark is: a piece of the engine by itself, on data that were made beforehand. `run` does a
 * fixed number of operations, enough of them that a look at the clock costs nothing beside them, and returns a
 * number made of what they gave: nothing can be optimised away, and a test can tell that they did their work.
 */
export interface MicroCase {
  /** The piece, such as `skiplist`. */
  readonly piece: string;
  /** What is done, on what. */
  readonly work: string;
  /** Operations of one call of what `prepare` returns. */
  readonly operations: number;
  /** Bytes that one operation goes over, where that is how it is looked at. */
  readonly bytes?: number;
  /** Whether a call returned what it returns if the piece works. */
  readonly isRight: (result: number) => boolean;
  /** Makes the data and returns the function that is measured. */
  prepare(): () => number;
}

/** For cases that count. */
export function exactly(count: number): (result: number) => boolean {
  return (result) => result === count;
}

/** The result of a measured case; times in nanoseconds an operation. */
export interface MicroResult {
  readonly piece: string;
  readonly work: string;
  readonly bytes: number | undefined;
  readonly medianNanoseconds: number;
  /** Of calls, each the mean of its operations. */
  readonly p99Nanoseconds: number;
  readonly fastestNanoseconds: number;
  /** Calls that were measured, after as many as the warm-up took. */
  readonly samples: number;
}

/** What `npm run bench:micro --json` prints. */
export interface MicroReport {
  readonly kind: 'micro';
  readonly machine: Machine;
  readonly results: readonly MicroResult[];
}
