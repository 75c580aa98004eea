/**
 * A copy of a tree that stands for itself: real copies of its tables, never links, each read back and checked
 * against the manifest before the copy as a whole counts.
 *
 * It grows in a {@link StagedDirectory}: tables first, each synced and checked; then a manifest and CURRENT, which
 * are read back too; then the directory gets its name. Dying at any point leaves nothing under that name, or all.
 */
import { corruption, LsmError } from '../errors.ts';
import { copyFile } from '../fs/copy-file.ts';
import type { DirectoryLock } from '../fs/file-system.ts';
import { isDamage } from '../sstable/table-salvager.ts';
import { manifestPath, tablePath } from '../version/file-names.ts';
import { Manifest, snapshotOf } from '../version/manifest.ts';
import type { TableMeta } from '../version/table-meta.ts';
import type { Version } from '../version/version.ts';
import { removeLock } from './destroy.ts';
import { StagedDirectory, type StagingNames } from './staged-directory.ts';
import { checkLength, checkTable, type StoredFiles, sameTables } from './stored-files.ts';

/** What was copied and found whole. */
export interface BackupReport {
  /** The directory of the copy, as an absolute path. */
  readonly directory: string;
  readonly tables: number;
  /** Versions of keys in them, tombstones included. */
  readonly entries: number;
  /** Bytes of the tables. */
  readonly bytes: number;
}

/** How far a copy is; bytes of tables. */
export interface CopyProgress {
  readonly done: number;
  readonly total: number;
}

/** The tree that is copied. Nobody may write to its tables. */
export interface CopySource extends StoredFiles {
  readonly version: Version;
  readonly lastSequence: number;
  /** For the manifest of the copy. */
  readonly manifestNumber: number;
}

/** The work, table by table. Whoever gives up calls `throw`: then nothing of the copy is left. */
export type CopySteps = Generator<CopyProgress, BackupReport, void>;

/**
 * Copies a tree to `path`. Yields before every table and after the last one.
 * @throws LsmError `LSM_CORRUPTION` naming the file and offset in the source, if that is damaged
 */
export function* copyTree(source: CopySource, path: string, names: StagingNames): CopySteps {
  const { fs, directory, version } = source;
  const staged = new StagedDirectory(fs, path, names);
  staged.check(directory);
  const total = version.totalBytes;
  const tables = version.levels.flat();
  let lock: DirectoryLock | undefined;
  let isComplete = false;
  try {
    yield { done: 0, total };
    staged.begin();
    lock = fs.lock(staged.directory);
    const copy: StoredFiles = { fs, directory: staged.directory, databaseId: source.databaseId };
    let done = 0;
    for (const table of tables) {
      copyTable(source, copy, table);
      done += table.fileBytes;
      yield { done, total };
    }
    writeManifest(source, copy);
    removeLock(fs, staged.directory);
    lock.release(true);
    fs.syncDirectory(staged.directory);
    staged.complete();
    isComplete = true;
    const entries = tables.reduce((sum, { entryCount }) => sum + entryCount, 0);
    return { directory: path, tables: tables.length, entries, bytes: total };
  } finally {
    if (!isComplete) {
      releaseQuietly(lock);
      staged.discard();
    }
  }
}

/** For the sake of an error that says more. */
function releaseQuietly(lock: DirectoryLock | undefined): void {
  try {
    lock?.release();
  } catch {
    // What is left is the claim of a thread that will end.
  }
}

/** A copy is checked as it lies there. If it is not whole, its original may not be either, which is the news then. */
function copyTable(source: CopySource, copy: StoredFiles, table: TableMeta): void {
  const { fs } = source;
  const from = tablePath(source.directory, table.fileNumber);
  const to = tablePath(copy.directory, table.fileNumber);
  checkLength(fs, from, table.fileBytes);
  copyFile(fs, from, to);
  try {
    checkTable(copy, table);
  } catch (error) {
    if (!isDamage(error)) throw error;
    checkTable(source, table);
    const message = `the copy of ${from} did not read back as it was written, though ${from} is whole; check the disk that ${to} is on`;
    throw new LsmError('LSM_IO', message, { file: to, offset: error.offset, cause: error });
  }
}

function writeManifest({ fs, version, lastSequence, manifestNumber }: CopySource, copy: StoredFiles): void {
  const { directory, databaseId } = copy;
  const snapshot = snapshotOf(version, { lastSequence, nextFileNumber: manifestNumber + 1 });
  Manifest.create(fs, directory, databaseId, manifestNumber, snapshot).close();
  const written = Manifest.recover(fs, directory, version.levels.length);
  if (sameTables(written.version, version) && written.lastSequence === lastSequence) return;
  const file = manifestPath(directory, manifestNumber);
  throw corruption(file, 0, 'it did not read back as it was written; check the disk');
}
