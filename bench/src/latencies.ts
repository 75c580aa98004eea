/** How long single operations took, and what the engine had taken: over all of them, and in each part of the time. */
import { createHistogram, type RecordableHistogram } from 'node:perf_hooks';
import type { Latency, Sample } from './result.ts';

/** Points of the time line. */
const SAMPLES = 100;

/** What is asked at each point of the time line, between two operations. */
export type Watch = () => Pick<Sample, 'diskBytes' | 'writtenBytes'>;

export class Latencies {
  readonly #watch: Watch;
  readonly #whole = createHistogram();
  readonly #part = createHistogram();
  readonly #perSample: number;
  readonly #timeline: Sample[] = [];
  #operations = 0;
  #milliseconds = 0;
  #sampled = { operations: 0, milliseconds: 0 };

  constructor(operations: number, watch: Watch = () => ({ diskBytes: null, writtenBytes: null })) {
    this.#watch = watch;
    this.#perSample = Math.max(1, Math.ceil(operations / SAMPLES));
  }

  record(milliseconds: number): void {
    this.#part.record(Math.max(1, Math.round(milliseconds * 1e6)));
    this.#milliseconds += milliseconds;
    this.#operations += 1;
    if (this.#operations - this.#sampled.operations >= this.#perSample) this.#sample();
  }

  /** After the last operation. */
  finish(): { latency: Latency; timeline: readonly Sample[] } {
    if (this.#operations > this.#sampled.operations) this.#sample();
    return { latency: summary(this.#whole), timeline: this.#timeline };
  }

  #sample(): void {
    const operations = this.#operations - this.#sampled.operations;
    const milliseconds = this.#milliseconds - this.#sampled.milliseconds;
    this.#sampled = { operations: this.#operations, milliseconds: this.#milliseconds };
    this.#timeline.push({
      ...this.#sampled,
      opsPerSecond: (operations * 1000) / milliseconds,
      latency: summary(this.#part),
      residentBytes: process.memoryUsage.rss(),
      ...this.#watch(),
    });
    this.#whole.add(this.#part);
    this.#part.reset();
  }
}

function summary(histogram: RecordableHistogram): Latency {
  return {
    median: histogram.percentile(50),
    p90: histogram.percentile(90),
    p99: histogram.percentile(99),
    p999: histogram.percentile(99.9),
    p9999: histogram.percentile(99.99),
    slowest: histogram.max,
  };
}
