/** What is said of several rounds: the median, since one round that was disturbed does not move it, and how far they lay apart. */
import type { Latency } from './result.ts';

/** @throws RangeError for no numbers. */
export function median(numbers: readonly number[]): number {
  if (numbers.length === 0) throw new RangeError('no median of no numbers');
  const sorted = [...numbers].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** The median of what was measured; null if nothing was. */
export function medianKnown(numbers: readonly (number | null)[]): number | null {
  const known = numbers.filter((number) => number !== null);
  return known.length === 0 ? null : median(known);
}

/** The greatest less the least, as a share of the median. */
export function spread(numbers: readonly number[]): number {
  return (Math.max(...numbers) - Math.min(...numbers)) / median(numbers);
}

/** The median of each percentile by itself. */
export function medianLatency(latencies: readonly (Latency | null)[]): Latency | null {
  const known = latencies.filter((latency) => latency !== null);
  if (known.length === 0) return null;
  const of = (name: keyof Latency): number => median(known.map((latency) => latency[name]));
  return {
    median: of('median'),
    p90: of('p90'),
    p99: of('p99'),
    p999: of('p999'),
    p9999: of('p9999'),
    slowest: of('slowest'),
  };
}
