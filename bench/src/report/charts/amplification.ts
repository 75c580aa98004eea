/** Bytes written, and bytes on the disk, for each byte of keys and values. */
import { humanCount } from '../../../../src/cli/human.ts';
import type { Run } from '../../result.ts';
import { type Findings, workloadOf } from '../findings.ts';
import { type BarPanel, barPanels } from './bar-panels.ts';
import type { Chart } from './chart.ts';

/** What is written in random order, the longest first. */
const WRITING = ['load', 'fillrandom', 'fillbatch'] as const;

export function amplificationChart(findings: Findings): Chart | undefined {
  const panels = [writtenPanel(findings), ...diskPanels(findings.main)].filter(({ bars }) => bars.length > 0);
  if (panels.length === 0) return undefined;
  return barPanels('Write and space amplification: bytes for each byte of keys and values', panels);
}

/** Of the largest run by the first workload that there is. */
function writtenPanel({ runs, main, engines }: Findings): BarPanel {
  // What keeps nothing on a disk writes no more than a few words to its parent.
  const inMemory = new Set(engines.filter(({ kind }) => kind === 'JavaScript').map(({ name }) => name));
  for (const name of WRITING) {
    const sizes = runs.filter(({ valueBytes }) => valueBytes === main.valueBytes).reverse();
    for (const run of sizes) {
      const bars = (workloadOf(run, name)?.engines ?? []).flatMap(({ engine, writeAmplification }) =>
        writeAmplification === null || inMemory.has(engine) ? [] : [{ engine, value: writeAmplification }],
      );
      if (bars.length > 0) return { title: `Written, ${name} of ${humanCount(run.entries)}`, bars };
    }
  }
  return { title: 'Written', bars: [] };
}

function diskPanels({ dataBytes, footprints, workloads }: Run): readonly BarPanel[] {
  const compacted = workloads.find(({ workload }) => workload === 'compact')?.engines ?? [];
  const share = (engine: string, bytes: number | null): BarPanel['bars'] =>
    bytes === null || bytes === 0 ? [] : [{ engine, value: bytes / dataBytes }];
  return [
    {
      title: 'On disk, loaded in random order',
      bars: footprints.flatMap(({ engine, loadedBytes }) => share(engine, loadedBytes)),
    },
    {
      title: 'On disk, after compaction',
      bars: compacted.flatMap(({ engine, diskBytes }) => share(engine, diskBytes)),
    },
  ];
}
