/** Makes a write-ahead log, durable with its name, so that the manifest may name it. */
import type { FileSystem } from '../fs/file-system.ts';
import { joinPath } from '../fs/file-system.ts';
import { walFileName } from '../version/file-names.ts';
import { WriteAheadLog } from '../wal/write-ahead-log.ts';

export function createLog(
  fs: FileSystem,
  directory: string,
  databaseId: Uint8Array,
  fileNumber: number,
): WriteAheadLog {
  const log = WriteAheadLog.create(fs, joinPath(directory, walFileName(fileNumber)), {
    kind: 'wal',
    databaseId,
    fileNumber,
  });
  try {
    fs.syncDirectory(directory);
    return log;
  } catch (error) {
    log.close();
    throw error;
  }
}
