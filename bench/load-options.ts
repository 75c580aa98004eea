/** The options of `npm run bench:load`, read from the command line. */
import { tmpdir } from 'node:os';
import { parseArgs } from 'node:util';
import { wholeNumber } from './options.ts';

export interface LoadOptions {
  readonly entries: number;
  readonly seed: number;
  readonly json: boolean;
  /** Parent of the temporary directory that holds the database. */
  readonly directory: string;
}

export const LOAD_HELP: string = `Loads entries in random order, one put at a time, and watches the memory.

  --entries N   how many, of 16-byte keys and 100-byte values (default 10000000, 1.1 GiB)
  --seed N      seed of keys and values (default 1)
  --dir PATH    where the database is made and removed again (default: the temporary directory)
  --json        the report as JSON
`;

/** Undefined when help was asked for. @throws Error that says what is wrong. */
export function parseLoadOptions(args: readonly string[]): LoadOptions | undefined {
  const { values } = parseArgs({
    args: [...args],
    options: {
      entries: { type: 'string', default: '10000000' },
      seed: { type: 'string', default: '1' },
      dir: { type: 'string', default: tmpdir() },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false, short: 'h' },
    },
  });
  if (values.help) return undefined;
  return {
    entries: wholeNumber('entries', values.entries, 1),
    seed: wholeNumber('seed', values.seed, 0),
    json: values.json,
    directory: values.dir,
  };
}
