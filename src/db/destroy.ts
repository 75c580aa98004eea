/** Removes a database: the files that the engine wrote, `lost/` included, and the directory if nothing else is in it. */
import type { FileSystem } from '../fs/file-system.ts';
import { joinPath } from '../fs/file-system.ts';
import { compareForRemoval } from '../fs/lock-file-name.ts';
import { removeIfThere } from '../fs/remove-file.ts';
import { CURRENT_FILE_NAME, parseFileName } from '../version/file-names.ts';
import { refuseLevelDb } from '../version/leveldb-directory.ts';
import { notADirectory } from './arguments.ts';
import { removeLostFiles } from './repair/lost-files.ts';

/** Nothing happens if the directory does not exist. Files of others are left alone. */
export function destroyDatabase(fs: FileSystem, path: string): void {
  const directory = fs.absolutePath(path);
  const status = fs.status(directory);
  if (status === undefined) return;
  if (status.kind !== 'directory') throw notADirectory(directory);
  refuseLevelDb(fs, directory);
  const lock = fs.lock(directory);
  let lockRemoved = false;
  try {
    const names = fs.list(directory).filter((name) => parseFileName(name) !== undefined);
    const isLock = (name: string): boolean => parseFileName(name)?.kind === 'lock';
    // CURRENT first, and for good: whatever interrupts this, what is left can only be destroyed.
    if (names.includes(CURRENT_FILE_NAME)) {
      fs.remove(joinPath(directory, CURRENT_FILE_NAME));
      fs.syncDirectory(directory);
    }
    for (const name of names) {
      if (name !== CURRENT_FILE_NAME && !isLock(name)) fs.remove(joinPath(directory, name));
    }
    removeLostFiles(fs, directory);
    // A table that a power cut brings back, without CURRENT, would look like the rest of a damaged database.
    fs.syncDirectory(directory);
    // The lock last: whoever comes then finds an empty directory that is theirs, which stays.
    removeLock(fs, directory);
    lockRemoved = true;
    if (fs.list(directory).length === 0) fs.removeDirectory(directory);
  } finally {
    lock.release(lockRemoved);
  }
}

/** Removes the files of the lock, which the caller holds and then releases as one whose files are removed. */
export function removeLock(fs: FileSystem, directory: string): void {
  const locks = fs.list(directory).filter((name) => parseFileName(name)?.kind === 'lock');
  // Whoever tries to take the lock removes the temporary file of that attempt.
  for (const name of locks.sort(compareForRemoval)) removeIfThere(fs, joinPath(directory, name));
}
