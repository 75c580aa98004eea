/**
 * On Windows a rename or removal fails while anybody (a virus scanner, an indexer, a backup) has the file
 * open, and works a moment later. Elsewhere the same errors mean what they say and are never retried.
 */
import { errnoOf } from './node-errors.ts';

/** How long an operation is tried again, milliseconds: scanners let go long before. */
const PATIENCE_MILLISECONDS = 1000;

const BUSY: ReadonlySet<string> = new Set(['EPERM', 'EBUSY', 'EACCES']);

/** Runs `attempt`, again and again while Windows calls the file busy, for a bounded time. */
export function retryWhileBusy(
  attempt: () => void,
  platform: string,
  now: () => number,
  patience: number = PATIENCE_MILLISECONDS,
): void {
  if (platform !== 'win32') {
    attempt();
    return;
  }
  const deadline = now() + patience;
  for (;;) {
    try {
      attempt();
      return;
    } catch (error) {
      if (!BUSY.has(errnoOf(error)) || now() >= deadline) throw error;
    }
  }
}
