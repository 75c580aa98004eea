/** The command line: every subcommand, its help, and how wrong usage is reported. */
import { createRequire } from 'node:module';
import { Command } from 'commander';
import { addBackup, addRestore } from './commands/backup.ts';
import { addCheckpoint } from './commands/checkpoint.ts';
import { addCompact } from './commands/compact.ts';
import { addDelete } from './commands/delete.ts';
import { addDemo } from './commands/demo.ts';
import { addDestroy } from './commands/destroy.ts';
import { addGet } from './commands/get.ts';
import { addImport } from './commands/import.ts';
import { addLoad } from './commands/load.ts';
import { addPut } from './commands/put.ts';
import { addRepair } from './commands/repair.ts';
import { addScan } from './commands/scan.ts';
import { addStats } from './commands/stats.ts';
import { addVerify } from './commands/verify.ts';
import type { Shell } from './shell.ts';

const EXIT_CODES = `
Exit codes:
  0    done
  1    the key is not there, verify found damage, or the demo found a mismatch
  2    wrong arguments or input
  3    the database refused; the message ends in a code such as LSM_LOCKED
  130  interrupted
`;

/** Builds the command; parsing throws `CommanderError` instead of ending the process. */
export function createProgram(shell: Shell): Command {
  const program = new Command('mini-lsm')
    .description(
      'Reads, writes and looks after a mini-lsm database: an ordered key-value store in a directory.',
    )
    .version(packageVersion(), '-V, --version', 'print the version')
    .option('--debug', 'print the stack of an error')
    .configureOutput({
      writeErr: (text) => shell.stderr.write(text),
      outputError: (text, write) =>
        write(
          `${text
            .trim()
            .replace(/^error: /, 'mini-lsm: ')
            .replace(/\s*\n/g, ' ')}\n`,
        ),
    })
    .addHelpText('after', EXIT_CODES)
    .exitOverride();
  addPut(program, shell);
  addGet(program, shell);
  addDelete(program);
  addScan(program, shell);
  addLoad(program, shell);
  addImport(program, shell);
  addStats(program, shell);
  addVerify(program, shell);
  addCompact(program, shell);
  addCheckpoint(program, shell);
  addBackup(program, shell);
  addRestore(program, shell);
  addRepair(program, shell);
  addDestroy(program);
  addDemo(program, shell);
  return program;
}

function packageVersion(): string {
  // By its own name the package finds itself from the sources and from the build alike.
  const manifest: unknown = createRequire(import.meta.url)('mini-lsm/package.json');
  const version =
    typeof manifest === 'object' && manifest !== null && 'version' in manifest && manifest.version;
  return typeof version === 'string' ? version : 'unknown';
}
