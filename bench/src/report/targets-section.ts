/** The targets beside what was measured: reached, or missed by how much. */
import { humanBytes, humanCount } from '../../../src/cli/human.ts';
import type { EngineResult, Quantity, TargetResult } from '../result.ts';
import { type Findings, resultOf, workloadOf } from './findings.ts';
import { ratioText, table, timeText } from './markdown.ts';

const QUANTITIES: Readonly<
  Record<Quantity, { readonly name: string; readonly show: (value: number) => string }>
> = {
  opsPerSecond: { name: 'speed', show: (value) => `${humanCount(value)}/s` },
  diskBytes: { name: 'bytes on disk', show: humanBytes },
  peakBytes: { name: 'resident memory', show: humanBytes },
  writeAmplification: { name: 'write amplification', show: ratioText },
  p999: { name: '99.9th percentile', show: timeText },
  p9999: { name: '99.99th percentile', show: timeText },
  slowest: { name: 'slowest', show: timeText },
  milliseconds: { name: 'time', show: (value) => timeText(value * 1e6) },
};

export function targetsSection(findings: Findings): string {
  const judged = findings.targets.filter(({ met }) => met !== null);
  const open = findings.targets.filter(({ met }) => met === null);
  return [judgedText(judged, findings), openText(open)].filter((text) => text !== '').join('\n\n');
}

function judgedText(judged: readonly TargetResult[], findings: Findings): string {
  if (judged.length === 0) return 'No target could be judged.';
  const met = judged.filter((target) => target.met === true);
  const columns = [
    { title: 'work' },
    { title: 'what' },
    { title: 'against' },
    { title: 'ours', isNumber: true },
    { title: 'theirs', isNumber: true },
    { title: 'ratio', isNumber: true },
    { title: 'by processor time', isNumber: true },
    { title: 'wanted', isNumber: true },
    { title: '' },
  ];
  const rows = judged.map((target) => rowOf(target, findings));
  return `Reached: ${met.length} of ${judged.length}.\n\n${table(columns, rows)}`;
}

/** Those of a workload together. */
function openText(open: readonly TargetResult[]): string {
  if (open.length === 0) return '';
  const peers = new Map<string, string[]>();
  for (const { workload, quantity, against, entries } of open) {
    const what = `${workload} of ${humanCount(entries)} entries, ${QUANTITIES[quantity].name}`;
    peers.set(what, [...(peers.get(what) ?? []), ...(against === null ? [] : [against])]);
  }
  const names = [...peers].map(([what, list]) =>
    list.length === 0 ? what : `${what} against ${list.join(', ')}`,
  );
  return `Not judged, since these results have not what it takes: ${names.join('; ')}.`;
}

function rowOf(target: TargetResult, findings: Findings): readonly string[] {
  const { workload, engine, quantity, against, bound, entries, ours, theirs, ratio } = target;
  const { name, show } = QUANTITIES[quantity];
  const wanted = quantity === 'opsPerSecond' ? 'at least' : 'at most';
  return [
    entries === findings.main.entries ? workload : `${workload}, ${humanCount(entries)} entries`,
    engine === 'mini-lsm' ? name : `${name} of ${engine}`,
    against ?? '',
    ours === null ? '' : show(ours),
    theirs === null ? '' : `${show(theirs)}${stopped(target, findings)}`,
    ratio === null ? '' : ratioText(ratio),
    processorRatio(target, findings),
    `${wanted} ${against === null ? show(bound) : ratioText(bound)}`,
    verdict(target),
  ];
}

/** Speeds by the processor time of an operation, in all threads: it swings less than the time on the clock. */
function processorRatio(target: TargetResult, findings: Findings): string {
  const { workload, againstWorkload = workload, engine, against, quantity } = target;
  if (quantity !== 'opsPerSecond' || against === null) return '';
  const ours = measured(target, findings, workload, engine)?.cpuMicroseconds;
  const theirs = measured(target, findings, againstWorkload, against)?.cpuMicroseconds;
  return typeof ours === 'number' && typeof theirs === 'number' && ours > 0 ? ratioText(theirs / ours) : '';
}

function measured(
  { entries, valueBytes }: TargetResult,
  { runs }: Findings,
  workload: string,
  engine: string,
): EngineResult | undefined {
  const run = runs.find((size) => size.entries === entries && size.valueBytes === valueBytes);
  const result = run === undefined ? undefined : workloadOf(run, workload);
  return result === undefined ? undefined : resultOf(result, engine);
}

/** Where the peer was not given the time to do all of it. */
function stopped(target: TargetResult, findings: Findings): string {
  const { workload, engine, against } = target;
  if (target.quantity === 'opsPerSecond' || against === null) return '';
  const most = measured(target, findings, workload, engine)?.operations ?? 0;
  const own = measured(target, findings, workload, against)?.operations ?? most;
  return own >= most ? '' : ` (its first ${humanCount(own)})`;
}

/** `reached`, or `missed by 12 %`: of the bound, what is lacking or too much. */
export function verdict({ quantity, against, bound, ours, ratio, met }: TargetResult): string {
  if (met === null) return '';
  if (met) return 'reached';
  const value = against === null ? ours : ratio;
  if (value === null) return '**missed**';
  const share = quantity === 'opsPerSecond' ? 1 - value / bound : value / bound - 1;
  return `**missed by ${share < 0.01 ? 'less than 1' : (100 * share).toFixed(0)} %**`;
}
