/** `mini-lsm get`: prints one value. */
import { Buffer } from 'node:buffer';
import { type Command, Option } from 'commander';
import { addEncodingOptions, type EncodingOptions, encodingOf } from '../arguments.ts';
import { formatJson, parseBytes } from '../byte-text.ts';
import { EXISTING, withDatabase } from '../database.ts';
import { EXIT_NEGATIVE, Failure } from '../exit-codes.ts';
import type { Shell } from '../shell.ts';

interface GetOptions extends EncodingOptions {
  readonly raw?: true;
  readonly json?: true;
}

export function addGet(program: Command, shell: Shell): void {
  const command = program
    .command('get')
    .summary('print the value of a key')
    .description('Prints the value of a key and a newline. Exits with 1 if the key is not there.')
    .argument('<dir>', 'directory of the database')
    .argument('<key>', 'key; after -- it may start with a dash')
    .addOption(new Option('--raw', 'print the bytes of the value alone, without a newline').conflicts('json'))
    .option('--json', 'print one object {key, value}; bytes that are not UTF-8 stand as {base64}');
  addEncodingOptions(command).action(async (directory: string, keyText: string, options: GetOptions) => {
    const encoding = encodingOf(options);
    const key = parseBytes(keyText, encoding, 'key');
    const value = await withDatabase(directory, EXISTING, (db) => db.get(key));
    if (value === undefined) throw new Failure(EXIT_NEGATIVE, 'no such key');
    if (options.json) {
      shell.out.line(JSON.stringify({ key: formatJson(key, encoding), value: formatJson(value, encoding) }));
    } else if (options.raw) {
      await shell.out.bytes(value);
    } else if (encoding === 'text') {
      await shell.out.bytes(value);
      shell.out.line('');
    } else {
      shell.out.line(Buffer.from(value).toString(encoding));
    }
  });
}
