/** `mini-lsm import`: brings a LevelDB database into a new one. */
import type { Command } from 'commander';
import { type ImportReport, importLevelDB, LsmError } from '../../index.ts';
import { EXIT_INTERRUPTED, Failure } from '../exit-codes.ts';
import { counted, humanBytes, humanCount, humanDuration } from '../human.ts';
import { Interruption } from '../interruption.ts';
import { type Progress, startProgress } from '../progress.ts';
import type { Shell } from '../shell.ts';

interface ImportCommandOptions {
  readonly salvage?: true;
  readonly progress?: true;
  readonly json?: true;
}

/** So many of the parts that salvage left out are told to a person; --json has more. */
const MAX_TOLD = 20;

export function addImport(program: Command, shell: Shell): void {
  program
    .command('import')
    .summary('bring a LevelDB database into a new one')
    .description(
      'Copies a LevelDB database, as classic-level, leveldown or LevelDB itself wrote it, into a new database. ' +
        'No program may have it open. It is only read; the new database appears when it is complete, and ' +
        'Ctrl-C leaves nothing of it behind.',
    )
    .argument('<leveldb-dir>', 'directory of the LevelDB database')
    .argument('<dir>', 'directory of the new database; it must not exist, or be empty')
    .option('--salvage', 'leave out what is damaged, say what, and go on; old versions of keys may come back')
    .option('--progress', 'show the progress even if standard error is no terminal')
    .option('--json', 'print the report as JSON')
    .action(async (source: string, target: string, options: ImportCommandOptions) => {
      const started = performance.now();
      const report = await importWithProgress(shell, source, target, options);
      const milliseconds = performance.now() - started;
      if (options.json) shell.out.line(JSON.stringify({ ...report, seconds: milliseconds / 1000 }));
      else print(shell, report, milliseconds);
      tellLosses(shell, report);
    });
}

async function importWithProgress(
  shell: Shell,
  source: string,
  target: string,
  options: ImportCommandOptions,
): Promise<ImportReport> {
  const interruption = new Interruption();
  let progress: Progress | undefined;
  try {
    return await importLevelDB(source, target, {
      salvage: options.salvage === true,
      signal: interruption.signal,
      onProgress: ({ bytesRead, bytesTotal, entries }) => {
        progress ??= startProgress({
          stream: shell.stderr,
          label: 'import',
          unit: 'bytes',
          total: bytesTotal,
          force: options.progress === true,
        });
        progress.update(bytesRead, entries);
      },
    });
  } catch (error) {
    if (error instanceof LsmError && error.code === 'LSM_ABORTED' && interruption.requested) {
      throw new Failure(EXIT_INTERRUPTED, 'interrupted; nothing was imported', error);
    }
    throw error;
  } finally {
    progress?.stop();
    interruption.dispose();
  }
}

function print(shell: Shell, report: ImportReport, milliseconds: number): void {
  const { entries, deletions, superseded, bytesRead, filesRead } = report;
  const rate = Math.round(entries / (milliseconds / 1000));
  shell.out.line(
    `${counted(entries, 'record')} from ${humanBytes(bytesRead)} in ${counted(filesRead, 'file')}, ` +
      `in ${humanDuration(milliseconds)}, ${humanCount(rate)} records/s; ` +
      `${counted(superseded, 'old value')} and ${counted(deletions, 'deletion')} left behind`,
  );
}

function tellLosses(shell: Shell, report: ImportReport): void {
  const { skipped, skippedParts, skippedBytes, discardedBytes } = report;
  if (discardedBytes > 0) {
    shell.notice(
      `${humanBytes(discardedBytes)} at the end of the log or manifest were being written when a process died; left out`,
    );
  }
  for (const { message } of skipped.slice(0, MAX_TOLD)) shell.notice(`skipped: ${message}`);
  if (skippedParts > 0) {
    shell.notice(`${counted(skippedParts, 'damaged part')}, ${humanBytes(skippedBytes)}, skipped in all`);
  }
}
