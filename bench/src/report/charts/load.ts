/** What happens while a database is loaded, one put at a time in random order, and compactions run beside it. */
import type { Sample } from '../../result.ts';
import { type Findings, workloadOf } from '../findings.ts';
import type { Chart } from './chart.ts';
import { type Line, linePanels } from './line-panels.ts';

const PANEL_HEIGHT = 180;

const MIB = 1024 * 1024;

export function latencyChart(findings: Findings): Chart | undefined {
  const lines = linesOf(findings);
  if (lines === undefined) return undefined;
  const loaded = ({ operations }: Sample): number => operations;
  return linePanels(
    'Latency while compactions run: a load in random order',
    [
      {
        title: 'Puts a second',
        x: 'entries loaded',
        y: '',
        scale: { x: 'value', y: 'log' },
        showsPoints: false,
        lines: lines(loaded, ({ opsPerSecond }) => opsPerSecond),
      },
      {
        title:
          'The slowest put of each hundredth of the load and, dotted, its 99.9th percentile, milliseconds',
        x: 'entries loaded',
        y: '',
        scale: { x: 'value', y: 'log' },
        showsPoints: false,
        lines: [
          ...lines(loaded, ({ latency }) => latency.slowest / 1e6),
          ...lines(loaded, ({ latency }) => latency.p999 / 1e6).map((line) => ({ ...line, isDashed: true })),
        ],
      },
    ],
    1,
    PANEL_HEIGHT,
  );
}

export function memoryChart(findings: Findings): Chart | undefined {
  const lines = linesOf(findings);
  if (lines === undefined) return undefined;
  return linePanels(
    'Resident memory while a database grows',
    [
      {
        title: 'MiB',
        x: 'entries loaded',
        y: '',
        scale: { x: 'value', y: 'value' },
        showsPoints: false,
        lines: lines(
          ({ operations }) => operations,
          ({ residentBytes }) => residentBytes / MIB,
        ),
      },
    ],
    1,
    PANEL_HEIGHT,
  );
}

type Lines = (x: (sample: Sample) => number, y: (sample: Sample) => number) => readonly Line[];

/** Of the largest load: a line for every engine that was watched. */
export function linesOf({ runs }: Findings): Lines | undefined {
  const loads = runs.filter((run) => workloadOf(run, 'load') !== undefined);
  const largest = loads.reduce<(typeof loads)[number] | undefined>(
    (most, run) => (most === undefined || run.entries > most.entries ? run : most),
    undefined,
  );
  const watched = (largest === undefined ? [] : (workloadOf(largest, 'load')?.engines ?? []))
    .map(({ engine, rounds }) => ({ engine, timeline: rounds.at(-1)?.timeline ?? [] }))
    .filter(({ timeline }) => timeline.length > 0);
  if (watched.length === 0) return undefined;
  return (x, y) =>
    watched.map(({ engine, timeline }) => ({
      engine,
      isDashed: false,
      points: timeline.map((sample) => [x(sample), y(sample)] as const),
    }));
}
