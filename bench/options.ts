/** The options of the benchmarks beside classic-level, read from the command line. */
import { tmpdir } from 'node:os';
import { parseArgs } from 'node:util';
import type { Cache, Suite } from './suite.ts';
import type { Encoding } from './workload.ts';

export interface BenchOptions {
  /** Entries of the database that the reading rows look at. */
  readonly entries: number;
  readonly rounds: number;
  readonly rows: readonly string[];
  readonly encoding: Encoding;
  readonly cache: Cache;
  readonly seed: number;
  readonly json: boolean;
  /** Parent of the temporary directories. */
  readonly directory: string;
  /** Where CPU profiles of both engines go; undefined for none. */
  readonly profileDirectory: string | undefined;
}

export function benchHelp({ title, rows, defaults }: Suite): string {
  return `${title}

  --entries N       entries of the database (default 1000000)
  --rounds N        how often each row is measured; the median counts (default 3)
  --only ROW,ROW    only these rows: ${Object.keys(rows).join(', ')}
  --encoding E      utf8: keys and values are strings, classic-level's default and its fastest;
                    view: they are Uint8Arrays (default ${defaults.encoding})
  --cache C         equal: classic-level gets as much memory for blocks as mini-lsm takes by default;
                    default: each takes its own default (default ${defaults.cache})
  --seed N          seed of keys and values (default 1)
  --dir PATH        where the databases are made and removed again (default: the temporary directory)
  --profile PATH    write CPU profiles of both engines to this directory
  --json            the report as JSON
`;
}

/** Undefined when help was asked for. @throws Error that says what is wrong. */
export function parseBenchOptions(args: readonly string[], suite: Suite): BenchOptions | undefined {
  const { values } = parseArgs({
    args: [...args],
    options: {
      entries: { type: 'string', default: '1000000' },
      rounds: { type: 'string', default: '3' },
      only: { type: 'string', default: '' },
      encoding: { type: 'string', default: suite.defaults.encoding },
      cache: { type: 'string', default: suite.defaults.cache },
      seed: { type: 'string', default: '1' },
      dir: { type: 'string', default: tmpdir() },
      profile: { type: 'string' },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false, short: 'h' },
    },
  });
  if (values.help) return undefined;
  return {
    entries: wholeNumber('entries', values.entries, 100),
    rounds: wholeNumber('rounds', values.rounds, 1),
    rows: rowNames(values.only, Object.keys(suite.rows)),
    encoding: oneOf('encoding', values.encoding, ['utf8', 'view']),
    cache: oneOf('cache', values.cache, ['equal', 'default']),
    seed: wholeNumber('seed', values.seed, 0),
    json: values.json,
    directory: values.dir,
    profileDirectory: values.profile,
  };
}

/** The number that an option holds. @throws Error that names the option. */
export function wholeNumber(name: string, text: string, least: number): number {
  const value = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
  if (!(value >= least)) throw new Error(`--${name} takes a whole number from ${least} up, not ${text}`);
  return value;
}

function rowNames(text: string, known: readonly string[]): readonly string[] {
  if (text === '') return known;
  const wanted = text.split(',').map((name) => name.trim());
  for (const name of wanted) {
    if (!known.includes(name)) throw new Error(`--only knows no row ${name}; there are ${known.join(', ')}`);
  }
  return known.filter((name) => wanted.includes(name));
}

function oneOf<Choice extends string>(name: string, text: string, choices: readonly Choice[]): Choice {
  const choice = choices.find((candidate) => candidate === text);
  if (choice === undefined) throw new Error(`--${name} takes ${choices.join(' or ')}, not ${text}`);
  return choice;
}
