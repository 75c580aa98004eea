import { LsmError } from '../errors.ts';
import type { FileSystem } from './file-system.ts';

/** Removes a file, unless somebody else did. @throws LsmError if it stays. */
export function removeIfThere(fs: FileSystem, path: string): void {
  try {
    fs.remove(path);
  } catch (error) {
    if (!(error instanceof LsmError && error.code === 'LSM_NOT_FOUND')) throw error;
  }
}

/** Removes a file of which something else is the news: that it was never made, or stays, is none. */
export function removeQuietly(fs: FileSystem, path: string): void {
  try {
    fs.remove(path);
  } catch {
    // The error that led here says more; what stays is an orphan, which the next open removes.
  }
}
