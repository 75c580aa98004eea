/** `mini-lsm repair`: makes a damaged database one that can be opened. */
import type { Command } from 'commander';
import { MiniLsm, type RepairReport } from '../../index.ts';
import { usageFailure } from '../exit-codes.ts';
import { counted, humanCount, humanDuration } from '../human.ts';
import { type Progress, startProgress } from '../progress.ts';
import type { Shell } from '../shell.ts';

interface RepairCommandOptions {
  readonly yes?: true;
  readonly json?: true;
  readonly progress?: true;
}

export function addRepair(program: Command, shell: Shell): void {
  program
    .command('repair')
    .summary('save what is whole in a damaged database')
    .description(
      'Makes a database that cannot be opened one that can, with everything in it that passes its checksums. ' +
        'What cannot be used is put into lost/ in its directory and never deleted. Deleted keys can come back ' +
        'if the manifest is damaged.',
    )
    .argument('<dir>', 'directory of the database')
    .option('--yes', 'really do it')
    .option('--progress', 'show the progress even if standard error is no terminal')
    .option('--json', 'print the report as JSON')
    .action((directory: string, options: RepairCommandOptions) => {
      if (!options.yes) {
        throw usageFailure(`this rewrites what is damaged in ${directory}; add --yes to do it`);
      }
      const started = performance.now();
      const report = repair(shell, directory, options.progress === true);
      if (options.json) shell.out.line(JSON.stringify(report));
      else print(shell, report, performance.now() - started);
    });
}

function repair(shell: Shell, directory: string, force: boolean): RepairReport {
  let progress: Progress | undefined;
  try {
    return MiniLsm.repair(directory, {
      onProgress: (done, total) => {
        const options = { label: 'repair', unit: 'bytes', total, force, vanish: true } as const;
        progress ??= startProgress({ stream: shell.stderr, ...options });
        progress.update(done);
      },
    });
  } finally {
    progress?.stop();
  }
}

function print(shell: Shell, report: RepairReport, milliseconds: number): void {
  const { problems, setAside, tablesKept, tablesRewritten, logsReplayed, entries } = report;
  for (const { message, code } of problems) {
    shell.out.line(`${shell.style('red', 'damaged')}    ${message} (${code})`);
  }
  for (const file of setAside) shell.out.line(`${shell.style('yellow', 'set aside')}  ${file}`);
  const verdict =
    problems.length === 0
      ? shell.style('green', 'nothing was damaged')
      : shell.style('yellow', `${counted(problems.length, 'problem')}, repaired`);
  const tables = `${counted(tablesKept, 'table')} kept, ${tablesRewritten} rewritten`;
  const rest = `${counted(logsReplayed, 'log')} replayed, ${humanCount(entries)} ${entries === 1 ? 'entry' : 'entries'}`;
  shell.out.line(`${verdict}: ${tables}, ${rest}, in ${humanDuration(milliseconds)}`);
}
