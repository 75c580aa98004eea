/** What a process and a database take over time, and whether that grows without bound. */
import { readdirSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

export interface Sample {
  /** Since the beginning. */
  readonly seconds: number;
  /** Resident memory after a collection of garbage, bytes. */
  readonly residentBytes: number;
  /** Open descriptors of the process, after closing; 0 where the system does not list them. */
  readonly descriptors: number;
  /** Files in the directory of the database, after closing. */
  readonly files: number;
}

export interface Trend {
  /** Median of the first and of the last third of the samples after warming up. */
  readonly first: number;
  readonly last: number;
  readonly most: number;
  /** By least squares. */
  readonly slopePerHour: number;
}

/** The share of the samples that belongs to warming up: code is compiled, the heap takes its size. */
const WARM_UP = 0.3;

/** How much more resident memory the last third may have than the first: noise of the collector is more than 10 MiB. */
const MEMORY_SLACK = { bytes: 32 * 2 ** 20, share: 0.15 };

export function takeSample(seconds: number, directory: string): Sample {
  collectGarbage();
  return {
    seconds,
    residentBytes: process.memoryUsage().rss,
    descriptors: descriptorCount(),
    files: readdirSync(directory).length,
  };
}

export function descriptorCount(): number {
  try {
    return readdirSync('/proc/self/fd').length - 1; // but for that of the listing
  } catch {
    return 0;
  }
}

export function trendOf(samples: readonly Sample[], of: (sample: Sample) => number): Trend {
  const warm = samples.slice(Math.floor(samples.length * WARM_UP));
  const third = Math.max(1, Math.floor(warm.length / 3));
  const values = warm.map(of);
  return {
    first: median(values.slice(0, third)),
    last: median(values.slice(-third)),
    most: Math.max(...values),
    slopePerHour: slope(warm, of) * 3600,
  };
}

/** What is not bounded, as sentences. `files` and descriptors may have a fixed number more than at first. */
export function complaints(samples: readonly Sample[], files: number): string[] {
  const found: string[] = [];
  const memory = trendOf(samples, ({ residentBytes }) => residentBytes);
  const slack = Math.max(MEMORY_SLACK.bytes, memory.first * MEMORY_SLACK.share);
  if (memory.last > memory.first + slack) {
    found.push(`resident memory grew from ${memory.first} to ${memory.last} bytes`);
  }
  const descriptors = trendOf(samples, (sample) => sample.descriptors);
  if (descriptors.most > samples[0].descriptors) {
    found.push(`${descriptors.most} descriptors were open after closing, ${samples[0].descriptors} at first`);
  }
  const most = trendOf(samples, (sample) => sample.files).most;
  if (most > files) found.push(`${most} files were in the directory after closing, ${files} is plenty`);
  return found;
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}

/** Per second. */
function slope(samples: readonly Sample[], of: (sample: Sample) => number): number {
  const mean = (values: readonly number[]): number =>
    values.reduce((sum, value) => sum + value, 0) / values.length;
  const time = mean(samples.map(({ seconds }) => seconds));
  const value = mean(samples.map(of));
  let above = 0;
  let below = 0;
  for (const sample of samples) {
    above += (sample.seconds - time) * (of(sample) - value);
    below += (sample.seconds - time) ** 2;
  }
  return below === 0 ? 0 : above / below;
}

let collectGarbage = (): void => {
  setFlagsFromString('--expose-gc');
  collectGarbage = runInNewContext('gc');
  collectGarbage();
};
