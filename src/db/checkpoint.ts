/**
 * A copy of the database as it is now, in a directory of its own. Tables never change, so the copy takes
 * links to them and no space of its own, until compactions have replaced them on either side. Where links
 * can't be had, such as on another device, the files are copied.
 *
 * What is in memory is flushed before, so the copy needs no log. The order of steps is that of every
 * manifest: the tables and their names are on the disk before the manifest names them, and CURRENT comes
 * last. Until then the directory holds no database; whoever dies on the way leaves files that `destroy`
 * removes.
 */
import { assertInvariant, LsmError } from '../errors.ts';
import { linkOrCopy } from '../fs/copy-file.ts';
import { type FileSystem, joinPath } from '../fs/file-system.ts';
import { isWithin } from '../fs/paths.ts';
import { removeQuietly } from '../fs/remove-file.ts';
import { CURRENT_FILE_NAME, CURRENT_TEMPORARY_NAME, manifestPath, tablePath } from '../version/file-names.ts';
import { Manifest, snapshotOf } from '../version/manifest.ts';
import type { TableMeta } from '../version/table-meta.ts';
import type { Core } from './core.ts';
import type { ReadView } from './read-view.ts';
import { checkLength } from './stored-files.ts';

/** Options of `MiniLsm.checkpoint`. */
export interface CheckpointOptions {
  /**
   * Told after every table how many of how many bytes of tables the copy has. What it throws ends the work
   * and comes out of `checkpoint`.
   */
  readonly onProgress?: ((bytesDone: number, bytesTotal: number) => void) | undefined;
  /** Ends the work with `LSM_ABORTED`; looked at before every table. */
  readonly signal?: AbortSignal | undefined;
}

/** What a checkpoint consists of. */
export interface CheckpointReport {
  /** The directory, as an absolute path. */
  readonly directory: string;
  readonly tables: number;
  /** Versions of keys in them, tombstones included. */
  readonly entries: number;
  /** Bytes of the tables. */
  readonly bytes: number;
  /** How many of these had to be copied, for want of links; bytes. */
  readonly bytesCopied: number;
}

/**
 * The absolute path of a directory that can take a checkpoint.
 * @throws LsmError `LSM_EXISTS` if anything is there but an empty directory; `LSM_INVALID_ARGUMENT` for a
 * place within the database itself.
 */
export function checkpointTarget(core: Core, path: string): string {
  const { fs, directory } = core;
  const target = fs.absolutePath(path);
  if (isWithin(target, directory)) {
    const message = `${target} lies in the directory of the database itself; choose one outside of it`;
    throw new LsmError('LSM_INVALID_ARGUMENT', message, { file: target });
  }
  const status = fs.status(target);
  if (status === undefined) return target;
  if (status.kind !== 'directory') throw taken(target, 'is no directory');
  if (fs.list(target).length > 0) throw taken(target, 'is not empty');
  return target;
}

/**
 * Makes `target`, which {@link checkpointTarget} has found fit, a copy of what a view shows; its memtables
 * must be empty, and the caller holds it. `step` is called before every table and after the last one. After
 * a failure nothing of the copy is left.
 */
export function checkpoint(
  core: Core,
  view: ReadView,
  target: string,
  step: (bytesDone: number, bytesTotal: number) => void,
): CheckpointReport {
  const { fs, databaseId, lastSequence } = core;
  const { version } = view;
  assertInvariant(
    view.memtables.every(({ table }) => table.entryCount === 0),
    'a checkpoint is made of tables alone',
  );
  const manifestNumber = core.fileNumbers.allocate();
  const isNew = fs.status(target) === undefined;
  if (isNew) fs.makeDirectory(target);
  const made: string[] = [];
  let named = false;
  try {
    const tables = version.levels.flat();
    const bytes = version.totalBytes;
    let done = 0;
    let bytesCopied = 0;
    for (const table of tables) {
      step(done, bytes);
      bytesCopied += takeTable(core, table, target, made);
      done += table.fileBytes;
    }
    step(done, bytes);
    const current = joinPath(target, CURRENT_FILE_NAME);
    if (fs.status(current) !== undefined) throw taken(target, 'was taken by somebody else meanwhile');
    made.push(manifestPath(target, manifestNumber), joinPath(target, CURRENT_TEMPORARY_NAME));
    named = true;
    const snapshot = snapshotOf(version, { lastSequence, nextFileNumber: manifestNumber + 1 });
    Manifest.create(fs, target, databaseId, manifestNumber, snapshot).close();
    const entries = tables.reduce((sum, { entryCount }) => sum + entryCount, 0);
    return { directory: target, tables: tables.length, entries, bytes, bytesCopied };
  } catch (error) {
    if (named && !unname(fs, target)) throw error;
    for (const path of made) removeQuietly(fs, path);
    if (isNew) removeDirectoryQuietly(fs, target);
    throw error;
  }
}

function takeTable(core: Core, table: TableMeta, target: string, made: string[]): number {
  const { fs, directory } = core;
  const from = tablePath(directory, table.fileNumber);
  const to = tablePath(target, table.fileNumber);
  checkLength(fs, from, table.fileBytes);
  const copied = linkOrCopy(fs, from, to);
  made.push(to);
  return copied;
}

/**
 * Takes CURRENT away, for good, before anything that it may lead to: what stays after that is no database.
 * False if that can't be done: then the copy may be a whole one, and is left as it is.
 */
function unname(fs: FileSystem, target: string): boolean {
  try {
    fs.remove(joinPath(target, CURRENT_FILE_NAME));
  } catch (error) {
    if (!(error instanceof LsmError) || error.code !== 'LSM_NOT_FOUND') return false;
  }
  try {
    fs.syncDirectory(target);
    return true;
  } catch {
    return false;
  }
}

function removeDirectoryQuietly(fs: FileSystem, target: string): void {
  try {
    fs.removeDirectory(target);
  } catch {
    // Somebody else has put something there, or the disk fails: the error that led here says more.
  }
}

function taken(target: string, why: string): LsmError {
  const message = `${target} ${why}; a checkpoint needs an empty directory, or makes one`;
  return new LsmError('LSM_EXISTS', message, { file: target });
}
