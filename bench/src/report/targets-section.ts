/** The targets beside what was measured: reached, or missed by how much. */
import { counted, humanBytes, humanCount } from '../../../src/cli/human.ts';
import type { Quantity, TargetResult } from '../result.ts';
import { type Findings, workloadOf } from './findings.ts';
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
  const met = judged.filter((target) => target.met === true);
  const parts = [
    `${met.length} of ${counted(judged.length, 'target')} that could be judged ${met.length === 1 ? 'is' : 'are'} reached.`,
    table(
      [
        { title: 'work' },
        { title: 'what' },
        { title: 'against' },
        { title: 'ours', isNumber: true },
        { title: 'theirs', isNumber: true },
        { title: 'ratio', isNumber: true },
        { title: 'wanted', isNumber: true },
        { title: '' },
      ],
      judged.map((target) => rowOf(target, findings)),
    ),
  ];
  if (open.length > 0) {
    const names = open.map(({ workload, quantity, against, entries }) => {
      const peer = against === null ? '' : ` against ${against}`;
      return `${workload} (${QUANTITIES[quantity].name}${peer}, ${humanCount(entries)} entries)`;
    });
    parts.push(
      `Not judged, since this machine had not what it takes or the run was left out: ${names.join('; ')}.`,
    );
  }
  return parts.join('\n\n');
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
    `${wanted} ${against === null ? show(bound) : ratioText(bound)}`,
    verdict(target),
  ];
}

/** Where the peer was not given the time to do all of it. */
function stopped({ workload, against, entries, valueBytes }: TargetResult, { runs }: Findings): string {
  const run = runs.find((size) => size.entries === entries && size.valueBytes === valueBytes);
  const engines = (run === undefined ? undefined : workloadOf(run, workload))?.engines ?? [];
  const most = Math.max(...engines.map(({ operations }) => operations));
  const own = engines.find(({ engine }) => engine === against)?.operations;
  return own === undefined || own >= most ? '' : ` (its first ${humanCount(own)})`;
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
