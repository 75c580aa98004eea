/** `npm run bench:micro`: the pieces of the engine, each by itself. */
import { writeFileSync } from 'node:fs';
import { Command } from 'commander';
import { renderTable } from '../../../src/cli/tables.ts';
import { thisMachine } from '../machine.ts';
import { wholeNumber } from '../whole-number.ts';
import type { MicroCase, MicroReport, MicroResult } from './case.ts';
import { MICRO_CASES } from './cases.ts';
import { measureCase } from './measure.ts';

const PIECES: readonly string[] = [...new Set(MICRO_CASES.map(({ piece }) => piece))];

interface Settings {
  readonly only: string;
  readonly time: number;
  readonly quick: boolean;
  readonly json?: string | true;
}

function main(): void {
  const settings: Settings = new Command('npm run bench:micro --')
    .description('Measures the pieces of the engine, each by itself.')
    .option('--only <text>', `those whose names contain it: ${PIECES.join(', ')}`, '')
    .option(
      '--time <milliseconds>',
      'for each, after half as long a warm-up',
      (text) => wholeNumber('time', text, 1),
      500,
    )
    .option('--quick', 'a millisecond for each, to see that everything works', false)
    .option('--json [file]', 'the result as JSON in a file, or instead of the table')
    .parse()
    .opts();
  const { only, time, quick, json } = settings;
  const results = casesNamed(only).map((micro) => {
    process.stderr.write(`${nameOf(micro)}\n`);
    return measureCase(micro, quick ? 1 : time);
  });
  const report: MicroReport = { kind: 'micro', machine: thisMachine(), results };
  const text = `${JSON.stringify(report, null, 2)}\n`;
  if (typeof json === 'string') writeFileSync(json, text);
  process.stdout.write(json === true ? text : render(results));
}

function casesNamed(text: string): readonly MicroCase[] {
  const cases = MICRO_CASES.filter((micro) => nameOf(micro).includes(text));
  if (cases.length === 0) throw new Error(`--only ${text}: there is no such piece`);
  return cases;
}

function nameOf({ piece, work }: MicroCase): string {
  return `${piece}: ${work}`;
}

function render(results: readonly MicroResult[]): string {
  return `${renderTable(
    [
      { title: 'piece' },
      { title: 'work' },
      { title: 'ns, median', align: 'right' },
      { title: 'ns, fastest', align: 'right' },
      { title: 'ns, 99 %', align: 'right' },
      { title: 'MB/s', align: 'right' },
    ],
    results.map(({ piece, work, bytes, medianNanoseconds, fastestNanoseconds, p99Nanoseconds }) => [
      piece,
      work,
      medianNanoseconds.toFixed(1),
      fastestNanoseconds.toFixed(1),
      p99Nanoseconds.toFixed(1),
      bytes === undefined ? '' : ((bytes * 1000) / medianNanoseconds).toFixed(0),
    ]),
  )}\n`;
}

try {
  main();
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
