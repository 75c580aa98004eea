/**
 * Reads everything that an open database consists of and checks it: CURRENT, the manifest and that it says what
 * is in memory, every live write-ahead log, every block of every table with its checksum, order, ranges and
 * counts, and the shape of the levels.
 */
import { corruption } from '../errors.ts';
import { fileBytes } from '../fs/file-system.ts';
import { checkVersion } from '../version/check-version.ts';
import { manifestPath, walPath } from '../version/file-names.ts';
import { Manifest } from '../version/manifest.ts';
import type { Version } from '../version/version.ts';
import { replayWal } from '../wal/replay.ts';
import type { Core } from './core.ts';
import type { ReadView } from './read-view.ts';
import { sameTables } from './stored-files.ts';
import { ADVICE_LOG, ADVICE_MANIFEST, Verification } from './verification.ts';
import type { VerifiedFile, VerifyOptions, VerifyReport } from './verify-report.ts';

/** Yields after every table. The caller holds the view until it is done. */
export function* verify(
  core: Core,
  view: ReadView,
  manifestNumber: number,
  { onProgress, keys = false }: VerifyOptions,
): Generator<void, VerifyReport, void> {
  const { version } = view;
  const found = new Verification(keys);
  found.check(ADVICE_MANIFEST, () => {
    checkVersion(version);
    return undefined;
  });
  found.check(ADVICE_MANIFEST, () => verifyManifest(core, manifestNumber, version));
  view.memtables.forEach(({ log }, age) => {
    found.check(ADVICE_LOG, () => verifyLog(core, log, age > 0));
  });
  let done = 0;
  for (const [level, tables] of version.levels.entries()) {
    for (const table of tables) {
      found.checkTable(core, level, table);
      done += table.fileBytes;
      onProgress?.(done, version.totalBytes);
      yield;
    }
  }
  return found.report;
}

function verifyManifest(core: Core, number: number, version: Version): VerifiedFile {
  const { fs, directory } = core;
  const file = manifestPath(directory, number);
  const contents = Manifest.recover(fs, directory, core.options.levelCount);
  if (contents.manifestNumber !== number) {
    throw corruption(file, 0, `CURRENT names manifest ${contents.manifestNumber} instead`);
  }
  if (contents.tornReason !== undefined) {
    throw corruption(file, contents.validBytes, 'bytes that are no edit stand at its end');
  }
  if (!sameTables(contents.version, version)) {
    throw corruption(file, 0, 'it names other tables than the open database has');
  }
  return { file, kind: 'manifest', bytes: fileBytes(fs, file), entries: contents.editCount };
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
