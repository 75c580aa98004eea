/**
 * Brings what a file holds to the disk ahead of the sync that somebody is promised, so that this one has little
 * left to do. It runs on the system's threads. Whatever fails here, the other sync is told of: Linux reports a
 * failed write-back to every open description of a file, and this is one of its own.
 */
import { closeSync, constants, fdatasync, openSync } from 'node:fs';

/** A thread in the middle of a job hears only afterwards of what has ended; so many may be under way by then. */
const MOST_AT_ONCE = 16;

let running = 0;

/** Begins, and promises nothing. */
export function startWriteBack(path: string): void {
  if (running === MOST_AT_ONCE) return;
  let file: number;
  try {
    file = openSync(path, constants.O_WRONLY | (constants.O_NOFOLLOW ?? 0));
  } catch {
    return; // The file is complete, and removed, by now.
  }
  running += 1;
  fdatasync(file, () => {
    running -= 1;
    // At once: a close that is under way when the thread ends is given up, and the descriptor stays open for good.
    closeQuietly(file);
  });
}

function closeQuietly(file: number): void {
  try {
    closeSync(file);
  } catch {
    // The sync that somebody is promised has a descriptor of its own.
  }
}
