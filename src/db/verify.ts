/**
 * Reads everything that a database consists of and checks it: CURRENT, the manifest and that it says what is
 * in memory, every live write-ahead log, every block of every table with its checksum, order, ranges and
 * counts, and the shape of the levels. Damage in one file does not hide that in another: all is collected.
 */
import { corruption, LsmError, type LsmErrorCode } from '../errors.ts';
import { checkVersion } from '../version/check-version.ts';
import { manifestPath, tablePath, walPath } from '../version/file-names.ts';
import { Manifest } from '../version/manifest.ts';
import type { TableMeta } from '../version/table-meta.ts';
import type { Version } from '../version/version.ts';
import { replayWal } from '../wal/replay.ts';
import type { Core } from './core.ts';
import type { ReadView } from './read-view.ts';
import { checkTable, sameTables } from './stored-files.ts';

/** A file that was read to its end and found whole. */
export interface VerifiedFile {
  readonly file: string;
  readonly kind: 'table' | 'log' | 'manifest';
  readonly bytes: number;
  /** Entries of a table or log; edits of a manifest. */
  readonly entries: number;
}

/** Something that is not as it should be. */
export interface Problem {
  readonly code: LsmErrorCode;
  readonly message: string;
  readonly file: string | undefined;
  readonly offset: number | undefined;
}

export interface VerifyReport {
  readonly ok: boolean;
  readonly files: readonly VerifiedFile[];
  readonly problems: readonly Problem[];
  readonly entries: number;
  readonly bytes: number;
}

export interface VerifyOptions {
  /**
   * Told after every table how many of how many bytes of tables are read. What it throws ends the work and
   * comes out of `verify`.
   */
  readonly onProgress?: ((bytesDone: number, bytesTotal: number) => void) | undefined;
}

/** Yields after every table. The caller holds the view until it is done. */
export function* verify(
  core: Core,
  view: ReadView,
  manifestNumber: number,
  onProgress: VerifyOptions['onProgress'],
): Generator<void, VerifyReport, void> {
  const { version } = view;
  const files: VerifiedFile[] = [];
  const problems: Problem[] = [];
  const total = version.totalBytes;
  let done = 0;
  const check = (step: () => VerifiedFile | undefined): void => {
    try {
      const file = step();
      if (file !== undefined) files.push(file);
    } catch (error) {
      problems.push(asProblem(error));
    }
  };

  check(() => {
    checkVersion(version, { fs: core.fs, directory: core.directory });
    return undefined;
  });
  check(() => verifyManifest(core, manifestNumber, version));
  view.memtables.forEach(({ log }, age) => {
    check(() => verifyLog(core, log, age > 0));
  });
  for (const table of version.levels.flat()) {
    check(() => verifyTable(core, table));
    done += table.fileBytes;
    onProgress?.(done, total);
    yield;
  }
  return {
    ok: problems.length === 0,
    files,
    problems,
    entries: sum(files.filter(({ kind }) => kind === 'table').map(({ entries }) => entries)),
    bytes: sum(files.map(({ bytes }) => bytes)),
  };
}

function verifyManifest(core: Core, number: number, version: Version): VerifiedFile {
  const { fs, directory } = core;
  const file = manifestPath(directory, number);
  const contents = Manifest.recover(fs, directory, core.options.levelCount);
  if (contents.manifestNumber !== number) {
    throw corruption(file, 0, `CURRENT names manifest ${contents.manifestNumber} instead`);
  }
  if (!sameTables(contents.version, version)) {
    throw corruption(file, 0, 'it names other tables than the open database has');
  }
  return { file, kind: 'manifest', bytes: fs.status(file)?.bytes ?? 0, entries: contents.editCount };
}

function verifyLog(core: Core, fileNumber: number, frozen: boolean): VerifiedFile {
  const { fs, directory, databaseId } = core;
  const file = walPath(directory, fileNumber);
  let entries = 0;
  const end = replayWal(fs, file, { kind: 'wal', databaseId, fileNumber }, (batch) => {
    entries += batch.count;
  });
  const expected = frozen ? 'finished' : 'open';
  if (end.state !== expected)
    throw corruption(file, end.validBytes, `the log is ${end.state}, not ${expected}`);
  return { file, kind: 'log', bytes: end.validBytes, entries };
}

function verifyTable(core: Core, meta: TableMeta): VerifiedFile {
  checkTable(core, meta);
  const file = tablePath(core.directory, meta.fileNumber);
  return { file, kind: 'table', bytes: meta.fileBytes, entries: meta.entryCount };
}

function asProblem(error: unknown): Problem {
  if (!(error instanceof LsmError)) throw error;
  return { code: error.code, message: error.message, file: error.file, offset: error.offset };
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
