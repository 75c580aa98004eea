/** Removes a database: the files that the engine wrote, and the directory if nothing else is in it. */
import type { FileSystem } from '../fs/file-system.ts';
import { joinPath } from '../fs/file-system.ts';
import { CURRENT_FILE_NAME, parseFileName } from '../version/file-names.ts';
import { notADirectory } from './arguments.ts';

/** Nothing happens if the directory does not exist. Files of others are left alone. */
export function destroyDatabase(fs: FileSystem, directory: string): void {
  const status = fs.status(directory);
  if (status === undefined) return;
  if (status.kind !== 'directory') throw notADirectory(directory);
  const lock = fs.lock(directory);
  try {
    // CURRENT first: if this is interrupted, what is left is no database rather than a damaged one. The
    // lock last: whoever comes between finds an empty directory that is theirs, which is not removed.
    const order = (name: string): number => {
      if (name === CURRENT_FILE_NAME) return 0;
      return parseFileName(name)?.kind === 'lock' ? 2 : 1;
    };
    const names = fs.list(directory).filter((name) => parseFileName(name) !== undefined);
    names.sort((a, b) => order(a) - order(b));
    for (const name of names) fs.remove(joinPath(directory, name));
    if (fs.list(directory).length === 0) fs.removeDirectory(directory);
    else fs.syncDirectory(directory);
  } finally {
    lock.release();
  }
}
