/** Makes write-ahead logs: durable with their names, so that the manifest may name them, or begun. */
import type { FileSystem } from '../fs/file-system.ts';
import { removeQuietly } from '../fs/remove-file.ts';
import { walPath } from '../version/file-names.ts';
import { WriteAheadLog } from '../wal/write-ahead-log.ts';

/** An empty log of which nothing is on the disk: before the manifest names it, header and name have to be. */
export function beginLog(
  fs: FileSystem,
  directory: string,
  databaseId: Uint8Array,
  fileNumber: number,
): WriteAheadLog {
  return WriteAheadLog.begin(fs, walPath(directory, fileNumber), { kind: 'wal', databaseId, fileNumber });
}

/** An empty log that is on the disk with its name. */
export function createLog(
  fs: FileSystem,
  directory: string,
  databaseId: Uint8Array,
  fileNumber: number,
): WriteAheadLog {
  const path = walPath(directory, fileNumber);
  let log: WriteAheadLog | undefined;
  try {
    log = WriteAheadLog.create(fs, path, { kind: 'wal', databaseId, fileNumber });
    fs.syncDirectory(directory);
    return log;
  } catch (error) {
    // Nobody has named it yet. On a full disk every write that is refused would leave another one.
    log?.close();
    removeQuietly(fs, path);
    throw error;
  }
}
