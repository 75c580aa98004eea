/** What happens while a database is loaded, one put at a time in random order, and compactions run beside it. */
import type { Sample } from '../../result.ts';
import { type Findings, workloadOf } from '../findings.ts';
import type { Chart } from './chart.ts';
import { type Line, linePanels, type Panel } from './line-panels.ts';

const PANEL_HEIGHT = 180;
const LOW_PANEL_HEIGHT = 130;

const MIB = 1024 * 1024;

export function latencyChart(findings: Findings): Chart | undefined {
  const lines = watchedLoad(findings)?.lines;
  if (lines === undefined) return undefined;
  const slowest = lines(({ latency }) => latency.slowest / 1e6);
  const p999 = lines(({ latency }) => latency.p999 / 1e6).map((line) => ({ ...line, isDashed: true }));
  const times =
    'The slowest put of each hundredth of the load and, dotted, its 99.9th percentile, milliseconds';
  return linePanels(
    'Latency while compactions run: a load in random order',
    [
      panel(
        'Puts a second',
        lines(({ opsPerSecond }) => opsPerSecond),
        'log',
      ),
      panel(times, [...slowest, ...p999], 'log'),
    ],
    1,
    PANEL_HEIGHT,
  );
}

export function resourcesChart(findings: Findings): Chart | undefined {
  const load = watchedLoad(findings);
  if (load === undefined) return undefined;
  const { entryBytes, lines } = load;
  const perByte = (bytes: number | null, { operations }: Sample): number | undefined =>
    bytes === null ? undefined : bytes / (operations * entryBytes);
  const panels = [
    panel(
      'Resident memory, MiB',
      lines(({ residentBytes }) => residentBytes / MIB),
    ),
    panel(
      'Written for each byte of keys and values',
      lines((sample) => perByte(sample.writtenBytes, sample)),
    ),
    panel(
      'On disk for each byte of keys and values',
      lines((sample) => perByte(sample.diskBytes, sample)),
    ),
  ].filter((one) => one.lines.length > 0);
  return linePanels('What the same load takes as it goes on', panels, 1, LOW_PANEL_HEIGHT);
}

function panel(title: string, lines: readonly Line[], y: 'value' | 'log' = 'value'): Panel {
  return { title, x: 'entries loaded', y: '', scale: { x: 'value', y }, showsPoints: false, lines };
}

interface WatchedLoad {
  readonly entryBytes: number;
  /** A line for every engine, of what is known. */
  readonly lines: (y: (sample: Sample) => number | undefined) => readonly Line[];
}

/** The largest load of which somebody was watched. */
function watchedLoad({ runs }: Findings): WatchedLoad | undefined {
  let largest: WatchedLoad | undefined;
  let most = 0;
  for (const run of runs) {
    const watched = (workloadOf(run, 'load')?.engines ?? [])
      .map(({ engine, rounds }) => ({ engine, timeline: rounds.at(-1)?.timeline ?? [] }))
      .filter(({ timeline }) => timeline.length > 0);
    if (watched.length === 0 || run.entries <= most) continue;
    most = run.entries;
    const lines: WatchedLoad['lines'] = (y) =>
      watched
        .map(({ engine, timeline }) => ({ engine, isDashed: false, points: pointsOf(timeline, y) }))
        .filter(({ points }) => points.length > 0);
    largest = { entryBytes: run.dataBytes / run.entries, lines };
  }
  return largest;
}

function pointsOf(timeline: readonly Sample[], y: (sample: Sample) => number | undefined): Line['points'] {
  return timeline.flatMap((sample) => {
    const value = y(sample);
    return value === undefined ? [] : [[sample.operations, value] as const];
  });
}
