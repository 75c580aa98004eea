/** How fast every engine does every workload of a group. */
import { enginesOf, type Findings, workloadsOf } from '../findings.ts';
import type { Chart } from './chart.ts';
import { dotPlot } from './dot-plot.ts';

/** A figure of seconds rather than of operations has no place beside the others. */
const NOT_SHOWN: ReadonlySet<string> = new Set(['openclean', 'opencrash']);

export function throughputChart(findings: Findings, group: string, title: string): Chart | undefined {
  const workloads = workloadsOf(findings.main, group).filter(({ workload }) => !NOT_SHOWN.has(workload));
  if (workloads.length === 0) return undefined;
  return dotPlot(
    title,
    'operations a second, logarithmic',
    enginesOf(findings, workloads),
    workloads.map(({ workload, engines }) => ({
      name: workload,
      values: new Map(engines.map(({ engine, opsPerSecond }) => [engine, opsPerSecond])),
    })),
  );
}
