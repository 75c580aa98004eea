import { nextTurn } from '#platform';
import { checkedPath, checkNotAborted, signalOption } from '../db/arguments.ts';
import { fileSystemFor } from '../db/open-database.ts';
import { LsmError } from '../errors.ts';
import type { FileSystem } from '../fs/file-system.ts';
import { flagOption, OPTION_NAMES, type Options, optionsObject, resolveOptions } from '../options.ts';
import { Damage, type SkippedPart } from './damage.ts';
import { ImportSteps } from './import-steps.ts';
import { hasChanged, openSource, type SourceDirectory } from './source-directory.ts';
import { Target } from './target.ts';

/** How far an import is. */
export interface ImportProgress {
  /** Of the tables and logs of the source. */
  readonly bytesRead: number;
  readonly bytesTotal: number;
  /** In the target so far. */
  readonly entries: number;
}

/** Options of {@link importLevelDB}: its own, and those with which the target is opened. */
export interface ImportOptions extends Omit<Options, 'createIfMissing' | 'errorIfExists'> {
  /**
   * Leave out what is damaged in tables and logs, and say so in the report, instead of failing. Where the
   * newest version of a key was in such a part, an older one may come back, also of a deleted key.
   * Default `false`.
   */
  readonly salvage?: boolean | undefined;
  /** Told now and then how far the work is. What it throws ends the import. */
  readonly onProgress?: ((progress: ImportProgress) => void) | undefined;
  /** Ends the import when it is aborted. */
  readonly signal?: AbortSignal | undefined;
}

const IMPORT_NAMES: readonly string[] = [
  ...OPTION_NAMES.filter((name) => name !== 'createIfMissing' && name !== 'errorIfExists'),
  'salvage',
  'onProgress',
  'signal',
];

/** What an import read and wrote. */
export interface ImportReport {
  /** Entries in the target. */
  readonly entries: number;
  /** Deletions that the source still held; a new database needs none of them. */
  readonly deletions: number;
  /** Values that were overwritten or deleted later, and left out. */
  readonly superseded: number;
  /** Tables and logs. */
  readonly filesRead: number;
  readonly bytesRead: number;
  /** Bytes at the end of the last log and of the manifest that a dying process did not finish. */
  readonly discardedBytes: number;
  /** What salvage left out: the first 1,000 parts, and how many parts and bytes there were in all. */
  readonly skipped: readonly SkippedPart[];
  readonly skippedParts: number;
  readonly skippedBytes: number;
}

/**
 * Copies a LevelDB database, as `classic-level`, `leveldown` or LevelDB itself wrote it, into a new database
 * of mini-lsm. The source is read only, and must not be open in any process. The target appears when it is
 * complete and on the disk; before that, its files are in a directory of that name with `.importing` behind
 * it, which a failure removes.
 *
 * @param target a directory that does not exist, or is empty and can be replaced (no mount point, no link).
 * @throws LsmError `LSM_NOT_FOUND` if there is no source; `LSM_EXISTS` if there is something in the target;
 *   `LSM_CORRUPTION` with file and offset; `LSM_UNSUPPORTED_FORMAT` for another order of keys, another
 *   compression than Snappy, or another program; `LSM_TOO_LARGE` for a key over 65,535 bytes; `LSM_LOCKED` if
 *   the source was changed meanwhile; `LSM_ABORTED`; `LSM_INVALID_ARGUMENT`; `LSM_NO_SPACE`; `LSM_IO`.
 *
 * @example
 * const report = await importLevelDB('./leveldb', './data');
 * console.log(`${report.entries} entries`);
 */
export async function importLevelDB(
  source: string,
  target: string,
  options: ImportOptions = {},
): Promise<ImportReport> {
  const { salvage, onProgress, throwIfAborted, database } = checkedOptions(options);
  const fs = fileSystemFor(resolveOptions(database));
  const from = fs.absolutePath(checkedPath(source));
  const to = new Target(fs, fs.absolutePath(checkedPath(target)));
  to.check(from);
  throwIfAborted();
  const damage = new Damage(salvage);
  const opened = openSource(fs, from, damage);
  try {
    const steps = new ImportSteps(fs, opened, to.open(database), damage);
    for (const _ of steps.run()) {
      onProgress?.({ bytesRead: steps.tally.bytesRead, bytesTotal: opened.bytes, entries: steps.entries });
      await nextTurn();
      throwIfAborted();
    }
    if (hasChanged(fs, opened)) throw changed(from);
    to.complete();
    return reportOf(steps, damage);
  } catch (error) {
    to.discard();
    throw causedByChange(fs, opened, error) ? changed(from, error) : error;
  }
}

function checkedOptions(options: ImportOptions): {
  salvage: boolean;
  onProgress: ImportOptions['onProgress'];
  throwIfAborted: () => void;
  database: Options;
} {
  const given = optionsObject(options, 'the import options', IMPORT_NAMES);
  const salvage = flagOption(given, 'salvage', false);
  const { salvage: _, onProgress, signal: __, ...database } = options;
  if (onProgress !== undefined && typeof onProgress !== 'function') {
    throw new LsmError('LSM_INVALID_ARGUMENT', 'option onProgress must be a function');
  }
  const signal = signalOption(given);
  return { salvage, onProgress, throwIfAborted: () => checkNotAborted(signal), database };
}

function reportOf({ tally, entries, discardedBytes }: ImportSteps, damage: Damage): ImportReport {
  return {
    entries,
    deletions: tally.deletions,
    superseded: tally.versions - tally.deletions - entries,
    filesRead: tally.filesRead,
    bytesRead: tally.bytesRead,
    discardedBytes,
    skipped: damage.described,
    skippedParts: damage.parts,
    skippedBytes: damage.bytes,
  };
}

/** Whether an error may be no more than the view of a directory that somebody else was changing. */
function causedByChange(fs: FileSystem, source: SourceDirectory, error: unknown): boolean {
  const isDamage = error instanceof LsmError && ['LSM_CORRUPTION', 'LSM_NOT_FOUND'].includes(error.code);
  try {
    return isDamage && hasChanged(fs, source);
  } catch {
    return false; // the first error says more
  }
}

function changed(directory: string, cause?: unknown): LsmError {
  const message =
    `${directory} changed while it was read, so a program has it open; close that one and import again. ` +
    'Nothing was imported';
  return new LsmError('LSM_LOCKED', message, { file: directory, cause });
}
