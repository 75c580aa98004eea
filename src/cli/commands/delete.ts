/** `mini-lsm delete`: removes one key. */
import type { Command } from 'commander';
import { addEncodingOptions, type EncodingOptions, encodingOf } from '../arguments.ts';
import { parseBytes } from '../byte-text.ts';
import { EXISTING, withDatabase } from '../database.ts';

interface DeleteOptions extends EncodingOptions {
  readonly sync?: true;
}

export function addDelete(program: Command): void {
  const command = program
    .command('delete')
    .alias('del')
    .summary('remove a key')
    .description('Removes a key and its value. A key that is not there is no failure.')
    .argument('<dir>', 'directory of the database')
    .argument('<key>', 'key; after -- it may start with a dash')
    .option('--sync', 'return only when the removal would survive a power cut');
  addEncodingOptions(command).action(async (directory: string, keyText: string, options: DeleteOptions) => {
    const key = parseBytes(keyText, encodingOf(options), 'key');
    await withDatabase(directory, EXISTING, (db) => db.delete(key, { sync: options.sync === true }));
  });
}
