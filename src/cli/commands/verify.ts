/** `mini-lsm verify`: reads every byte of a database and says what is damaged. */
import type { Command } from 'commander';
import { MiniLsm, type Problem, type VerifiedFile, type VerifyReport } from '../../index.ts';
import { formatJson, formatLine } from '../byte-text.ts';
import { EXIT_NEGATIVE, Failure } from '../exit-codes.ts';
import { counted, humanBytes, humanCount, humanDuration } from '../human.ts';
import { type Progress, startProgress } from '../progress.ts';
import type { Shell } from '../shell.ts';

interface VerifyCommandOptions {
  readonly strict?: true;
  readonly keys?: true;
  readonly json?: true;
  readonly progress?: true;
}

export function addVerify(program: Command, shell: Shell): void {
  program
    .command('verify')
    .summary('read and check every byte')
    .description(
      'Reads every file of a database, or of a backup, and checks its checksums, order and counts, without ' +
        'opening it: nothing is changed. Exits with 1 if anything is damaged, and says what depends on it and ' +
        'what can be done.',
    )
    .argument('<dir>', 'directory of the database')
    .option('--strict', 'take bytes that opening would leave out for damage')
    .option('--keys', 'print the first and the last key of damaged tables')
    .option('--progress', 'show the progress even if standard error is no terminal')
    .option('--json', 'print the report as JSON; keys that are not UTF-8 stand as {base64}')
    .action((directory: string, options: VerifyCommandOptions) => {
      const started = performance.now();
      const report = verify(shell, directory, options);
      if (options.json) shell.out.line(JSON.stringify(report, keyAsText));
      else print(shell, report, performance.now() - started);
      if (!report.ok) throw new Failure(EXIT_NEGATIVE, `${counted(report.problems.length, 'problem')} found`);
    });
}

function verify(shell: Shell, directory: string, options: VerifyCommandOptions): VerifyReport {
  let progress: Progress | undefined;
  const onProgress = (done: number, total: number): void => {
    const how = { label: 'verify', unit: 'bytes', force: options.progress === true, vanish: true } as const;
    progress ??= startProgress({ stream: shell.stderr, total, ...how });
    progress.update(done);
  };
  const recovery = options.strict ? 'strict' : 'truncate-tail';
  try {
    return MiniLsm.verify(directory, { onProgress, recovery, keys: options.keys === true });
  } finally {
    progress?.stop();
  }
}

function keyAsText(_name: string, value: unknown): unknown {
  return value instanceof Uint8Array ? formatJson(value, 'text') : value;
}

function print(shell: Shell, report: VerifyReport, milliseconds: number): void {
  const { out } = shell;
  for (const file of report.files) out.line(`${shell.style('green', 'ok')}       ${describeFile(file)}`);
  for (const { file, offset, bytes, reason } of report.discarded) {
    const what = `${counted(bytes, 'byte')} at offset ${offset} that are no whole record (${reason})`;
    out.line(`${shell.style('yellow', 'torn')}     ${file}  ${what}; opening leaves them out`);
  }
  for (const name of report.unnamed) {
    out.line(`${shell.style('yellow', 'unnamed')}  ${name}  no manifest names it; opening removes it`);
  }
  for (const name of report.foreign) out.line(`foreign  ${name}  no file of a database; it is left alone`);
  for (const problem of report.problems) printProblem(shell, problem);
  const { files, problems, entries, bytes } = report;
  const checked = `${counted(files.length, 'file')}, ${humanBytes(bytes)}, ${entriesText(entries)}`;
  const verdict = report.ok
    ? shell.style('green', 'no damage')
    : shell.style('red', counted(problems.length, 'problem'));
  out.line(`${verdict}: ${checked} sound, in ${humanDuration(milliseconds)}`);
}

/** What is damaged, then what depends on it and what can be done, each on a line of its own. */
export function printProblem(shell: Shell, { message, code, table, advice }: Problem): void {
  shell.out.line(`${shell.style('red', 'damaged')}  ${message} (${code})`);
  if (table !== undefined) {
    const { level, entries, entriesReadable, smallest, largest } = table;
    const lost = humanCount(entries - entriesReadable);
    shell.out.line(`         level ${level}, ${entriesText(entries)}, ${lost} of them unreadable`);
    if (smallest !== undefined && largest !== undefined) {
      shell.out.line(`         keys ${formatLine(smallest, 'text')} to ${formatLine(largest, 'text')}`);
    }
  }
  if (advice !== undefined) shell.out.line(`         what to do: ${advice}`);
}

function describeFile({ file, kind, bytes, entries, level }: VerifiedFile): string {
  const where = level === undefined ? '' : ` at level ${level}`;
  const count = kind === 'manifest' ? counted(entries, 'edit') : entriesText(entries);
  return `${file}  ${kind}${where}, ${humanBytes(bytes)}, ${count}`;
}

function entriesText(count: number): string {
  return `${humanCount(count)} ${count === 1 ? 'entry' : 'entries'}`;
}
