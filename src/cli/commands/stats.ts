/** `mini-lsm stats`: what a database consists of. */
import type { Command } from 'commander';
import { EXISTING, withDatabase } from '../database.ts';
import type { Shell } from '../shell.ts';
import { statsTables } from '../stats-tables.ts';

export function addStats(program: Command, shell: Shell): void {
  program
    .command('stats')
    .summary('show levels, sizes, cache and amplification')
    .description(
      'Shows what the database consists of. What is counted since it was opened, such as amplification, ' +
        'counts the work of this command alone.',
    )
    .argument('<dir>', 'directory of the database')
    .option('--json', 'print everything as JSON, sizes in bytes')
    .action(async (directory: string, options: { readonly json?: true }) => {
      const stats = await withDatabase(directory, EXISTING, (db) => db.stats());
      shell.out.line(options.json ? JSON.stringify(stats) : statsTables(stats));
    });
}
