/**
 * Reads everything that a database consists of which nobody has open, and checks it, without opening it: no log
 * becomes a table, nothing is removed, nothing is written but the lock. So it can be asked of a database that
 * can't be opened, of a backup, and of what must stay as it is.
 */

import { BlockCache } from '../cache/block-cache.ts';
import { corruption, LsmError } from '../errors.ts';
import { type FileSystem, joinPath } from '../fs/file-system.ts';
import { errnoOf } from '../fs/node-errors.ts';
import { Table } from '../sstable/table.ts';
import { checkVersion } from '../version/check-version.ts';
import {
  CURRENT_FILE_NAME,
  manifestPath,
  parseFileName,
  walFileName,
  walPath,
} from '../version/file-names.ts';
import { refuseLevelDb } from '../version/leveldb-directory.ts';
import { Manifest, type ManifestContents } from '../version/manifest.ts';
import { notADirectory } from './arguments.ts';
import { forgottenLogs } from './forgotten-logs.ts';
import { LogChain } from './log-chain.ts';
import { holdsDatabase } from './recovery.ts';
import { type DiscardedTail, mayHoldData, refusedTail, tailOf } from './recovery-report.ts';
import { type FoundFile, findFiles } from './repair/found-files.ts';
import { LOST_DIRECTORY } from './repair/lost-files.ts';
import { ADVICE_LOG, ADVICE_MANIFEST, Verification } from './verification.ts';
import type { VerifiedFile, VerifyDirectoryOptions, VerifyReport } from './verify-report.ts';

/** @throws LsmError as `MiniLsm.verify` says. */
export function verifyDirectory(fs: FileSystem, path: string, options: VerifyDirectoryOptions): VerifyReport {
  const directory = fs.absolutePath(path);
  checkDirectory(fs, directory);
  const release = lockUnlessReadOnly(fs, directory);
  try {
    return new DirectoryVerifier(fs, directory, options).run();
  } finally {
    release();
  }
}

/** Looks before anything is written: also the lock is a file. */
function checkDirectory(fs: FileSystem, directory: string): void {
  const status = fs.status(directory);
  if (status !== undefined && status.kind !== 'directory') throw notADirectory(directory);
  if (status !== undefined) refuseLevelDb(fs, directory);
  const names = status === undefined ? [] : fs.list(directory);
  const kinds = names.map((name) => parseFileName(name)?.kind);
  if (kinds.some((kind) => kind !== undefined && kind !== 'lock')) return;
  const message = `a database does not exist in ${directory}; check the path`;
  throw new LsmError('LSM_NOT_FOUND', message, { file: directory });
}

/** On a file system that is mounted read-only there can be no lock, and nobody who writes. */
function lockUnlessReadOnly(fs: FileSystem, directory: string): () => void {
  try {
    const lock = fs.lock(directory);
    return () => lock.release();
  } catch (error) {
    if (!(error instanceof LsmError) || errnoOf(error.cause) !== 'EROFS') throw error;
    return () => {};
  }
}

class DirectoryVerifier {
  readonly #fs: FileSystem;
  readonly #directory: string;
  readonly #options: VerifyDirectoryOptions;
  readonly #found: Verification;

  constructor(fs: FileSystem, directory: string, options: VerifyDirectoryOptions) {
    this.#fs = fs;
    this.#directory = directory;
    this.#options = options;
    this.#found = new Verification(options.keys === true);
  }

  run(): VerifyReport {
    const contents = this.#readManifest();
    const names = this.#fs.list(this.#directory).sort();
    this.#found.foreign = names.filter(
      (name) => parseFileName(name) === undefined && name !== LOST_DIRECTORY,
    );
    if (contents === undefined) {
      this.#verifyTablesAlone();
    } else {
      const forgotten = this.#findForgottenLogs(contents);
      this.#found.unnamed = unnamed(names, contents).filter((name) => !forgotten.has(name));
      this.#verifyTree(contents);
    }
    return this.#found.report;
  }

  #readManifest(): ManifestContents | undefined {
    const fs = this.#fs;
    const directory = this.#directory;
    const found = this.#found;
    try {
      if (!holdsDatabase(fs, directory)) {
        throw corruption(joinPath(directory, CURRENT_FILE_NAME), 0, 'it is missing');
      }
      const contents = Manifest.recover(fs, directory);
      const file = manifestPath(directory, contents.manifestNumber);
      const { validBytes, editCount } = contents;
      found.files.push({ file, kind: 'manifest', bytes: validBytes, entries: editCount });
      this.#leaveOut(tailOf(file, contents));
      return contents;
    } catch (error) {
      found.note(error, ADVICE_MANIFEST);
      return undefined;
    }
  }

  /** Logs for whose sake opening is refused. */
  #findForgottenLogs(contents: ManifestContents): ReadonlySet<string> {
    const names = new Set<string>();
    this.#found.check(ADVICE_LOG, () => {
      for (const { fileNumber, damage } of forgottenLogs(this.#fs, this.#directory, contents)) {
        names.add(walFileName(fileNumber));
        this.#found.note(damage, ADVICE_LOG);
      }
      return undefined;
    });
    return names;
  }

  #verifyTree(contents: ManifestContents): void {
    const { databaseId, version, logs } = contents;
    const found = this.#found;
    const { onProgress } = this.#options;
    const files = { fs: this.#fs, directory: this.#directory, databaseId };
    found.check(ADVICE_MANIFEST, () => {
      checkVersion(version);
      return undefined;
    });
    const chain = new LogChain(files, contents);
    for (const log of logs) found.check(ADVICE_LOG, () => this.#verifyLog(chain, log));
    let done = 0;
    for (const [level, tables] of version.levels.entries()) {
      for (const table of tables) {
        found.checkTable(files, level, table);
        done += table.fileBytes;
        onProgress?.(done, version.totalBytes);
      }
    }
  }

  #verifyLog(chain: LogChain, fileNumber: number): VerifiedFile {
    const file = walPath(this.#directory, fileNumber);
    let entries = 0;
    const end = chain.read(fileNumber, (batch) => {
      entries += batch.count;
    });
    this.#leaveOut(tailOf(file, end));
    return { file, kind: 'log', bytes: end.validBytes, entries };
  }

  #leaveOut(tail: DiscardedTail | undefined): void {
    if (tail === undefined) return;
    this.#found.discarded.push(tail);
    if (this.#options.recovery === 'strict' && mayHoldData(tail))
      this.#found.note(refusedTail(tail), ADVICE_LOG);
  }

  /** Nobody knows which of them count: each is checked against what it says of itself. */
  #verifyTablesAlone(): void {
    const tables = findFiles(this.#fs, this.#directory).filter(({ kind }) => kind === 'table');
    const total = tables.reduce((sum, { bytes }) => sum + bytes, 0);
    let done = 0;
    for (const table of tables) {
      this.#found.check('restore a backup; or repair it', () => this.#verifyTableAlone(table));
      done += table.bytes;
      this.#options.onProgress?.(done, total);
    }
  }

  #verifyTableAlone({ path, bytes, identity }: FoundFile): VerifiedFile {
    if (identity === undefined) throw corruption(path, Math.max(0, bytes - 1), 'its footer is not whole');
    const file = this.#fs.openFile(path);
    try {
      const { entryCount } = new Table(file, identity, new BlockCache(0, 1)).verify();
      return { file: path, kind: 'table', bytes, entries: entryCount };
    } finally {
      file.close();
    }
  }
}

/** What opening removes: files of ours that the manifest does not name. */
function unnamed(names: readonly string[], { manifestNumber, logs, version }: ManifestContents): string[] {
  const named = new Set([
    manifestNumber,
    ...logs,
    ...version.levels.flat().map(({ fileNumber }) => fileNumber),
  ]);
  return names.filter((name) => {
    const file = parseFileName(name);
    if (file === undefined || file.kind === 'lock' || file.kind === 'current') return false;
    return !named.has(file.number);
  });
}
