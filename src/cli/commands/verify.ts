/** `mini-lsm verify`: reads every byte of a database and says what is damaged. */
import type { Command } from 'commander';
import { LsmError, type VerifyReport } from '../../index.ts';
import { EXISTING, withDatabase } from '../database.ts';
import { EXIT_NEGATIVE, Failure } from '../exit-codes.ts';
import { counted, humanBytes, humanCount, humanDuration } from '../human.ts';
import { startProgress } from '../progress.ts';
import type { Shell } from '../shell.ts';

interface VerifyCommandOptions {
  readonly json?: true;
  readonly progress?: true;
}

export function addVerify(program: Command, shell: Shell): void {
  program
    .command('verify')
    .summary('read and check every byte')
    .description(
      'Reads every file of the database and checks its checksums, order and counts. ' +
        'Exits with 1 if anything is damaged, and names the files.',
    )
    .argument('<dir>', 'directory of the database')
    .option('--progress', 'show the progress even if standard error is no terminal')
    .option('--json', 'print the report as JSON')
    .action(async (directory: string, options: VerifyCommandOptions) => {
      const started = performance.now();
      const report = await verify(shell, directory, options);
      if (options.json) shell.out.line(JSON.stringify(report));
      else print(shell, report, performance.now() - started);
      if (!report.ok) throw new Failure(EXIT_NEGATIVE, `${counted(report.problems.length, 'problem')} found`);
    });
}

async function verify(shell: Shell, directory: string, options: VerifyCommandOptions): Promise<VerifyReport> {
  try {
    return await withDatabase(directory, EXISTING, (db) => {
      const total = db.stats().bytes;
      const force = options.progress === true;
      const progress = startProgress({
        stream: shell.stderr,
        label: 'verify',
        unit: 'bytes',
        total,
        force,
        vanish: true,
      });
      try {
        return db.verify({ onProgress: (done) => progress.update(done) });
      } finally {
        progress.stop();
      }
    });
  } catch (error) {
    // Damage that keeps the database from being opened is what was asked for, not a failure to find out.
    if (error instanceof LsmError && error.code === 'LSM_CORRUPTION') return reportOf(error);
    throw error;
  }
}

function reportOf({ code, message, file, offset }: LsmError): VerifyReport {
  return { ok: false, files: [], problems: [{ code, message, file, offset }], entries: 0, bytes: 0 };
}

function print(shell: Shell, report: VerifyReport, milliseconds: number): void {
  const { files, problems, entries, bytes } = report;
  const noun = { table: 'entry', log: 'entry', manifest: 'edit' } as const;
  for (const file of files) {
    const count = `${humanCount(file.entries)} ${plural(noun[file.kind], file.entries)}`;
    shell.out.line(
      `${shell.style('green', 'ok')}       ${file.file}  ${file.kind}, ${humanBytes(file.bytes)}, ${count}`,
    );
  }
  for (const problem of problems) {
    shell.out.line(`${shell.style('red', 'damaged')}  ${problem.message} (${problem.code})`);
  }
  const checked = `${counted(files.length, 'file')}, ${humanBytes(bytes)}, ${humanCount(entries)} ${plural('entry', entries)}`;
  const verdict = report.ok
    ? shell.style('green', 'no damage')
    : shell.style('red', counted(problems.length, 'problem'));
  shell.out.line(`${verdict}: ${checked} sound, in ${humanDuration(milliseconds)}`);
}

function plural(noun: 'entry' | 'edit', count: number): string {
  if (count === 1) return noun;
  return noun === 'entry' ? 'entries' : 'edits';
}
