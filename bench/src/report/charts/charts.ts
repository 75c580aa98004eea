/** The charts of the report, by the names of their files; those that nothing was measured for are not there. */
import type { Findings } from '../findings.ts';
import { amplificationChart } from './amplification.ts';
import type { Chart } from './chart.ts';
import { growthChart } from './growth.ts';
import { latencyChart, resourcesChart } from './load.ts';
import { throughputChart } from './throughput.ts';

export const CHART_NAMES = ['throughput', 'ycsb', 'latency', 'resources', 'amplification', 'growth'] as const;
export type ChartName = (typeof CHART_NAMES)[number];

const MAKERS: Readonly<Record<ChartName, (findings: Findings) => Chart | undefined>> = {
  throughput: (findings) =>
    throughputChart(findings, 'db_bench', 'Throughput by workload, operations a second'),
  ycsb: (findings) => throughputChart(findings, 'ycsb', 'YCSB with zipfian keys, operations a second'),
  latency: latencyChart,
  resources: resourcesChart,
  amplification: amplificationChart,
  growth: growthChart,
};

export function chartsOf(findings: Findings): ReadonlyMap<ChartName, Chart> {
  const charts = new Map<ChartName, Chart>();
  for (const name of CHART_NAMES) {
    const chart = MAKERS[name](findings);
    if (chart !== undefined) charts.set(name, chart);
  }
  return charts;
}
