/** `mini-lsm checkpoint`: copies a database to another directory. */
import type { Command } from 'commander';
import type { CheckpointReport } from '../../index.ts';
import { EXISTING, withDatabase } from '../database.ts';
import { counted, humanBytes, humanDuration } from '../human.ts';
import { startProgress } from '../progress.ts';
import type { Shell } from '../shell.ts';

interface CheckpointCommandOptions {
  readonly json?: true;
  readonly progress?: true;
}

export function addCheckpoint(program: Command, shell: Shell): void {
  program
    .command('checkpoint')
    .summary('copy a database to another directory')
    .description(
      'Makes a copy that is a database of its own. On the same device it shares its tables with the original ' +
        'by hard links and takes hardly any space, but has their damage in common; elsewhere they are copied.',
    )
    .argument('<dir>', 'directory of the database')
    .argument('<target>', 'directory of the copy; it must not exist, or be empty')
    .option('--progress', 'show the progress even if standard error is no terminal')
    .option('--json', 'print the result as JSON')
    .action(async (directory: string, target: string, options: CheckpointCommandOptions) => {
      const started = performance.now();
      const report = await checkpoint(shell, directory, target, options.progress === true);
      const seconds = (performance.now() - started) / 1000;
      shell.out.line(options.json ? JSON.stringify({ ...report, seconds }) : describe(report, seconds));
    });
}

function checkpoint(
  shell: Shell,
  directory: string,
  target: string,
  force: boolean,
): Promise<CheckpointReport> {
  return withDatabase(directory, EXISTING, (db) => {
    const total = db.stats().bytes;
    const options = { label: 'checkpoint', unit: 'bytes', total, force, vanish: true } as const;
    const progress = startProgress({ stream: shell.stderr, ...options });
    try {
      return db.checkpoint(target, { onProgress: (done) => progress.update(done) });
    } finally {
      progress.stop();
    }
  });
}

function describe(report: CheckpointReport, seconds: number): string {
  const { directory, tables, bytes, bytesCopied } = report;
  const how = bytesCopied === 0 ? 'linked' : `${humanBytes(bytesCopied)} of it copied`;
  return `${directory}: ${counted(tables, 'table')}, ${humanBytes(bytes)}, ${how}, in ${humanDuration(seconds * 1000)}`;
}
