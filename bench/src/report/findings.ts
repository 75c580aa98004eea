/** What a report says, put together from all results: one run for each size, each target once. */
import { ENGINE_NAMES } from '../candidates.ts';
import type { MicroReport } from '../micro/case.ts';
import type { BenchResult, EngineInfo, EngineResult, Run, TargetResult, WorkloadResult } from '../result.ts';
import { judge } from '../targets.ts';
import { WORKLOAD_NAMES } from '../workloads.ts';
import type { Inputs } from './inputs.ts';

/** The size that the tables and the first chart are about; the targets' own. */
const MAIN_VALUE_BYTES = 100;

export interface Findings {
  readonly benches: readonly BenchResult[];
  readonly micro: MicroReport | undefined;
  /** In the order of the tables. */
  readonly engines: readonly EngineInfo[];
  /** By value size, then by entries. */
  readonly runs: readonly Run[];
  /** The one that measured most at the main size of values. */
  readonly main: Run;
  readonly targets: readonly TargetResult[];
}

/** Where results speak of the same, the later one counts. */
export function findingsOf({ benches, micros }: Inputs): Findings {
  const engines = new Map<string, EngineInfo>();
  const runs = new Map<string, Run>();
  for (const bench of benches) {
    for (const engine of bench.engines) {
      if (engine.skipped === null || !engines.has(engine.name)) engines.set(engine.name, engine);
    }
    for (const run of bench.runs) {
      const size = `${run.valueBytes} ${run.entries}`;
      const before = runs.get(size);
      runs.set(size, before === undefined ? run : joined(before, run));
    }
  }
  const sorted = [...runs.values()]
    .map(inOrder)
    .sort((a, b) => a.valueBytes - b.valueBytes || a.entries - b.entries);
  return {
    benches,
    micro: micros.at(-1),
    engines: [...engines.values()].sort((a, b) => placeOf(a) - placeOf(b)),
    runs: sorted,
    main: mainRun(sorted),
    // Not what each result says: a peer may have been measured in another part.
    targets: judge(sorted),
  };
}

function placeOf({ name }: EngineInfo): number {
  const place = ENGINE_NAMES.indexOf(name);
  return place === -1 ? ENGINE_NAMES.length : place;
}

/** Its workloads in the order of the tables of the benchmark, from whatever files they came. */
function inOrder(run: Run): Run {
  const placeOfWorkload = ({ workload }: WorkloadResult): number => WORKLOAD_NAMES.indexOf(workload);
  return { ...run, workloads: [...run.workloads].sort((a, b) => placeOfWorkload(a) - placeOfWorkload(b)) };
}

/** Workloads of both; of one that both have, the engines of both. */
function joined(before: Run, after: Run): Run {
  const workloads = new Map(before.workloads.map((result) => [result.workload, result]));
  for (const result of after.workloads) {
    const known = workloads.get(result.workload);
    workloads.set(result.workload, known === undefined ? result : joinedWorkload(known, result));
  }
  const footprints = new Map(before.footprints.map((footprint) => [footprint.engine, footprint]));
  // A run of a few workloads may have loaded no database.
  for (const footprint of after.footprints) {
    if (footprint.loadedBytes !== null || !footprints.has(footprint.engine)) {
      footprints.set(footprint.engine, footprint);
    }
  }
  return { ...before, workloads: [...workloads.values()], footprints: [...footprints.values()] };
}

function joinedWorkload(before: WorkloadResult, after: WorkloadResult): WorkloadResult {
  const measured = new Set(after.engines.map(({ engine }) => engine));
  const engines = [...before.engines.filter(({ engine }) => !measured.has(engine)), ...after.engines];
  const skipped = [...before.skipped, ...after.skipped].filter(
    ({ engine }, place, all) =>
      !engines.some((result) => result.engine === engine) &&
      all.findIndex((other) => other.engine === engine) === place,
  );
  return { ...after, engines, skipped };
}

function mainRun(runs: readonly Run[]): Run {
  const candidates = runs.filter(({ valueBytes }) => valueBytes === MAIN_VALUE_BYTES);
  const among = candidates.length > 0 ? candidates : runs;
  return among.reduce((most, run) => (figures(run) >= figures(most) ? run : most));
}

function figures({ workloads }: Run): number {
  return workloads.reduce((sum, { engines }) => sum + engines.length, 0);
}

/** A workload of a run; undefined if nobody was measured by it. */
export function workloadOf(run: Run, name: string): WorkloadResult | undefined {
  return run.workloads.find(({ workload, engines }) => workload === name && engines.length > 0);
}

/** Those of a group in which somebody was measured. */
export function workloadsOf(run: Run, group: string): readonly WorkloadResult[] {
  return run.workloads.filter((result) => result.group === group && result.engines.length > 0);
}

/** Engines in the order of the tables, of those that some workloads name. */
export function enginesOf(findings: Findings, workloads: readonly WorkloadResult[]): readonly string[] {
  const measured = new Set(workloads.flatMap(({ engines }) => engines.map(({ engine }) => engine)));
  return findings.engines.map(({ name }) => name).filter((name) => measured.has(name));
}

export function resultOf({ engines }: WorkloadResult, name: string): EngineResult | undefined {
  return engines.find(({ engine }) => engine === name);
}
