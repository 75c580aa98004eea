/** `mini-lsm compact`: rewrites the tables so that nothing superseded takes up room. */
import { type Command, Option } from 'commander';
import { addEncodingOptions, boundsOf, type EncodingOptions, encodingOf } from '../arguments.ts';
import { EXISTING, withDatabase } from '../database.ts';
import { counted, humanBytes, humanDuration } from '../human.ts';
import type { Shell } from '../shell.ts';

interface CompactOptions extends EncodingOptions {
  readonly gte?: string;
  readonly lt?: string;
  readonly json?: true;
}

export function addCompact(program: Command, shell: Shell): void {
  const command = program
    .command('compact')
    .summary('reclaim the room of what was deleted or replaced')
    .description(
      'Merges the tables of a range, or of all keys, so that deleted and replaced records are gone.',
    )
    .argument('<dir>', 'directory of the database')
    .addOption(new Option('--gte <key>', 'only from this key on'))
    .addOption(new Option('--lt <key>', 'only keys less than this'))
    .option('--json', 'print files and bytes before and after as JSON');
  addEncodingOptions(command).action((directory: string, options: CompactOptions) => {
    const bounds = boundsOf(options, encodingOf(options));
    return withDatabase(directory, EXISTING, (db) => {
      const started = performance.now();
      // What is still in memory counts as well, and is in no file yet.
      db.flush();
      const before = db.stats();
      db.compact(bounds);
      const after = db.stats();
      const seconds = (performance.now() - started) / 1000;
      if (options.json) {
        shell.out.line(
          JSON.stringify({
            before: { files: before.files, bytes: before.bytes },
            after: { files: after.files, bytes: after.bytes },
            seconds,
          }),
        );
      } else {
        shell.out.line(
          `${counted(before.files, 'file')}, ${humanBytes(before.bytes)} -> ` +
            `${counted(after.files, 'file')}, ${humanBytes(after.bytes)} in ${humanDuration(seconds * 1000)}`,
        );
      }
    });
  });
}
