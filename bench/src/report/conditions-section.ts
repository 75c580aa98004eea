/** On what was measured, of which versions, by which calls. */
import { humanBytes, humanCount } from '../../../src/cli/human.ts';
import type { BenchResult, Durability, Run } from '../result.ts';
import type { Findings } from './findings.ts';
import { table } from './markdown.ts';

export function machineSection({ benches, main }: Findings): string {
  return [...new Set(benches.map(sentence)), ...busyText(main)].join('\n');
}

/** Reads that are answered by one thread and from memory: where the machine is quiet they have a processor to themselves. */
const ONE_THREAD: readonly string[] = ['readrandom', 'readmissing', 'readhot'];

const QUIET_SHARE = 0.85;

/** Whether others used the machine as well, by the processor time that such reads had of the time on the clock. */
function busyText({ workloads }: Run): readonly string[] {
  const shares = workloads
    .filter(({ workload }) => ONE_THREAD.includes(workload))
    .flatMap(({ engines }) => engines.filter(({ engine }) => engine === 'mini-lsm'))
    .flatMap(({ cpuMicroseconds, opsPerSecond }) =>
      cpuMicroseconds === null ? [] : [(cpuMicroseconds * opsPerSecond) / 1e6],
    );
  if (shares.length === 0) return [];
  const share = shares.reduce((sum, one) => sum + one, 0) / shares.length;
  if (share >= QUIET_SHARE) return [];
  return [
    `- **The machine was busy with other things**: a thread that only read had ${(100 * share).toFixed(0)} % of a processor. ` +
      'What these figures tell are ratios, those by processor time most of all; a quiet machine is faster.',
  ];
}

function sentence({ date, machine, settings }: BenchResult): string {
  const { node, platform, cpu, cores, memoryBytes } = machine;
  const { rounds, keyBytes, cacheBytes, quick } = settings;
  const caution = quick ? ' **This was a quick run: it shows that the benchmark works, and no speed.**' : '';
  return (
    `- ${date.slice(0, 10)}: Node.js ${node}, ${platform}, ${cores} cores of ${cpu}, ${humanBytes(memoryBytes)} of memory; ` +
    `${keyBytes}-byte keys, caches of ${humanBytes(cacheBytes)}, ${rounds === 1 ? 'one round' : `medians of ${rounds} rounds`}.${caution}`
  );
}

export function mainRunText({ main }: Findings): string {
  return `${humanCount(main.entries)} entries with values of ${humanBytes(main.valueBytes)}: ${humanBytes(main.dataBytes)} of keys and values.`;
}

export function enginesSection({ engines }: Findings): string {
  return table(
    [{ title: 'engine' }, { title: 'version' }, { title: 'kind' }, { title: 'how it is set up' }],
    engines.map(({ name, version, kind, notes, skipped }) => [
      name,
      version ?? '',
      kind,
      skipped === null ? notes : `${notes} **Left out: ${skipped}.**`,
    ]),
  );
}

const DURABILITY: Readonly<Record<Durability, string>> = {
  os: 'with the operating system',
  fsync: 'after fsync',
  memory: 'in memory',
};

export function callsSection({ main, engines }: Findings): string {
  const names = engines
    .map(({ name }) => name)
    .filter((name) => main.workloads.some((result) => result.engines.some(({ engine }) => engine === name)));
  return table(
    [{ title: 'workload' }, { title: 'acknowledged' }, ...names.map((title) => ({ title }))],
    main.workloads
      .filter((result) => result.engines.length > 0)
      .map((result) => [
        result.workload,
        DURABILITY[result.durability],
        ...names.map((name) => result.engines.find(({ engine }) => engine === name)?.call ?? ''),
      ]),
  );
}
