/**
 * `npm run test:long`: every explorer, or those named, up to its long budget, shared out over processes.
 * Prints a line for each, and for a finding the command that repeats it; exits with 1 if there was one.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { Command, InvalidArgumentError } from 'commander';
import { startProgress } from '../../src/cli/progress.ts';
import { type Counts, describeCounts, type Explorer, seedOf } from './explorer.ts';
import { explorerNames, loadExplorer } from './load-explorer.ts';
import type { Message } from './long-worker.ts';

/** How long a process may say nothing, milliseconds. The longest cases take a few minutes. */
const PATIENCE = 30 * 60_000;

interface Settings {
  readonly part: number;
  readonly from: number;
  readonly processes: number;
  readonly json?: boolean;
}

/** What became of one explorer. */
interface Result {
  readonly explorer: string;
  /** Why nothing could be explored. */
  readonly missing?: string;
  readonly counts: Counts;
  readonly seconds: number;
  /** What was found, as text; nothing if all was well. */
  readonly findings: readonly string[];
}

const program = new Command('test:long')
  .argument('[explorers...]', `which to run: ${explorerNames().join(', ')}; without one, all`)
  .option('--part <share>', 'share of the long budget, for example 0.1', positive, 1)
  .option('--from <seed>', 'the first seed', whole, 0)
  .option('--processes <count>', 'how many processes share the cases', counting, availableParallelism())
  .option('--json', 'one line of JSON for each explorer');
program.parse();
const settings = program.opts<Settings>();
const names = program.args.length > 0 ? program.args : explorerNames();
for (const explorer of await Promise.all(names.map(loadExplorer))) {
  const result = await run(explorer);
  console.log(settings.json ? JSON.stringify(result) : render(result));
  if (result.findings.length > 0) process.exitCode = 1;
}

async function run(explorer: Explorer): Promise<Result> {
  const missing = explorer.missing?.();
  if (missing !== undefined)
    return { explorer: explorer.name, missing, counts: {}, seconds: 0, findings: [] };
  const begin = performance.now();
  const units = Math.ceil(explorer.budget.long * settings.part);
  const label = `${explorer.name} (${explorer.unit})`;
  const progress = startProgress({ stream: process.stderr, label, unit: 'cases', total: units });
  const counts: Counts[] = [];
  const explorations = Array.from({ length: settings.processes }, (_, index) =>
    explore(explorer.name, index, Math.ceil(units / settings.processes), (soFar) => {
      counts[index] = soFar;
      progress.update(sum(counts)[explorer.unit] ?? 0);
    }),
  );
  const findings = (await Promise.all(explorations)).filter((finding) => finding !== undefined);
  progress.stop();
  const seconds = Math.round((performance.now() - begin) / 100) / 10;
  return { explorer: explorer.name, counts: sum(counts), seconds, findings };
}

/** Explores the share of one process; what it found, or undefined if it came to its end and found nothing. */
async function explore(
  name: string,
  index: number,
  units: number,
  onCounts: (soFar: Counts) => void,
): Promise<string | undefined> {
  const child = startChild(name, index, units);
  let last: Message | undefined;
  let alarm: NodeJS.Timeout | undefined;
  const watch = (): void => {
    clearTimeout(alarm);
    alarm = setTimeout(() => child.kill('SIGKILL'), PATIENCE);
  };
  watch();
  child.on('message', (message: Message) => {
    watch();
    last = message;
    onCounts(message.counts);
  });
  // Its last words may come after its exit, and before its close.
  const [code, signal] = await once(child, 'close');
  clearTimeout(alarm);
  if (last?.end === 'done' && code === 0) return undefined;
  if (typeof last?.end === 'object') return last.end.finding;
  const seed = last?.seed ?? settings.from + index;
  const how = signal === 'SIGKILL' ? 'SIGKILL, sent by us if it was silent for too long' : (signal ?? code);
  const repeat = `npm run test:long ${name} -- --from ${seed} --processes 1`;
  return `a process ended with ${how}, at seed ${seed} or a little later; find it with: ${repeat}`;
}

function startChild(name: string, index: number, units: number): ChildProcess {
  const worker = fileURLToPath(new URL('long-worker.js', import.meta.url));
  const { from, processes } = settings;
  return fork(worker, [name, String(from + index), String(processes), String(units)], { stdio: 'inherit' });
}

function sum(parts: readonly Counts[]): Counts {
  const total: Record<string, number> = {};
  for (const part of Object.values(parts)) {
    for (const [name, count] of Object.entries(part)) total[name] = (total[name] ?? 0) + count;
  }
  return total;
}

function render({ explorer, missing, counts, seconds, findings }: Result): string {
  if (missing !== undefined) return `${explorer}: skipped, ${missing}`;
  const line = `${explorer}: ${describeCounts(counts)}, ${findings.length} bad, ${seconds} s`;
  return [line, ...findings].join('\n');
}

function positive(text: string): number {
  const number = Number(text);
  if (!(number > 0)) throw new InvalidArgumentError('a number above 0 is needed');
  return number;
}

function counting(text: string): number {
  if (whole(text) === 0) throw new InvalidArgumentError('at least one is needed');
  return Number(text);
}

function whole(text: string): number {
  const number = seedOf(text);
  if (number === undefined) throw new InvalidArgumentError('a whole number from 0 is needed');
  return number;
}
