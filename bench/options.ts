/** The options of `npm run bench`, read from the command line. */
import { tmpdir } from 'node:os';
import { parseArgs } from 'node:util';
import { isRowName, ROW_NAMES, type RowName } from './rows.ts';

/** How keys and values are given to both engines, and what classic-level gives back. */
export type Encoding = 'utf8' | 'view';

export interface BenchOptions {
  /** Entries of the database that the reading rows look at. */
  readonly entries: number;
  readonly rounds: number;
  readonly rows: readonly RowName[];
  readonly encoding: Encoding;
  readonly seed: number;
  readonly json: boolean;
  /** Parent of the temporary directories. */
  readonly directory: string;
  /** Where CPU profiles of both engines go; undefined for none. */
  readonly profileDirectory: string | undefined;
}

export const BENCH_HELP: string = `Measures MiniLsm next to classic-level, in turns, in one run.

  --entries N       entries of the database (default 1000000)
  --rounds N        how often each row is measured; the median counts (default 3)
  --only ROW,ROW    only these rows: ${ROW_NAMES.join(', ')}
  --encoding E      utf8: keys and values are strings, classic-level's default and its fastest (default);
                    view: they are Uint8Arrays
  --seed N          seed of keys and values (default 1)
  --dir PATH        where the databases are made and removed again (default: the temporary directory)
  --profile PATH    write CPU profiles of both engines to this directory
  --json            the report as JSON
`;

/** Undefined when help was asked for. @throws Error that says what is wrong. */
export function parseBenchOptions(args: readonly string[]): BenchOptions | undefined {
  const { values } = parseArgs({
    args: [...args],
    options: {
      entries: { type: 'string', default: '1000000' },
      rounds: { type: 'string', default: '3' },
      only: { type: 'string', default: '' },
      encoding: { type: 'string', default: 'utf8' },
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
    rows: rowNames(values.only),
    encoding: encoding(values.encoding),
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

function rowNames(text: string): readonly RowName[] {
  if (text === '') return ROW_NAMES;
  const wanted = text.split(',').map((name) => name.trim());
  for (const name of wanted) {
    if (!isRowName(name)) throw new Error(`--only knows no row ${name}; there are ${ROW_NAMES.join(', ')}`);
  }
  return ROW_NAMES.filter((name) => wanted.includes(name));
}

function encoding(text: string): Encoding {
  if (text !== 'utf8' && text !== 'view') throw new Error(`--encoding takes utf8 or view, not ${text}`);
  return text;
}
