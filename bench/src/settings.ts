/** The settings of `npm run bench`, read from the command line. */
import { tmpdir } from 'node:os';
import { Command, CommanderError, Option } from 'commander';
import { ENGINE_NAMES } from './candidates.ts';
import type { Encoding } from './data.ts';
import { wholeNumber } from './whole-number.ts';
import { DEFAULT_GROUPS, WORKLOAD_NAMES, workloadsNamed } from './workloads.ts';

export interface BenchSettings {
  readonly engines: readonly string[];
  readonly workloads: readonly string[];
  /** Every number of entries is measured with every size of values. */
  readonly entries: readonly number[];
  readonly valueBytes: readonly number[];
  /** A database gets no more entries than have so many bytes. */
  readonly dataBytes: number;
  readonly cacheBytes: number;
  readonly encoding: Encoding;
  readonly rounds: number;
  readonly seconds: number;
  readonly seed: number;
  readonly directory: string;
  readonly profileDirectory: string | undefined;
  readonly quick: boolean;
  /** A file; true for standard output; undefined for none. */
  readonly json: string | true | undefined;
}

const MIB = 1024 * 1024;

const QUICK = { entries: [2000], rounds: 1, seconds: 1 } as const;
const FULL = { entries: [1_000_000], rounds: 3, seconds: 10 } as const;

/**
 * Undefined when help was asked for and given.
 * @throws Error that says what is wrong.
 */
export function parseSettings(
  args: readonly string[],
  writeOut: (text: string) => void = (text) => process.stdout.write(text),
): BenchSettings | undefined {
  const command = new Command('npm run bench --')
    .description('Measures mini-lsm beside other stores: in turns, each in a process of its own.')
    .option('--engines <names>', `which: ${ENGINE_NAMES.join(', ')}`, names, ENGINE_NAMES)
    .option(
      '--workloads <names>',
      `workloads, or groups of them (db_bench, ycsb, mixed, level, load): ${WORKLOAD_NAMES.join(', ')}`,
      names,
      DEFAULT_GROUPS,
    )
    .option(
      '--entries <numbers>',
      `entries of a database (default: ${FULL.entries})`,
      numbers('entries', 100, 1e8),
    )
    .option('--value-bytes <numbers>', 'bytes of a value', numbers('value-bytes', 0, MIB), [100])
    .option(
      '--data-mib <number>',
      'most data of a database, MiB: fewer entries if they are large',
      number('data-mib', 1, 1e6),
      2048,
    )
    .option(
      '--cache-mib <number>',
      'cache of each engine that has one, MiB',
      number('cache-mib', 1, 1e6),
      // A million entries and what lies over them stay below it in every engine: "cached" is what it says.
      256,
    )
    .option(
      '--rounds <number>',
      `how often all is measured (default: ${FULL.rounds})`,
      number('rounds', 1, 1000),
    )
    .option(
      '--seconds <number>',
      `a workload ends after so many, even if operations are left (default: ${FULL.seconds})`,
      number('seconds', 1, 1e6),
    )
    .option('--seed <number>', 'of keys, values and their order', number('seed', 0, 1e9), 1)
    .option('--directory <path>', 'where databases are made and removed again', tmpdir())
    .addOption(
      new Option('--encoding <name>', 'what databases of abstract-level are given: strings, or Uint8Arrays')
        .choices(['utf8', 'view'])
        .default('utf8'),
    )
    .option('--profile <path>', 'write CPU profiles of all engines that are in Node.js to this directory')
    .option('--quick', 'some thousand entries and one round, to see that everything works', false)
    .option('--json [file]', 'the result as JSON in a file, or instead of the tables')
    .configureOutput({ writeOut, writeErr: () => {} })
    .exitOverride();
  try {
    command.parse([...args], { from: 'user' });
  } catch (error) {
    if (error instanceof CommanderError && error.code === 'commander.helpDisplayed') return undefined;
    throw error;
  }
  const given = command.opts();
  const defaults = given.quick ? QUICK : FULL;
  return {
    engines: enginesNamed(given.engines),
    workloads: workloadsNamed(given.workloads),
    entries: given.entries ?? defaults.entries,
    valueBytes: given.valueBytes,
    dataBytes: given.dataMib * MIB,
    cacheBytes: given.cacheMib * MIB,
    encoding: given.encoding,
    rounds: given.rounds ?? defaults.rounds,
    seconds: given.seconds ?? defaults.seconds,
    seed: given.seed,
    directory: given.directory,
    profileDirectory: given.profile,
    quick: given.quick,
    json: given.json,
  };
}

function names(text: string): readonly string[] {
  return text.split(',').map((name) => name.trim());
}

function enginesNamed(wanted: readonly string[]): readonly string[] {
  for (const name of wanted) {
    if (!ENGINE_NAMES.includes(name)) {
      throw new Error(`there is no engine ${name}; there are ${ENGINE_NAMES.join(', ')}`);
    }
  }
  return ENGINE_NAMES.filter((name) => wanted.includes(name));
}

function number(name: string, least: number, most: number): (text: string) => number {
  return (text) => wholeNumber(name, text, least, most);
}

function numbers(name: string, least: number, most: number): (text: string) => readonly number[] {
  return (text) => text.split(',').map(number(name, least, most));
}
