/** `npm run bench:all`: every part of docs/benchmarks.md, one after the other; `npm run bench:report` makes the page. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Command } from 'commander';
import { BENCH_DIRECTORY } from '../optional-package.ts';
import { PARTS, type Part } from './parts.ts';
import { slim } from './slim.ts';

interface Settings {
  readonly parts?: readonly string[];
  readonly results: string;
  readonly quick: boolean;
}

const PROGRAMS: Readonly<Record<Part['program'], string>> = {
  bench: fileURLToPath(new URL('../main.js', import.meta.url)),
  micro: fileURLToPath(new URL('../micro/main.js', import.meta.url)),
};

function main(): void {
  const list = PARTS.map(
    ({ name, what, minutes, isExtra }) =>
      `  ${name.padEnd(20)}${what}; about ${minutes} min${isExtra === true ? '; only when asked for' : ''}`,
  );
  const command = new Command('npm run bench:all --')
    .description('Measures everything that docs/benchmarks.md tells.')
    .option('--parts <names>', 'these alone', (text) => text.split(','))
    .option('--results <folder>', 'where the results go', join(BENCH_DIRECTORY, 'results'))
    .option('--quick', 'some thousand entries, to see that everything works', false)
    .addHelpText('after', `\nParts:\n${list.join('\n')}`)
    .parse();
  const settings: Settings = command.opts();
  const parts = partsNamed(settings.parts);
  const minutes = parts.reduce((sum, part) => sum + part.minutes, 0);
  if (!settings.quick) process.stderr.write(`This takes about ${Math.ceil(minutes)} minutes.\n`);
  mkdirSync(settings.results, { recursive: true });
  for (const part of parts) run(part, settings);
}

function partsNamed(names: readonly string[] | undefined): readonly Part[] {
  if (names === undefined) return PARTS.filter(({ isExtra }) => isExtra !== true);
  return names.map((name) => {
    const part = PARTS.find((known) => known.name === name);
    if (part === undefined) {
      throw new Error(`there is no part ${name}; there are ${PARTS.map((known) => known.name).join(', ')}`);
    }
    return part;
  });
}

/** What is there already stays until the new result is whole. */
function run({ name, what, program, args }: Part, { results, quick }: Settings): void {
  process.stderr.write(`\n${name}: ${what}\n`);
  const file = join(results, `${name}.json`);
  const begin = performance.now();
  const { status, signal } = spawnSync(
    process.execPath,
    [PROGRAMS[program], ...(quick ? shortened(args) : args), ...(quick ? ['--quick'] : []), '--json', file],
    { stdio: ['ignore', 'ignore', 'inherit'] },
  );
  if (status !== 0) throw new Error(`the part ${name} ended with ${signal ?? status}`);
  writeFileSync(file, slim(readFileSync(file, 'utf8')));
  process.stderr.write(`${name} took ${((performance.now() - begin) / 60_000).toFixed(1)} minutes\n`);
}

/** Engines, workloads and sizes of values as they are, but few entries and the defaults of a quick run. */
function shortened(args: readonly string[]): readonly string[] {
  const lengths = ['--entries', '--rounds', '--seconds'];
  return args.filter((arg, place) => !lengths.includes(arg) && !lengths.includes(args[place - 1]));
}

try {
  main();
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
