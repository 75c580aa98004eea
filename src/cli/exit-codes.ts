/**
 * What the command tells its caller by its exit code, and the error that carries one.
 */

export const EXIT_OK = 0;
/** The key is not there, verification found damage, or the demo found a mismatch. */
export const EXIT_NEGATIVE = 1;
/** Wrong arguments, or input that cannot be read as what it claims to be. */
export const EXIT_USAGE = 2;
/** The database refused: the message ends in the code of the `LsmError`. */
export const EXIT_DATABASE = 3;
/** Stopped by Ctrl-C (128 + SIGINT, as shells count). */
export const EXIT_INTERRUPTED = 130;

/** An expected end of a command: one line for the reader, and the exit code. */
export class Failure extends Error {
  override readonly name: string = 'Failure';
  readonly exitCode: number;

  constructor(exitCode: number, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.exitCode = exitCode;
  }
}

/** Wrong arguments or wrong input. */
export function usageFailure(message: string, cause?: unknown): Failure {
  return new Failure(EXIT_USAGE, message, cause);
}
