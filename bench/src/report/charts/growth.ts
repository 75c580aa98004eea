/** What an operation costs as the data grow: a panel for each workload, a line for each engine. */
import type { Run } from '../../result.ts';
import { enginesOf, type Findings, resultOf, workloadOf } from '../findings.ts';
import type { Chart } from './chart.ts';
import { type Line, linePanels, type Panel } from './line-panels.ts';

const PANEL_HEIGHT = 170;

const PANELS: readonly { readonly workload: string; readonly title: string }[] = [
  { workload: 'fillrandom', title: 'put, microseconds' },
  { workload: 'readrandom', title: 'get, microseconds' },
  { workload: 'readseq', title: 'an entry of a full scan, microseconds' },
  { workload: 'seekrandom', title: 'seek and read 10, microseconds' },
];

/** Undefined unless some workload was measured at two sizes. */
export function growthChart(findings: Findings): Chart | undefined {
  const runs = findings.runs.filter(({ valueBytes }) => valueBytes === findings.main.valueBytes);
  const panels = PANELS.map(({ workload, title }) => panelOf(findings, runs, workload, title)).filter(
    ({ lines }) => lines.some(({ points }) => points.length > 1),
  );
  if (panels.length === 0) return undefined;
  return linePanels('Cost of an operation as the data grow', panels, 2, PANEL_HEIGHT);
}

function panelOf(findings: Findings, runs: readonly Run[], workload: string, title: string): Panel {
  const measured = runs.flatMap((run) => {
    const result = workloadOf(run, workload);
    return result === undefined ? [] : [{ entries: run.entries, result }];
  });
  const engines = enginesOf(
    findings,
    measured.map(({ result }) => result),
  );
  const lines: Line[] = engines.map((engine) => ({
    engine,
    isDashed: false,
    points: measured.flatMap(({ entries, result }) => {
      const speed = resultOf(result, engine)?.opsPerSecond;
      return speed === undefined ? [] : [[entries, 1e6 / speed] as const];
    }),
  }));
  return { title, x: 'entries', y: '', scale: { x: 'log', y: 'log' }, showsPoints: true, lines };
}
