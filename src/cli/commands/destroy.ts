/** `mini-lsm destroy`: removes a database. */
import type { Command } from 'commander';
import { MiniLsm } from '../../index.ts';
import { usageFailure } from '../exit-codes.ts';

export function addDestroy(program: Command): void {
  program
    .command('destroy')
    .summary('remove a database and all it holds')
    .description('Removes the files of a database and, if nothing else is in it, its directory.')
    .argument('<dir>', 'directory of the database')
    .option('--yes', 'really do it')
    .action((directory: string, options: { readonly yes?: true }) => {
      if (!options.yes) throw usageFailure(`this removes every record in ${directory}; add --yes to do it`);
      MiniLsm.destroy(directory);
    });
}
