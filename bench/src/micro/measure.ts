/** Measures micro-benchmarks by tinybench: a warm-up, then calls for a while, each of many operations. */
import { loadPackage } from '../optional-package.ts';
import type { MicroCase, MicroResult } from './case.ts';

/** What is used of tinybench; its times are milliseconds. */
interface Tinybench {
  readonly Bench: new (options: {
    readonly time: number;
    readonly warmupTime: number;
    readonly throws: boolean;
  }) => TinybenchBench;
}

interface TinybenchBench {
  add(name: string, run: () => unknown, options: { readonly async: false }): unknown;
  runSync(): readonly { readonly result: { readonly latency?: Latency } }[];
}

interface Latency {
  readonly p50: number;
  readonly p99: number;
  readonly min: number;
  readonly samplesCount: number;
}

/**
 * @param milliseconds How long the case is measured, after half as long a warm-up.
 * @throws Error if the piece gave a wrong result, or tinybench is not installed.
 */
export function measureCase(micro: MicroCase, milliseconds: number): MicroResult {
  const { Bench } = loadPackage<Tinybench>('tinybench');
  const { piece, work, operations, bytes } = micro;
  const run = micro.prepare();
  let last = Number.NaN;
  const bench = new Bench({ time: milliseconds, warmupTime: milliseconds / 2, throws: true });
  bench.add(
    work,
    () => {
      last = run();
    },
    { async: false },
  );
  const latency = bench.runSync()[0].result.latency;
  if (latency === undefined) throw new Error(`${piece}: ${work} was not measured`);
  if (!micro.isRight(last)) throw new Error(`${piece}: ${work} gave a wrong result, ${last}`);
  const nanoseconds = (call: number): number => (call * 1e6) / operations;
  return {
    piece,
    work,
    bytes,
    medianNanoseconds: nanoseconds(latency.p50),
    p99Nanoseconds: nanoseconds(latency.p99),
    fastestNanoseconds: nanoseconds(latency.min),
    samples: latency.samplesCount,
  };
}
