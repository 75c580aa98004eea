/** `mini-lsm scan`: prints a range of records in the order of their keys. */
import { type Command, Option } from 'commander';
import {
  addEncodingOptions,
  boundsOf,
  type EncodingOptions,
  encodingOf,
  type RangeOptions,
  wholeNumber,
} from '../arguments.ts';
import { type Encoding, formatJson, formatLine } from '../byte-text.ts';
import { EXISTING, withDatabase } from '../database.ts';
import type { Shell } from '../shell.ts';

interface ScanOptions extends EncodingOptions, RangeOptions {
  readonly reverse?: true;
  readonly limit?: number;
  readonly keysOnly?: true;
  readonly json?: true;
}

export function addScan(program: Command, shell: Shell): void {
  const command = program
    .command('scan')
    .summary('print a range of records in key order')
    .description(
      'Prints records in the bytewise order of their keys, one on a line: key, tab, value. ' +
        'Control characters and bytes that are not UTF-8 are escaped (\\n, \\t, \\x00); ' +
        'use --json, --hex or --base64 to get every byte back.',
    )
    .argument('<dir>', 'directory of the database')
    .addOption(new Option('--gt <key>', 'only keys greater than this').conflicts(['gte', 'prefix']))
    .addOption(new Option('--gte <key>', 'only this key and greater ones').conflicts('prefix'))
    .addOption(new Option('--lt <key>', 'only keys less than this').conflicts(['lte', 'prefix']))
    .addOption(new Option('--lte <key>', 'only this key and lesser ones').conflicts('prefix'))
    .option('--prefix <key>', 'only keys that start with this')
    .option('--reverse', 'from the greatest key to the least')
    .option('--limit <n>', 'at most so many records', wholeNumber(0))
    .option('--keys-only', 'print no values')
    .option('--json', 'print an object {key, value} a line; bytes that are not UTF-8 stand as {base64}');
  addEncodingOptions(command).action(async (directory: string, options: ScanOptions) => {
    const encoding = encodingOf(options);
    const format = formatter(options, encoding);
    const range = {
      ...boundsOf(options, encoding),
      reverse: options.reverse === true,
      fillCache: false,
      ...(options.limit === undefined ? {} : { limit: options.limit }),
    };
    await withDatabase(directory, EXISTING, async (db) => {
      for (const [key, value] of db.scan(range)) {
        shell.out.line(format(key, value));
        if (shell.out.full) await shell.out.flush();
      }
    });
  });
}

function formatter(options: ScanOptions, encoding: Encoding): (key: Uint8Array, value: Uint8Array) => string {
  const keysOnly = options.keysOnly === true;
  if (options.json) {
    return (key, value) =>
      JSON.stringify({
        key: formatJson(key, encoding),
        ...(keysOnly ? {} : { value: formatJson(value, encoding) }),
      });
  }
  return (key, value) =>
    keysOnly ? formatLine(key, encoding) : `${formatLine(key, encoding)}\t${formatLine(value, encoding)}`;
}
