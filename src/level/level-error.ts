/** Errors as users of abstract-level know them: a code of its family, with the engine's own error as `cause`. */
import { LsmError, type LsmErrorCode } from '../errors.ts';

/** The codes of the engine that have a name in abstract-level; the others travel as they are. */
const CODES: Partial<Record<LsmErrorCode, string>> = {
  LSM_CORRUPTION: 'LEVEL_CORRUPTION',
  LSM_LOCKED: 'LEVEL_LOCKED',
  LSM_CLOSED: 'LEVEL_DATABASE_NOT_OPEN',
  LSM_READ_ONLY: 'LEVEL_READONLY',
  LSM_IO: 'LEVEL_IO_ERROR',
  LSM_NO_SPACE: 'LEVEL_IO_ERROR',
  LSM_ABORTED: 'LEVEL_ABORTED',
};

/**
 * An error of the abstract-level face.
 *
 * @example
 * try {
 *   await db.get('k');
 * } catch (error) {
 *   if (error.code === 'LEVEL_CORRUPTION') console.error(error.cause.file, error.cause.offset);
 * }
 */
export class LevelError extends Error {
  override readonly name: string;
  /** Such as `LEVEL_CORRUPTION`; see abstract-level. */
  readonly code: string;

  constructor(code: string, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
    // The name by which programs know the error of an AbortSignal.
    this.name = code === 'LEVEL_ABORTED' ? 'AbortError' : 'LevelError';
  }
}

/** The same error for users of abstract-level, if it has a code there. */
export function asLevelError(error: unknown): unknown {
  if (!(error instanceof LsmError)) return error;
  const code = CODES[error.code];
  return code === undefined ? error : new LevelError(code, error.message, error);
}

/** Runs what may throw an error of the engine. */
export function withLevelErrors<Result>(work: () => Result): Result {
  try {
    return work();
  } catch (error) {
    throw asLevelError(error);
  }
}
