/** What the rounds of a run bring in, and what becomes of it. */
import type { Candidate } from './contestant.ts';
import { KEY_BYTES } from './data.ts';
import type { Measurement, ProcessFootprint } from './protocol.ts';
import type { EngineResult, Footprint, Run, WorkloadResult } from './result.ts';
import { median, medianKnown, medianLatency, spread } from './statistics.ts';
import { WORKLOADS } from './workloads.ts';

export class Gathering {
  readonly #measurements = new Map<string, Measurement[]>();
  readonly #reasons = new Map<string, string>();
  readonly #footprints = new Map<string, ProcessFootprint[]>();

  measured(workload: string, engine: string, measurement: Measurement): void {
    push(this.#measurements, keyOf(workload, engine), measurement);
  }

  /** The engine is left out of a workload; the first reason stays. */
  skipped(workload: string, engine: string, reason: string): void {
    const key = keyOf(workload, engine);
    if (!this.#reasons.has(key)) this.#reasons.set(key, reason);
  }

  finished(engine: string, footprint: ProcessFootprint): void {
    push(this.#footprints, engine, footprint);
  }

  run(
    size: Pick<Run, 'entries' | 'valueBytes'>,
    workloads: readonly string[],
    all: readonly Candidate[],
  ): Run {
    return {
      ...size,
      dataBytes: size.entries * (KEY_BYTES + size.valueBytes),
      workloads: workloads.map((name) => this.#workload(name, all)),
      footprints: [...this.#footprints].map(([engine, list]) => footprintOf(engine, list)),
    };
  }

  #workload(name: string, all: readonly Candidate[]): WorkloadResult {
    const { group, description, durability } = WORKLOADS[name];
    const engines: EngineResult[] = [];
    const skipped: { engine: string; reason: string }[] = [];
    for (const candidate of all) {
      const key = keyOf(name, candidate.name);
      const measurements = this.#measurements.get(key);
      const reason = this.#reasons.get(key);
      const way = candidate.way(name, WORKLOADS[name]);
      if (measurements !== undefined && 'call' in way) {
        engines.push(engineResult(candidate.name, way.call, measurements));
      } else if (reason !== undefined) {
        skipped.push({ engine: candidate.name, reason });
      }
    }
    return { workload: name, group, description, durability, engines, skipped };
  }
}

/** Medians of the rounds of an engine. */
export function engineResult(
  engine: string,
  call: string,
  measurements: readonly Measurement[],
): EngineResult {
  const speeds = measurements.map(({ operations, milliseconds }) => (operations * 1000) / milliseconds);
  return {
    engine,
    call,
    operations: measurements[0].operations,
    opsPerSecond: median(speeds),
    spread: spread(speeds),
    cpuMicroseconds: medianKnown(
      measurements.map(({ cpuMilliseconds, operations }) =>
        cpuMilliseconds === null ? null : (cpuMilliseconds * 1000) / operations,
      ),
    ),
    peakBytes: medianKnown(measurements.map(({ peakBytes }) => peakBytes)),
    diskBytes: medianKnown(measurements.map(({ diskBytes }) => diskBytes)),
    writeAmplification: medianKnown(
      measurements.map(({ writtenBytes, userBytes }) =>
        writtenBytes === null || userBytes === 0 ? null : writtenBytes / userBytes,
      ),
    ),
    latency: medianLatency(measurements.map(({ latency }) => latency)),
    rounds: measurements.map(({ userBytes: _, ...round }) => round),
  };
}

function footprintOf(engine: string, footprints: readonly ProcessFootprint[]): Footprint {
  return {
    engine,
    loadedBytes: medianKnown(footprints.map(({ loadedBytes }) => loadedBytes)),
    restingBytes: medianKnown(footprints.map(({ restingBytes }) => restingBytes)),
    peakBytes: medianKnown(footprints.map(({ peakBytes }) => peakBytes)),
  };
}

function keyOf(workload: string, engine: string): string {
  return `${workload} ${engine}`;
}

function push<Value>(lists: Map<string, Value[]>, key: string, value: Value): void {
  const list = lists.get(key);
  if (list === undefined) lists.set(key, [value]);
  else list.push(value);
}
