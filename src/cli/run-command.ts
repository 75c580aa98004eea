/** Runs one command line and turns however it ended into an exit code and at most one line. */
import { CommanderError } from 'commander';
import { LsmError } from '../index.ts';
import { EXIT_DATABASE, EXIT_INTERRUPTED, EXIT_OK, EXIT_USAGE, Failure } from './exit-codes.ts';
import { Interrupted } from './interruption.ts';
import { OutputClosed } from './output.ts';
import { createProgram } from './program.ts';
import type { Shell } from './shell.ts';

/** The exit code of a run with these arguments (without the names of the runtime and the script). */
export async function runCommand(args: readonly string[], shell: Shell): Promise<number> {
  const program = createProgram(shell);
  const debug = (): boolean => program.opts<{ debug?: true }>().debug === true;
  let exitCode = EXIT_OK;
  try {
    await program.parseAsync([...args], { from: 'user' });
  } catch (error) {
    exitCode = reportError(error, shell, debug());
  }
  try {
    await shell.out.flush();
    return exitCode;
  } catch (error) {
    return exitCode === EXIT_OK ? reportError(error, shell, debug()) : exitCode;
  }
}

function reportError(error: unknown, shell: Shell, debug: boolean): number {
  // Commander has printed its own message, or the help.
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT_OK : EXIT_USAGE;
  if (error instanceof OutputClosed) return EXIT_OK;
  shell.notice(`mini-lsm: ${oneLine(messageOf(error))}`);
  if (debug) shell.notice(stackOf(error));
  return exitCodeOf(error);
}

function exitCodeOf(error: unknown): number {
  if (error instanceof Failure) return error.exitCode;
  if (error instanceof Interrupted) return EXIT_INTERRUPTED;
  return EXIT_DATABASE;
}

function messageOf(error: unknown): string {
  if (error instanceof LsmError) return `${error.message} (${error.code})`;
  if (error instanceof Failure || error instanceof Interrupted) return error.message;
  return `unexpected: ${error instanceof Error ? error.message : String(error)}`;
}

function oneLine(message: string): string {
  return message.replace(/\s*[\r\n]\s*/g, ' ');
}

/** The stack of an error and of those it was caused by. */
function stackOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const stack = error.stack ?? error.message;
  return error.cause === undefined ? stack : `${stack}\ncaused by ${stackOf(error.cause)}`;
}
