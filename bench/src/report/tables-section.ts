/** Speeds by workload and engine, and what engines take of disk and memory. */
import { humanBytes, humanCount } from '../../../src/cli/human.ts';
import type { Run, WorkloadResult } from '../result.ts';
import { enginesOf, type Findings, resultOf, workloadOf, workloadsOf } from './findings.ts';
import { ratioText, table, timeText } from './markdown.ts';

const GROUPS: Readonly<Record<string, string>> = {
  db_bench: 'The workloads of db_bench',
  ycsb: 'YCSB',
  level: 'Calls that only abstract-level has',
  mixed: 'A mixture, each operation timed',
  load: 'A load, each put timed',
};

/** Of every group in the main run: operations a second, the spread of the rounds in brackets. */
export function speedsSection(findings: Findings): string {
  return Object.entries(GROUPS)
    .map(([group, title]) => ({ title, workloads: workloadsOf(findings.main, group) }))
    .filter(({ workloads }) => workloads.length > 0)
    .map(({ title, workloads }) => `### ${title}\n\n${speeds(findings, workloads)}`)
    .join('\n\n');
}

function speeds(findings: Findings, workloads: readonly WorkloadResult[]): string {
  const engines = enginesOf(findings, workloads);
  return table(
    [{ title: 'workload' }, { title: 'what' }, ...engines.map((title) => ({ title, isNumber: true }))],
    workloads.map((result) => [
      result.workload,
      result.description,
      ...engines.map((engine) => {
        const own = resultOf(result, engine);
        if (own === undefined) return '';
        const spread = own.rounds.length > 1 ? ` (${(100 * own.spread).toFixed(0)} %)` : '';
        return `${speedText(own.opsPerSecond)}${spread}`;
      }),
    ]),
  );
}

/** Less than ten a second is told with a digit behind the point. */
function speedText(opsPerSecond: number): string {
  return opsPerSecond < 10 ? opsPerSecond.toFixed(1) : humanCount(opsPerSecond);
}

/** Every size of values and number of entries that is not in the tables of the main run. */
export function sizesSection(findings: Findings): string {
  const others = findings.runs.filter((run) => run !== findings.main);
  if (others.length === 0) return '';
  const workloads = [
    ...new Set(findings.runs.flatMap((run) => run.workloads.map(({ workload }) => workload))),
  ];
  const rows = workloads.flatMap((name) =>
    others.flatMap((run) => {
      const result = run.workloads.find(({ workload, engines }) => workload === name && engines.length > 0);
      return result === undefined ? [] : [{ run, result }];
    }),
  );
  const engines = enginesOf(
    findings,
    rows.map(({ result }) => result),
  );
  return table(
    [
      { title: 'workload' },
      { title: 'entries', isNumber: true },
      { title: 'value', isNumber: true },
      ...engines.map((title) => ({ title, isNumber: true })),
    ],
    rows.map(({ run, result }) => [
      result.workload,
      humanCount(run.entries),
      humanBytes(run.valueBytes),
      ...engines.map((engine) => {
        const own = resultOf(result, engine);
        return own === undefined ? '' : speedText(own.opsPerSecond);
      }),
    ]),
  );
}

/** Bytes on disk and in memory of the main run. */
export function footprintSection({ main, engines }: Findings): string {
  const bytes = (value: number | null | undefined): string =>
    value === null || value === undefined ? '' : humanBytes(value);
  const rows = engines.flatMap(({ name }) => {
    const footprint = main.footprints.find(({ engine }) => engine === name);
    if (footprint === undefined) return [];
    const { loadedBytes, restingBytes, peakBytes } = footprint;
    const share = loadedBytes === null ? '' : ratioText(loadedBytes / main.dataBytes);
    return [
      [
        name,
        bytes(loadedBytes),
        share,
        bytes(compactedBytes(main, name)),
        bytes(peakBytes),
        bytes(restingBytes),
      ],
    ];
  });
  return table(
    [
      { title: 'engine' },
      { title: 'on disk, loaded', isNumber: true },
      { title: 'of the data', isNumber: true },
      { title: 'after compaction', isNumber: true },
      { title: 'resident at its peak', isNumber: true },
      { title: 'of it before opening', isNumber: true },
    ],
    rows,
  );
}

function compactedBytes({ workloads }: Run, name: string): number | null {
  const compact = workloads.find(({ workload }) => workload === 'compact');
  return (compact === undefined ? undefined : resultOf(compact, name))?.diskBytes ?? null;
}

/** How long operations took: of the main run, and of the largest load, wherever they were timed one by one. */
export function latencySection(findings: Findings): string {
  const load = findings.runs
    .filter((run) => workloadOf(run, 'load') !== undefined)
    .sort((a, b) => b.entries - a.entries)[0];
  const rows = findings.runs.flatMap((run) =>
    run.workloads
      .filter(({ workload }) => (workload === 'load' ? run === load : run === findings.main))
      .flatMap(({ workload, engines }) =>
        engines.flatMap(({ engine, operations, latency }) => {
          if (latency === null) return [];
          const { median, p99, p999, p9999, slowest } = latency;
          const times = [median, p99, p999, p9999, slowest].map(timeText);
          return [[workload, humanCount(run.entries), engine, humanCount(operations), ...times]];
        }),
      ),
  );
  return table(
    [
      { title: 'workload' },
      { title: 'entries', isNumber: true },
      { title: 'engine' },
      { title: 'operations', isNumber: true },
      ...['median', '99 %', '99.9 %', '99.99 %', 'slowest'].map((title) => ({ title, isNumber: true })),
    ],
    rows,
  );
}
