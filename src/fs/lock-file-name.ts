/**
 * Names of the files by which a directory is locked:
 *
 *     LOCK-000007                    generation 7, see directory-lock.ts
 *     LOCK-<owner>-<token>.tmp       somebody is taking the lock right now
 *
 * No `node:` modules here, so that whoever lists a database directory can tell these files on any runtime.
 */

const GENERATION_NAME = /^LOCK-(\d{6,15})$/;
const TEMPORARY_NAME = /^LOCK-[0-9a-z][0-9A-Za-z._-]{0,229}\.tmp$/;

/** The largest generation that has a name. */
export const MAX_LOCK_GENERATION = 999_999_999_999_999;

/** Whether a name in a database directory belongs to the lock. */
export function isLockFileName(name: string): boolean {
  return parseLockGeneration(name) !== undefined || TEMPORARY_NAME.test(name);
}

export function lockFileName(generation: number): string {
  return `LOCK-${String(generation).padStart(6, '0')}`;
}

/** The generation in the name of a lock file; undefined for every other name, temporary ones included. */
export function parseLockGeneration(name: string): number | undefined {
  const match = GENERATION_NAME.exec(name);
  if (match === null) return undefined;
  const generation = Number(match[1]);
  // `LOCK-0000001` would be a second name for generation 1.
  return generation > 0 && lockFileName(generation) === name ? generation : undefined;
}

/**
 * Sorts the lock files of a directory in the order in which a holder may remove them all: temporary files
 * first, so that whoever made one can no longer claim anything with it, and the newest generation, which
 * shows that the lock is held, last.
 */
export function compareForRemoval(a: string, b: string): number {
  return (parseLockGeneration(a) ?? 0) - (parseLockGeneration(b) ?? 0);
}
