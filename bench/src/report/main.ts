/**
 * `npm run bench:report`: from the results in bench/results to docs/benchmarks.md and its charts. The same results
 * give the same bytes.
 */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { BENCH_DIRECTORY } from '../optional-package.ts';
import { CHART_NAMES, chartsOf } from './charts/charts.ts';
import { drawChart } from './charts/draw.ts';
import { findingsOf } from './findings.ts';
import { readInputs } from './inputs.ts';
import { CHARTS_FOLDER, renderPage } from './page.ts';

const HELP = `Writes docs/benchmarks.md and its charts from results.

  --results PATH   folder with what npm run bench -- --json and bench:micro -- --json gave (default: bench/results)
  --docs PATH      folder that gets benchmarks.md and benchmarks/*.svg (default: docs)
  --no-charts      the page alone, for which nothing has to be installed
`;

function main(): void {
  const { values } = parseArgs({
    options: {
      results: { type: 'string', default: join(BENCH_DIRECTORY, 'results') },
      docs: { type: 'string', default: join(BENCH_DIRECTORY, '..', 'docs') },
      charts: { type: 'boolean', default: true },
      help: { type: 'boolean', default: false, short: 'h' },
    },
    allowNegative: true,
  });
  if (values.help) {
    process.stdout.write(HELP);
    return;
  }
  const findings = findingsOf(readInputs(values.results));
  const charts = chartsOf(findings);
  const template = readFileSync(join(BENCH_DIRECTORY, 'benchmarks.template.md'), 'utf8');
  const page = renderPage(template, findings, charts);
  const pictures = values.charts
    ? new Map([...charts].map(([name, chart]) => [name, drawChart(chart)]))
    : undefined;
  // Nothing is written before everything could be made.
  const folder = join(values.docs, CHARTS_FOLDER);
  mkdirSync(folder, { recursive: true });
  if (pictures !== undefined) {
    for (const name of CHART_NAMES) {
      const file = join(folder, `${name}.svg`);
      const picture = pictures.get(name);
      if (picture === undefined) rmSync(file, { force: true });
      else writeFileSync(file, picture);
    }
  }
  writeFileSync(join(values.docs, 'benchmarks.md'), page);
}

try {
  main();
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
