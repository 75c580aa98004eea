/**
 * Makes a database that cannot be opened one that can, with everything in it that passes its checksums.
 *
 * With a manifest that is whole, tables keep their places (kept-tree.ts); without one, what lies in the
 * directory is merged (rebuilt-tree.ts). Either way the write-ahead logs become tables. As in recovery,
 * nothing of the old state is touched until one step makes the result the new one: a fresh manifest, and
 * CURRENT naming it. So a repair can be interrupted anywhere and run again. What could not be used, whole or
 * in part, is in `lost/` by then (lost-files.ts); what was used up is removed afterwards.
 */
import { FileNumbers } from '../../background/file-numbers.ts';
import { corruption, LsmError } from '../../errors.ts';
import { type FileSystem, fileBytes, joinPath } from '../../fs/file-system.ts';
import { removeQuietly } from '../../fs/remove-file.ts';
import type { ResolvedOptions } from '../../options.ts';
import { isDamage } from '../../sstable/table-salvager.ts';
import { readCurrent } from '../../version/current-file.ts';
import { CURRENT_FILE_NAME, parseFileName, walPath } from '../../version/file-names.ts';
import { refuseLevelDb } from '../../version/leveldb-directory.ts';
import { Manifest, type ManifestContents, snapshotOf } from '../../version/manifest.ts';
import { notADirectory } from '../arguments.ts';
import { forgottenLogs } from '../forgotten-logs.ts';
import { fileSystemFor, jobEnvironment } from '../open-database.ts';
import { highestFileNumber, holdsDatabase, removeTables } from '../recovery.ts';
import { belongsTo, databaseOf, type FoundFile, findFiles } from './found-files.ts';
import { keepTree } from './kept-tree.ts';
import { LostFiles } from './lost-files.ts';
import { Problems } from './problems.ts';
import { rebuildTree } from './rebuilt-tree.ts';
import type { RepairContext, RepairedTree } from './repaired-tree.ts';
import type { RepairReport } from './report.ts';

/** @throws LsmError as `MiniLsm.repair` says. */
export function repairDatabase(
  path: string,
  options: ResolvedOptions,
  onProgress: (bytesDone: number, bytesTotal: number) => void,
): RepairReport {
  const fs = fileSystemFor(options);
  const directory = fs.absolutePath(path);
  checkDirectory(fs, directory);
  const lock = fs.lock(directory);
  try {
    return new Repair(fs, directory, options, onProgress).run();
  } finally {
    lock.release();
  }
}

/** Looks before anything is written: also the lock is a file. */
function checkDirectory(fs: FileSystem, directory: string): void {
  const status = fs.status(directory);
  if (status === undefined) {
    const message = `cannot repair ${directory}: no such file or directory; check the path`;
    throw new LsmError('LSM_NOT_FOUND', message, { file: directory });
  }
  if (status.kind !== 'directory') throw notADirectory(directory);
  refuseLevelDb(fs, directory);
  const kinds = fs.list(directory).map((name) => parseFileName(name)?.kind);
  if (!kinds.some((kind) => kind !== undefined && kind !== 'lock' && kind !== 'current-temporary')) {
    const message = `there is no database in ${directory}, and nothing that was one; check the path`;
    throw new LsmError('LSM_NOT_FOUND', message, { file: directory });
  }
}

class Repair {
  readonly #fs: FileSystem;
  readonly #directory: string;
  readonly #options: ResolvedOptions;
  readonly #onProgress: (bytesDone: number, bytesTotal: number) => void;
  readonly #problems = new Problems();
  readonly #lost: LostFiles;
  readonly #numbers = new FileNumbers();
  /** Of the files that the repair makes. */
  #firstNumber = 0;

  constructor(
    fs: FileSystem,
    directory: string,
    options: ResolvedOptions,
    onProgress: (bytesDone: number, bytesTotal: number) => void,
  ) {
    this.#fs = fs;
    this.#directory = directory;
    this.#options = options;
    this.#onProgress = onProgress;
    this.#lost = new LostFiles(fs, directory);
  }

  run(): RepairReport {
    const contents = this.#withForgottenLogs(this.#readManifest());
    if (contents !== undefined) {
      const { databaseId, version, logs, nextFileNumber } = contents;
      const logBytes = logs.map((log) => fileBytes(this.#fs, walPath(this.#directory, log)));
      const total = logBytes.reduce((sum, bytes) => sum + bytes, version.totalBytes);
      const unnamed = this.#unnamed(contents);
      const tree = this.#build(databaseId, nextFileNumber, total, (context) => keepTree(context, contents));
      const unusable = this.#problems.count > 0 ? [...tree.unusable, ...unnamed] : tree.unusable;
      return this.#install(databaseId, { ...tree, unusable }, 'kept');
    }
    const files = findFiles(this.#fs, this.#directory);
    const databaseId = this.#databaseOf(files);
    if (databaseId === undefined) throw this.#unrecognisable();
    const total = files.reduce((sum, { kind, bytes }) => sum + (kind === 'manifest' ? 0 : bytes), 0);
    const tree = this.#build(databaseId, nextNumber(files), total, (context) => rebuildTree(context, files));
    return this.#install(databaseId, tree, 'rebuilt');
  }

  /** What the manifest says; undefined if it, or the CURRENT that names it, is damaged or missing. */
  #readManifest(): ManifestContents | undefined {
    const { levelCount } = this.#options;
    try {
      if (holdsDatabase(this.#fs, this.#directory)) {
        return Manifest.recover(this.#fs, this.#directory, levelCount);
      }
      this.#problems.add(corruption(joinPath(this.#directory, CURRENT_FILE_NAME), 0, 'it is missing'));
    } catch (error) {
      if (!isDamage(error)) throw error;
      this.#problems.add(error);
    }
    return undefined;
  }

  /** Names the logs that a manifest should name and does not: it is an older one, or has lost its end. */
  #withForgottenLogs(contents: ManifestContents | undefined): ManifestContents | undefined {
    if (contents === undefined) return undefined;
    const forgotten = forgottenLogs(this.#fs, this.#directory, contents);
    for (const { damage } of forgotten) this.#problems.add(damage);
    return { ...contents, logs: [...contents.logs, ...forgotten.map(({ fileNumber }) => fileNumber)] };
  }

  /**
   * Tables and logs that the manifest does not name. They are obsolete or were never finished, and an opening
   * removes them; but when something is damaged, what a compaction had read may be what somebody looks for.
   */
  #unnamed({ version, logs }: ManifestContents): string[] {
    const named = new Set([...logs, ...version.levels.flat().map(({ fileNumber }) => fileNumber)]);
    return this.#fs.list(this.#directory).filter((name) => {
      const file = parseFileName(name);
      if (file?.kind !== 'table' && file?.kind !== 'wal') return false;
      return !named.has(file.number) && this.#fs.status(joinPath(this.#directory, name))?.kind === 'file';
    });
  }

  /** CURRENT says it, unless that has come from elsewhere: then nothing here belongs to the database it speaks of. */
  #databaseOf(files: readonly FoundFile[]): Uint8Array | undefined {
    const named = this.#currentDatabase();
    const isHere = named !== undefined && files.some((file) => belongsTo(file, named));
    return isHere ? named : (databaseOf(files) ?? named);
  }

  /** The id in CURRENT, if that is whole. */
  #currentDatabase(): Uint8Array | undefined {
    if (!holdsDatabase(this.#fs, this.#directory)) return undefined;
    try {
      return readCurrent(this.#fs, this.#directory).databaseId;
    } catch (error) {
      if (!isDamage(error)) throw error;
      return undefined;
    }
  }

  /** Makes the tree; if that fails, no file of it is left. */
  #build(
    databaseId: Uint8Array,
    leastNumber: number,
    bytesTotal: number,
    make: (context: RepairContext) => RepairedTree,
  ): RepairedTree {
    const numbers = this.#numbers;
    const highest = Math.max(highestFileNumber(this.#fs, this.#directory), this.#lost.highestFileNumber);
    numbers.raise(Math.max(leastNumber, highest + 1));
    this.#firstNumber = numbers.next;
    let done = 0;
    const onRead = (bytes: number): void => {
      done = Math.min(done + bytes, bytesTotal);
      this.#onProgress(done, bytesTotal);
    };
    const environment = jobEnvironment(this.#fs, this.#directory, databaseId, this.#options, numbers);
    try {
      return make({ environment, options: this.#options, problems: this.#problems, onRead });
    } catch (error) {
      this.#removeMade();
      throw error;
    }
  }

  /** Removes the tables that were made, which nothing names. */
  #removeMade(): void {
    const first = this.#firstNumber;
    const numbers = Array.from({ length: this.#numbers.next - first }, (_, i) => first + i);
    removeTables(this.#fs, this.#directory, numbers);
  }

  /** Makes the tree the live one, and removes what it takes the place of. */
  #install(databaseId: Uint8Array, tree: RepairedTree, manifest: RepairReport['manifest']): RepairReport {
    const fs = this.#fs;
    const directory = this.#directory;
    const { version, lastSequence, nextEpoch, unusable, ...counts } = tree;
    const replacesCurrent = manifest === 'rebuilt' && holdsDatabase(fs, directory);
    try {
      this.#lost.keep(replacesCurrent ? [CURRENT_FILE_NAME, ...unusable] : unusable);
    } catch (error) {
      this.#removeMade();
      throw error;
    }
    const number = this.#numbers.allocate();
    const snapshot = snapshotOf(version, {
      // Logs that stay behind if this is interrupted are obsolete: what they held is in tables.
      logNumber: number,
      lastSequence,
      nextEpoch,
      nextFileNumber: number + 1,
    });
    Manifest.create(fs, directory, databaseId, number, snapshot).close();
    this.#removeAllBut(new Set([number, ...version.levels.flat().map(({ fileNumber }) => fileNumber)]));
    return {
      manifest,
      ...counts,
      entries: version.levels.flat().reduce((sum, { entryCount }) => sum + entryCount, 0),
      problems: this.#problems.all,
      setAside: this.#lost.paths,
    };
  }

  /** What can't be removed is an orphan, which the next opening removes. */
  #removeAllBut(live: ReadonlySet<number>): void {
    for (const name of this.#fs.list(this.#directory)) {
      const file = parseFileName(name);
      if (file === undefined || file.kind === 'lock' || file.kind === 'current') continue;
      if (!live.has(file.number)) removeQuietly(this.#fs, joinPath(this.#directory, name));
    }
  }

  #unrecognisable(): LsmError {
    const what = `no file in it could be recognised as one of a database, so nothing was changed`;
    const message = `${this.#directory} cannot be repaired: ${what}; restore it from a backup`;
    return new LsmError('LSM_CORRUPTION', message, { file: this.#directory });
  }
}

/** Above every number in a name or in a file, which may have been renamed. */
function nextNumber(files: readonly FoundFile[]): number {
  const numbers = files.flatMap(({ number, identity }) => [number, identity?.fileNumber ?? 0]);
  return Math.max(0, ...numbers.filter((number) => number < Number.MAX_SAFE_INTEGER)) + 1;
}
