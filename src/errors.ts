/**
 * The one error class of the engine. An error is made where the facts are (file, offset, lengths) and
 * travels unchanged; its text says what the caller can do. Messages never carry keys or values.
 */

/**
 * What went wrong, as a stable code, with what the caller should do:
 *
 * - `LSM_CORRUPTION`: a file does not hold what was written; restore it from a backup or repair.
 * - `LSM_LOCKED`: another process, thread or handle has the directory open; close that one.
 * - `LSM_NOT_FOUND`: a directory or file that must exist does not; create it or correct the path.
 * - `LSM_EXISTS`: something that must not exist does.
 * - `LSM_CLOSED`: the database, cursor or snapshot was closed; open a new one.
 * - `LSM_READ_ONLY`: an earlier failure allows no more writes; reopen the database.
 * - `LSM_IO`: the operating system refused an operation, such as writing where it may not; see `cause`.
 * - `LSM_NO_SPACE`: the disk or a quota is full; free space.
 * - `LSM_INVALID_ARGUMENT`: the call is wrong; correct it.
 * - `LSM_TOO_LARGE`: a key, value or batch is over its limit; make it smaller.
 * - `LSM_UNSUPPORTED_FORMAT`: the files were written by a newer or another program; use that one.
 * - `LSM_ABORTED`: the work was cancelled, by closing the database or by the caller's signal.
 * - `LSM_INTERNAL`: a rule of the engine was broken; please report it.
 */
export type LsmErrorCode =
  | 'LSM_CORRUPTION'
  | 'LSM_LOCKED'
  | 'LSM_NOT_FOUND'
  | 'LSM_EXISTS'
  | 'LSM_CLOSED'
  | 'LSM_READ_ONLY'
  | 'LSM_IO'
  | 'LSM_NO_SPACE'
  | 'LSM_INVALID_ARGUMENT'
  | 'LSM_TOO_LARGE'
  | 'LSM_UNSUPPORTED_FORMAT'
  | 'LSM_ABORTED'
  | 'LSM_INTERNAL';

/** Where an error happened and what lay under it. */
export interface LsmErrorDetails {
  /** The file or directory concerned. */
  readonly file?: string | undefined;
  /** The byte offset in that file. */
  readonly offset?: number | undefined;
  /** The error underneath, such as the one of the operating system. */
  readonly cause?: unknown;
}

/**
 * Every error that the engine throws.
 *
 * @example
 * try {
 *   MiniLsm.open('./data');
 * } catch (error) {
 *   if (error instanceof LsmError && error.code === 'LSM_LOCKED') console.error(error.message);
 * }
 */
export class LsmError extends Error {
  override readonly name: string = 'LsmError';
  readonly code: LsmErrorCode;
  readonly file: string | undefined;
  readonly offset: number | undefined;

  constructor(code: LsmErrorCode, message: string, details: LsmErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.code = code;
    this.file = details.file;
    this.offset = details.offset;
  }
}

/** Damage found in a file: names the file and the offset, so that a person can act on it. */
export function corruption(file: string, offset: number, what: string): LsmError {
  return new LsmError('LSM_CORRUPTION', `${file} is damaged at offset ${offset}: ${what}`, { file, offset });
}

/** A broken rule of the engine itself: never the caller's fault. */
export function assertInvariant(condition: boolean, rule: string): asserts condition {
  if (!condition) throw new LsmError('LSM_INTERNAL', `broken invariant: ${rule}; please report this`);
}
