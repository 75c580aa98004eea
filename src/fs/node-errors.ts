/**
 * Turns what the operating system says into an `LsmError` whose text says what was tried, on which path,
 * and what the user can do. The original error stays as the `cause`.
 */
import { LsmError, type LsmErrorCode } from '../errors.ts';

/** What the user can do about an errno, and the code that it becomes. Everything else is `LSM_IO`. */
const MEANINGS: ReadonlyMap<string, readonly [code: LsmErrorCode, advice: string]> = new Map([
  ['ENOSPC', ['LSM_NO_SPACE', 'the disk is full; free space on it and reopen the database']],
  ['EDQUOT', ['LSM_NO_SPACE', 'the disk quota is used up; free space or raise it, and reopen the database']],
  ['ENOENT', ['LSM_NOT_FOUND', 'it does not exist; check the path']],
  ['EEXIST', ['LSM_EXISTS', 'it exists already']],
  ['ENOTEMPTY', ['LSM_IO', 'the directory is not empty']],
  ['ENOTDIR', ['LSM_IO', 'a part of the path is not a directory; check the path']],
  ['EISDIR', ['LSM_IO', 'it is a directory; check the path']],
  ['ELOOP', ['LSM_IO', 'it is a symbolic link, and files of a database are never reached through one']],
  ['EMFILE', ['LSM_IO', 'too many files are open; lower maxOpenFiles or raise the limit (ulimit -n)']],
  ['ENFILE', ['LSM_IO', 'the whole system has too many files open']],
  ['EFBIG', ['LSM_IO', 'the file is larger than the system allows; check the limits of the file system']],
  ['EIO', ['LSM_IO', 'the device reported an error; check the disk and the system log']],
] as const);

const UNWRITABLE: ReadonlySet<string> = new Set(['EACCES', 'EPERM', 'EROFS']);

/** The errno name of an error of the operating system, such as `ENOENT`; empty if it is something else. */
export function errnoOf(error: unknown): string {
  if (!(error instanceof Error) || !('code' in error)) return '';
  return typeof error.code === 'string' ? error.code : '';
}

/**
 * @param action what was tried, as a verb: "create", "append to".
 * @param access whether it needed to write; decides which permission the message speaks of.
 */
export function translateError(
  error: unknown,
  action: string,
  path: string,
  access: 'read' | 'write',
  offset?: number,
): LsmError {
  if (error instanceof LsmError) return error;
  const errno = errnoOf(error);
  const [code, advice] = meaningOf(errno, access, error);
  const reason = errno === '' ? advice : `${advice} (${errno})`;
  return new LsmError(code, `cannot ${action} ${path}: ${reason}`, { file: path, offset, cause: error });
}

function meaningOf(
  errno: string,
  access: 'read' | 'write',
  error: unknown,
): readonly [code: LsmErrorCode, advice: string] {
  if (UNWRITABLE.has(errno)) return ['LSM_IO', permissionAdvice(errno, access)];
  if (errno.startsWith('ERR_INVALID_ARG') || errno === 'ERR_OUT_OF_RANGE') {
    return ['LSM_INVALID_ARGUMENT', error instanceof Error ? error.message : 'the argument is not valid'];
  }
  const known = MEANINGS.get(errno);
  if (known !== undefined) return known;
  return ['LSM_IO', error instanceof Error ? error.message : String(error)];
}

function permissionAdvice(errno: string, access: 'read' | 'write'): string {
  if (errno === 'EROFS') return "the directory can't be written; its file system is mounted read-only";
  return access === 'write'
    ? "the directory can't be written; check its owner and permissions, and the user this process runs as"
    : 'reading is not permitted; check owner and permissions, and the user this process runs as';
}
