/** `npm run bench:micro`: the pieces of the engine, each by itself. */
import { parseArgs } from 'node:util';
import { renderTable } from '../../../src/cli/tables.ts';
import { thisMachine } from '../machine.ts';
import { wholeNumber } from '../whole-number.ts';
import type { MicroCase, MicroReport, MicroResult } from './case.ts';
import { MICRO_CASES } from './cases.ts';
import { measureCase } from './measure.ts';

const HELP = `Measures the pieces of the engine, each by itself.

  --only TEXT   only those whose names contain it: ${[...new Set(MICRO_CASES.map(({ piece }) => piece))].join(', ')}
  --time N      milliseconds for each, after half as long a warm-up (default 500)
  --json        the result as JSON
`;

function main(): void {
  const { values } = parseArgs({
    options: {
      only: { type: 'string', default: '' },
      time: { type: 'string', default: '500' },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false, short: 'h' },
    },
  });
  if (values.help) {
    process.stdout.write(HELP);
    return;
  }
  const cases = casesNamed(values.only);
  const time = wholeNumber('time', values.time, 1);
  const results = cases.map((micro) => {
    process.stderr.write(`${nameOf(micro)}\n`);
    return measureCase(micro, time);
  });
  const report: MicroReport = { kind: 'micro', machine: thisMachine(), results };
  process.stdout.write(values.json ? `${JSON.stringify(report, null, 2)}\n` : render(results));
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
