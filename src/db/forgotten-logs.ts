/**
 * Finds write-ahead logs that the manifest should name and does not. A log is named before its first batch is
 * written, and everything before the manifest's log number is obsolete; so a later log that holds a batch and
 * is not named proves that the manifest is not the last one: it was put back from earlier, or has lost its end.
 * Whoever takes such a log for an orphan throws acknowledged writes away.
 */
import { corruption, type LsmError } from '../errors.ts';
import type { FileSystem } from '../fs/file-system.ts';
import type { LogIdentity } from '../log/log-format.ts';
import { LogSalvager } from '../log/log-salvager.ts';
import { isDamage } from '../sstable/table-salvager.ts';
import { parseFileName, walPath } from '../version/file-names.ts';
import type { ManifestContents } from '../version/manifest.ts';
import { MAX_BATCH_BYTES } from '../wal/batch-format.ts';

export interface ForgottenLog {
  readonly fileNumber: number;
  readonly damage: LsmError;
}

/** By their numbers. */
export function forgottenLogs(
  fs: FileSystem,
  directory: string,
  { databaseId, logs, logNumber }: ManifestContents,
): ForgottenLog[] {
  const named = new Set(logs);
  const numbers = fs.list(directory).flatMap((name) => {
    const file = parseFileName(name);
    const counts = file?.kind === 'wal' && file.number >= logNumber && !named.has(file.number);
    return counts ? file.number : [];
  });
  return numbers
    .sort((a, b) => a - b)
    .filter((fileNumber) => holdsBatch(fs, walPath(directory, fileNumber), { databaseId, fileNumber }))
    .map((fileNumber) => {
      const what =
        'it holds writes, and the manifest does not name it: that is an older one, or has lost its end';
      return { fileNumber, damage: corruption(walPath(directory, fileNumber), 0, what) };
    });
}

/** Whether a whole record stands in a log of this database and number: nothing else gets a checksum right. */
function holdsBatch(fs: FileSystem, path: string, identity: Omit<LogIdentity, 'kind'>): boolean {
  if (fs.status(path)?.kind !== 'file') return false;
  const log = LogSalvager.open(fs, path, identity, { maxRecordBytes: MAX_BATCH_BYTES }, () => {});
  try {
    while (log.next()) if (log.payloadLength > 0) return true;
    return false;
  } catch (error) {
    if (!isDamage(error)) throw error;
    return false;
  } finally {
    log.close();
  }
}
