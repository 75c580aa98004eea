/** `mini-lsm put`: stores one value. */
import type { Command } from 'commander';
import { addEncodingOptions, type EncodingOptions, encodingOf } from '../arguments.ts';
import { parseBytes } from '../byte-text.ts';
import { withDatabase } from '../database.ts';
import { usageFailure } from '../exit-codes.ts';
import { readAll } from '../read-all.ts';
import type { Shell } from '../shell.ts';

interface PutOptions extends EncodingOptions {
  readonly sync?: true;
}

export function addPut(program: Command, shell: Shell): void {
  const command = program
    .command('put')
    .summary('store a value under a key')
    .description(
      'Stores a value under a key; a value that is there is replaced. Creates the database if there is none.',
    )
    .argument('<dir>', 'directory of the database')
    .argument('<key>', 'key; after -- it may start with a dash')
    .argument('[value]', 'value; without it, or with -, standard input is stored byte by byte as it is')
    .option('--sync', 'return only when the value would survive a power cut');
  addEncodingOptions(command).action(
    async (directory: string, keyText: string, valueText: string | undefined, options: PutOptions) => {
      const encoding = encodingOf(options);
      const key = parseBytes(keyText, encoding, 'key');
      if (valueText === undefined && shell.stdin.isTTY) {
        throw usageFailure('give a value, or - to type it and end it with Ctrl-D');
      }
      const value =
        valueText === undefined || valueText === '-'
          ? await readAll(shell.stdin)
          : parseBytes(valueText, encoding, 'value');
      await withDatabase(directory, {}, (db) => db.put(key, value, { sync: options.sync === true }));
    },
  );
}
