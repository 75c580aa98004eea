/**
 * A result as it is kept in the repository: without the time lines that no chart shows, and numbers with no more
 * digits than they mean. What is left of a part is some ten kilobytes.
 */
import type { BenchResult, WorkloadResult } from '../result.ts';

/** The workload whose time line is drawn. */
const DRAWN = 'load';

const DIGITS = 6;

/** Of the text of a result, the text that is kept. */
export function slim(json: string): string {
  const result: unknown = JSON.parse(json);
  const kept = isBench(result)
    ? {
        ...result,
        runs: result.runs.map((run) => ({ ...run, workloads: run.workloads.map(withoutTimelines) })),
      }
    : result;
  return `${JSON.stringify(kept, shortNumbers, 1)}\n`;
}

function withoutTimelines(result: WorkloadResult): WorkloadResult {
  if (result.workload === DRAWN) return result;
  return {
    ...result,
    engines: result.engines.map((engine) => ({
      ...engine,
      rounds: engine.rounds.map((round) => ({ ...round, timeline: [] })),
    })),
  };
}

/** Whole numbers stay as they are: bytes and counts are exact. */
function shortNumbers(_: string, value: unknown): unknown {
  return typeof value === 'number' && !Number.isInteger(value) ? Number(value.toPrecision(DIGITS)) : value;
}

function isBench(result: unknown): result is BenchResult {
  return typeof result === 'object' && result !== null && 'runs' in result;
}
