/** `mini-lsm backup` and `mini-lsm restore`: copies for another disk, checked, and the way back. */
import type { Command } from 'commander';
import { type BackupReport, MiniLsm } from '../../index.ts';
import { EXISTING, withDatabase } from '../database.ts';
import { counted, humanBytes, humanCount, humanDuration } from '../human.ts';
import { type Progress, startProgress } from '../progress.ts';
import type { Shell } from '../shell.ts';

interface CopyCommandOptions {
  readonly strict?: true;
  readonly json?: true;
  readonly progress?: true;
}

type OnProgress = (done: number, total: number) => void;

export function addBackup(program: Command, shell: Shell): void {
  const command = program
    .command('backup')
    .summary('copy a database to a backup, and check the copy')
    .description(
      'Copies a database, best to another disk, reads the copy back and checks every byte of it. ' +
        'The backup has its name only when all of it is whole and on the disk.',
    )
    .argument('<dir>', 'directory of the database')
    .argument('<target>', 'directory of the backup; it must not exist, or be empty')
    .option('--strict', 'refuse a database of which anything has to be left out when it is opened');
  addCommonOptions(command).action(async (directory: string, target: string, options: CopyCommandOptions) => {
    const recovery = options.strict ? 'strict' : 'truncate-tail';
    await run(shell, 'backup', options, (onProgress) =>
      withDatabase(directory, { ...EXISTING, recovery }, (db) => db.backup(target, { onProgress })),
    );
  });
}

export function addRestore(program: Command, shell: Shell): void {
  const command = program
    .command('restore')
    .summary('make a database of a backup')
    .description(
      'Copies a backup to a new directory and checks every byte of the copy. The database has its name only ' +
        'when all of it is whole and on the disk. The backup is only read.',
    )
    .argument('<backup>', 'directory of the backup')
    .argument('<dir>', 'directory of the database; it must not exist, or be empty');
  addCommonOptions(command).action(async (backup: string, directory: string, options: CopyCommandOptions) => {
    await run(shell, 'restore', options, (onProgress) => MiniLsm.restore(backup, directory, { onProgress }));
  });
}

function addCommonOptions(command: Command): Command {
  return command
    .option('--progress', 'show the progress even if standard error is no terminal')
    .option('--json', 'print the result as JSON');
}

async function run(
  shell: Shell,
  label: string,
  options: CopyCommandOptions,
  copy: (onProgress: OnProgress) => BackupReport | Promise<BackupReport>,
): Promise<void> {
  const started = performance.now();
  let progress: Progress | undefined;
  let report: BackupReport;
  try {
    report = await copy((done, total) => {
      const force = options.progress === true;
      progress ??= startProgress({ stream: shell.stderr, label, unit: 'bytes', total, force, vanish: true });
      progress.update(done);
    });
  } finally {
    progress?.stop();
  }
  const seconds = (performance.now() - started) / 1000;
  shell.out.line(options.json ? JSON.stringify({ ...report, seconds }) : describe(report, seconds));
}

function describe({ directory, tables, entries, bytes }: BackupReport, seconds: number): string {
  const what = `${counted(tables, 'table')}, ${humanCount(entries)} ${entries === 1 ? 'entry' : 'entries'}`;
  const took = humanDuration(seconds * 1000);
  return `${directory}: ${what}, ${humanBytes(bytes)}, copied and checked in ${took}`;
}
