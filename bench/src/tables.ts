/** A result for people: a table for each run, one of the targets, and what the figures stand for. */
import { humanBytes, humanCount, humanDuration } from '../../src/cli/human.ts';
import { type Column, renderTable } from '../../src/cli/tables.ts';
import type { BenchResult, Durability, EngineResult, Quantity, Run, TargetResult } from './result.ts';
import { isMoreBetter } from './targets.ts';

const DURABILITY: Readonly<Record<Durability, string>> = {
  os: 'acknowledged when with the operating system, no fsync',
  fsync: 'fsync before acknowledging',
  memory: 'nothing on a disk, as memory-level and sorted-map in all that they do',
};

/** What the ratios are of, where it was measured. */
const OURS = ['mini-lsm', 'mini-level'];

const right = (title: string): Column => ({ title, align: 'right' });

export function renderResult(result: BenchResult): string {
  const { machine, settings, engines, runs } = result;
  return [
    `${machine.cores} cores of ${machine.cpu}, ${humanBytes(machine.memoryBytes)}, ${machine.platform}, Node ${machine.node}`,
    `${settings.rounds} round${settings.rounds === 1 ? '' : 's'} in turns, medians; caches of ${humanBytes(settings.cacheBytes)}` +
      `${settings.quick ? '; QUICK: these figures say nothing about speed' : ''}`,
    ...runs.flatMap((run) => [renderRun(run, settings.rounds), renderFootprints(run), renderSkipped(run)]),
    'in brackets: the fastest round less the slowest, as a share of the median; CPU: processor time of an operation in all threads of the process, which swings less than the clock where a machine is busy; ratio: how many times as fast ours is (of mini-lsm, or where it was not measured of mini-level)',
    'durability: ' +
      Object.entries(DURABILITY)
        .map(([name, text]) => `${name}: ${text}`)
        .join('; '),
    ...renderTargets(result.targets),
    ...engines.map(({ name, version, notes, skipped }) =>
      skipped === null ? `${name} ${version}: ${notes}` : `${name}: LEFT OUT, ${skipped}`,
    ),
  ]
    .filter((part) => part !== '')
    .join('\n');
}

function renderRun({ entries, valueBytes, workloads }: Run, rounds: number): string {
  const rows = workloads.flatMap(({ workload, durability, engines }) => {
    const ours = engines.find(({ engine }) => OURS.includes(engine));
    return engines.map((result, index) => [
      index === 0 ? workload : '',
      result.engine,
      humanCount(result.operations),
      `${humanCount(result.opsPerSecond)}${rounds === 1 ? '' : ` (${(100 * result.spread).toFixed(0)} %)`}`,
      ours === undefined || ours === result ? '' : `${(ours.opsPerSecond / result.opsPerSecond).toFixed(2)}x`,
      result.cpuMicroseconds === null ? '-' : `${result.cpuMicroseconds.toFixed(2)} us`,
      cpuRatio(ours, result),
      sizeText(result.peakBytes),
      sizeText(result.diskBytes),
      result.writeAmplification === null ? '-' : result.writeAmplification.toFixed(2),
      latencyText(result),
      index === 0 ? durability : '',
      result.call,
    ]);
  });
  const columns = [
    { title: 'workload' },
    { title: 'engine' },
    right('operations'),
    right('op/s'),
    right('ratio'),
    right('CPU'),
    right('CPU ratio'),
    right('peak memory'),
    right('on disk'),
    right('write amp.'),
    right('p50 / p99 / p99.9 / p99.99 / slowest'),
    { title: 'durability' },
    { title: 'by' },
  ];
  return `\n${humanCount(entries)} entries, 16-byte keys, ${valueBytes}-byte values\n${renderTable(columns, rows)}`;
}

function renderFootprints({ footprints }: Run): string {
  const columns = [
    { title: 'engine' },
    right('loaded, on disk'),
    right('resident before'),
    right('at its peak'),
  ];
  return renderTable(
    columns,
    footprints.map(({ engine, loadedBytes, restingBytes, peakBytes }) => [
      engine,
      sizeText(loadedBytes),
      sizeText(restingBytes),
      sizeText(peakBytes),
    ]),
  );
}

function renderSkipped({ workloads }: Run): string {
  const byReason = new Map<string, string[]>();
  for (const { workload, skipped } of workloads) {
    for (const { engine, reason } of skipped) {
      const key = `${engine}: ${reason}`;
      byReason.set(key, [...(byReason.get(key) ?? []), workload]);
    }
  }
  return [...byReason].map(([key, names]) => `not measured, ${key} (${names.join(', ')})`).join('\n');
}

function renderTargets(targets: readonly TargetResult[]): string[] {
  const known = targets.filter(({ met }) => met !== null);
  if (known.length === 0) return [];
  const columns = [
    { title: 'target' },
    { title: 'against' },
    right('ours'),
    right('theirs'),
    right('ratio'),
    right('wanted'),
    { title: '' },
  ];
  return [
    renderTable(
      columns,
      known.map(({ workload, engine, quantity, against, ours, theirs, ratio, bound, met }) => [
        `${workload}, ${quantity} of ${engine}`,
        against ?? '',
        quantityText(quantity, ours),
        quantityText(quantity, theirs),
        ratio === null ? '' : `${ratio.toFixed(2)}x`,
        `${isMoreBetter(quantity) ? '>=' : '<='} ${against === null ? quantityText(quantity, bound) : `${bound}x`}`,
        met ? 'met' : 'MISSED',
      ]),
    ),
  ];
}

function quantityText(quantity: Quantity, value: number | null): string {
  if (value === null) return '-';
  switch (quantity) {
    case 'opsPerSecond':
      return `${humanCount(value)}/s`;
    case 'diskBytes':
    case 'peakBytes':
      return humanBytes(value);
    case 'writeAmplification':
      return value.toFixed(2);
    case 'p999':
    case 'p9999':
    case 'slowest':
      return nanosecondsText(value);
    case 'milliseconds':
      return humanDuration(value);
  }
}

function latencyText({ latency }: EngineResult): string {
  if (latency === null) return '';
  const { median, p99, p999, p9999, slowest } = latency;
  return [median, p99, p999, p9999, slowest].map(nanosecondsText).join(' / ');
}

function nanosecondsText(nanoseconds: number): string {
  return nanoseconds < 1e6 ? `${(nanoseconds / 1e3).toFixed(1)} us` : humanDuration(nanoseconds / 1e6);
}

function cpuRatio(ours: EngineResult | undefined, theirs: EngineResult): string {
  const [one, other] = [ours?.cpuMicroseconds ?? null, theirs.cpuMicroseconds];
  if (ours === theirs || one === null || other === null) return '';
  return `${(other / one).toFixed(2)}x`;
}

function sizeText(bytes: number | null): string {
  return bytes === null ? '-' : humanBytes(bytes);
}
