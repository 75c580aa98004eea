/**
 * Backups: copies meant for another disk. A backup is a database of tables alone, so restoring one is the same
 * work in the other direction: see copied-tree.ts.
 */
import { assertInvariant, corruption, LsmError } from '../errors.ts';
import { type FileSystem, joinPath } from '../fs/file-system.ts';
import { checkVersion } from '../version/check-version.ts';
import { manifestFileName, parseFileName, tableFileName } from '../version/file-names.ts';
import { refuseLevelDb } from '../version/leveldb-directory.ts';
import { Manifest, type ManifestContents } from '../version/manifest.ts';
import { notADirectory } from './arguments.ts';
import { type BackupReport, type CopyProgress, type CopySteps, copyTree } from './copied-tree.ts';
import type { Core } from './core.ts';
import { holdsDatabase } from './recovery.ts';
import type { StagingNames } from './staged-directory.ts';

/** Options of `MiniLsm.backup` and `MiniLsm.restore`. */
export interface BackupOptions {
  /**
   * Told after every table how many of how many bytes of tables are copied and checked. What it throws ends the
   * work and comes out of the call.
   */
  readonly onProgress?: ((bytesDone: number, bytesTotal: number) => void) | undefined;
  /** Ends the work with `LSM_ABORTED`; looked at before every table. */
  readonly signal?: AbortSignal | undefined;
}

export const BACKUP_NAMES: readonly string[] = ['onProgress', 'signal'];

/** Options of `MiniLsm.restore`. */
export interface RestoreOptions extends BackupOptions {
  /** Where both directories are. Default: the file system of Node.js. */
  readonly fileSystem?: FileSystem | undefined;
}

const BACKUP: StagingNames = { suffix: '.backing-up', mark: 'BACKING-UP', work: 'backup' };
const RESTORE: StagingNames = { suffix: '.restoring', mark: 'RESTORING', work: 'restore' };

/** Makes a backup of an open database, whose memtables must be empty. */
export function* backupOpen(core: Core, path: string): CopySteps {
  const { fs, directory, databaseId, lastSequence, view } = core;
  assertInvariant(
    view.memtables.every(({ table }) => table.entryCount === 0),
    'a backup is made of tables alone',
  );
  const manifestNumber = core.fileNumbers.allocate();
  view.ref(); // the files that are being copied stay
  try {
    const source = { fs, directory, databaseId, version: view.version, lastSequence, manifestNumber };
    return yield* copyTree(source, path, BACKUP);
  } finally {
    view.unref();
  }
}

/** @throws LsmError as `MiniLsm.restore` says. */
export function* restoreDatabase(fs: FileSystem, backup: string, path: string): CopySteps {
  const directory = fs.absolutePath(backup);
  const status = fs.status(directory);
  if (status !== undefined && status.kind !== 'directory') throw notADirectory(directory);
  if (status === undefined || !holdsDatabase(fs, directory)) throw noBackup(directory);
  refuseLevelDb(fs, directory);
  const { databaseId, version, lastSequence, nextFileNumber } = readBackup(fs, directory);
  checkVersion(version);
  const source = { fs, directory, databaseId, version, lastSequence, manifestNumber: nextFileNumber };
  return yield* copyTree(source, fs.absolutePath(path), RESTORE);
}

/** Goes through a copy at once; what `onStep` throws ends it, and nothing of it is left. */
export function finish(steps: CopySteps, onStep: (progress: CopyProgress) => void): BackupReport {
  let step = steps.next();
  while (!step.done) {
    try {
      onStep(step.value);
    } catch (error) {
      step = steps.throw(error);
      continue;
    }
    step = steps.next();
  }
  return step.value;
}

/**
 * What a backup consists of, by its manifest; its tables are not looked into.
 * @throws LsmError `LSM_NOT_FOUND` if there is none; `LSM_CORRUPTION` if its files are not exactly those that the
 * manifest names; `LSM_INVALID_ARGUMENT` for a database that was written to since
 */
function readBackup(fs: FileSystem, directory: string): ManifestContents {
  const contents = Manifest.recover(fs, directory);
  const [log] = contents.logs;
  if (log !== undefined) {
    const message =
      `${directory} is no backup any more: it was opened as a database, and has write-ahead logs since; ` +
      'make a backup of it to copy it';
    throw new LsmError('LSM_INVALID_ARGUMENT', message, { file: directory });
  }
  const named = new Set(contents.version.levels.flat().map(({ fileNumber }) => tableFileName(fileNumber)));
  named.add(manifestFileName(contents.manifestNumber));
  for (const name of fs.list(directory)) {
    const kind = parseFileName(name)?.kind;
    if (kind === undefined || kind === 'lock' || kind === 'current' || named.has(name)) continue;
    const what =
      'the manifest of the backup does not name it, so the two are not of one backup; move it away if you know why';
    throw corruption(joinPath(directory, name), 0, what);
  }
  return contents;
}

function noBackup(directory: string): LsmError {
  const message = `there is no backup in ${directory}: it has no CURRENT; check the path`;
  return new LsmError('LSM_NOT_FOUND', message, { file: directory });
}
