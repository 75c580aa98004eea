/**
 * Opens a directory: from whatever point a process died at, to a database that serves.
 *
 * CURRENT names the manifest, the manifest names the tables and the write-ahead logs that count. The logs
 * are replayed in order and what they hold becomes tables, since bytes read from a log may not be on the
 * disk yet. Then one step makes the result the new state: a fresh manifest, and CURRENT naming it. Until that
 * step the directory holds the old state untouched, so that dying here costs nothing; after it, what it made
 * superfluous is removed.
 */
import { randomBytes } from '#platform';
import { DATABASE_ID_BYTES } from '../bytes/checksum.ts';
import type { JobEnvironment } from '../compaction/job.ts';
import { corruption } from '../errors.ts';
import { type FileSystem, fileBytes, joinPath } from '../fs/file-system.ts';
import { removeQuietly } from '../fs/remove-file.ts';
import { LOG_HEADER_BYTES } from '../log/log-format.ts';
import type { ResolvedOptions } from '../options.ts';
import { checkVersion } from '../version/check-version.ts';
import { CURRENT_FILE_NAME, manifestPath, parseFileName, tablePath, walPath } from '../version/file-names.ts';
import type { ManifestContents } from '../version/manifest.ts';
import { withEpoch } from '../version/table-meta.ts';
import { Version } from '../version/version.ts';
import { forgottenLogs } from './forgotten-logs.ts';
import { LogChain } from './log-chain.ts';
import {
  type DiscardedTail,
  mayHoldData,
  type RecoveryReport,
  type ReplayedLog,
  refusedTail,
  tailOf,
} from './recovery-report.ts';
import { ReplayedTables } from './replayed-tables.ts';

/** The state that recovery found, before it is made durable. */
export interface Recovered {
  readonly databaseId: Uint8Array;
  readonly version: Version;
  readonly lastSequence: number;
  readonly nextEpoch: number;
  /** File numbers of the manifest and the logs that this state takes the place of. */
  readonly superseded: readonly number[];
  /** File numbers of the tables that recovery wrote. */
  readonly flushed: readonly number[];
  readonly report: Omit<RecoveryReport, 'orphansRemoved' | 'orphans'>;
}

/** A new database: nothing in it, an id of its own. */
export function newDatabase(levelCount: number): Recovered {
  return {
    databaseId: randomBytes(DATABASE_ID_BYTES),
    version: Version.empty(levelCount),
    lastSequence: 0,
    nextEpoch: 1,
    superseded: [],
    flushed: [],
    report: {
      created: true,
      logs: [],
      batchesReplayed: 0,
      entriesReplayed: 0,
      bytesDiscarded: 0,
      discarded: [],
    },
  };
}

/** The highest number of any file in a directory, orphans included; 0 if there is none. */
export function highestFileNumber(fs: FileSystem, directory: string): number {
  let highest = 0;
  for (const name of fs.list(directory)) highest = Math.max(highest, parseFileName(name)?.number ?? 0);
  return highest;
}

/** Whether a directory holds a database, by its CURRENT. */
export function holdsDatabase(fs: FileSystem, directory: string): boolean {
  return fs.status(joinPath(directory, CURRENT_FILE_NAME)) !== undefined;
}

/**
 * A directory without CURRENT is new, or its first open died before it was done: then no table is there and
 * no log holds a batch, and what is there is removed. Anything else means that CURRENT was lost, and starting
 * afresh would throw data away.
 */
export function removeUnfinished(fs: FileSystem, directory: string): void {
  const ours = fs.list(directory).filter((name) => {
    const kind = parseFileName(name)?.kind;
    return kind !== undefined && kind !== 'lock';
  });
  for (const name of ours) {
    const kind = parseFileName(name)?.kind;
    const bytes = fileBytes(fs, joinPath(directory, name));
    if (kind === 'table' || (kind === 'wal' && bytes > LOG_HEADER_BYTES)) {
      const current = joinPath(directory, CURRENT_FILE_NAME);
      throw corruption(
        current,
        0,
        `it is missing although ${name} holds data; restore it from a backup, or destroy what is left`,
      );
    }
  }
  for (const name of ours) fs.remove(joinPath(directory, name));
}

/**
 * Checks that every file that the manifest names is there, and replays the logs. With `strict`, nothing may have
 * to be left out.
 */
export function recover(
  environment: JobEnvironment,
  contents: ManifestContents,
  options: Pick<ResolvedOptions, 'memtableBytes' | 'maxFrozenMemtables' | 'recovery'>,
): Recovered {
  const { fs, directory } = environment;
  checkVersion(contents.version, { fs, directory });
  const [unnamed] = forgottenLogs(fs, directory, contents);
  if (unnamed !== undefined) throw unnamed.damage;
  const replay = new Replay(environment, contents, options);
  try {
    return replay.run();
  } catch (error) {
    removeTables(fs, directory, replay.flushed);
    throw error;
  }
}

/** Removes tables that nothing names yet, so that an open which fails again and again fills no disk. */
export function removeTables(fs: FileSystem, directory: string, fileNumbers: readonly number[]): void {
  removeFiles(
    fs,
    fileNumbers.map((fileNumber) => tablePath(directory, fileNumber)),
  );
}

/** Removes what is there of files that nothing names yet. */
export function removeFiles(fs: FileSystem, paths: readonly string[]): void {
  for (const path of paths) removeQuietly(fs, path);
}

/**
 * Removes files of ours that the new manifest does not name; files of others are left alone. Returns the names
 * of those that nobody expected: they are left behind by a process that died.
 */
export function removeOrphans(
  fs: FileSystem,
  directory: string,
  recovered: Recovered,
  logNumber: number,
  manifestNumber: number,
): string[] {
  const live = new Set([logNumber, manifestNumber]);
  for (const level of recovered.version.levels) for (const { fileNumber } of level) live.add(fileNumber);
  const superseded = new Set(recovered.superseded);
  const orphans: string[] = [];
  for (const name of fs.list(directory)) {
    const file = parseFileName(name);
    if (file === undefined || file.kind === 'lock' || file.kind === 'current' || live.has(file.number))
      continue;
    try {
      fs.remove(joinPath(directory, name));
    } catch {
      continue; // it harms nobody, and the next open tries again
    }
    if (!superseded.has(file.number)) orphans.push(name);
  }
  return orphans;
}

class Replay {
  readonly #environment: JobEnvironment;
  readonly #contents: ManifestContents;
  readonly #chain: LogChain;
  readonly #replayed: ReplayedTables;
  readonly #strict: boolean;
  readonly #logs: ReplayedLog[] = [];
  readonly #discarded: DiscardedTail[] = [];

  constructor(
    environment: JobEnvironment,
    contents: ManifestContents,
    options: Parameters<typeof recover>[2],
  ) {
    this.#environment = environment;
    this.#contents = contents;
    this.#strict = options.recovery === 'strict';
    this.#replayed = new ReplayedTables(environment, options);
    this.#chain = new LogChain(environment, contents);
  }

  /** File numbers of the tables written so far. */
  get flushed(): number[] {
    return this.#replayed.tables.map(({ fileNumber }) => fileNumber);
  }

  run(): Recovered {
    const { databaseId, logs, manifestNumber, version } = this.#contents;
    const { directory } = this.#environment;
    for (const log of logs) this.#chain.checkPresence(log);
    this.#leaveOut(tailOf(manifestPath(directory, manifestNumber), this.#contents));
    for (const log of logs) this.#replayLog(log);
    const replayed = this.#replayed;
    replayed.finish();
    let epoch = this.#contents.nextEpoch;
    const added = replayed.tables.map((table) => ({ level: 0, table: withEpoch(table, epoch++) }));
    return {
      databaseId,
      version: version.apply({ added, deleted: [] }),
      lastSequence: this.#chain.lastSequence,
      nextEpoch: epoch,
      superseded: [manifestNumber, ...logs],
      flushed: this.flushed,
      report: {
        created: false,
        logs: this.#logs,
        batchesReplayed: replayed.batches,
        entriesReplayed: replayed.entries,
        bytesDiscarded: this.#discarded.reduce((sum, { bytes }) => sum + bytes, 0),
        discarded: this.#discarded,
      },
    };
  }

  #replayLog(fileNumber: number): void {
    const file = walPath(this.#environment.directory, fileNumber);
    const replayed = this.#replayed;
    const { batches, entries } = replayed;
    const end = this.#chain.read(fileNumber, (batch) => replayed.add(batch));
    this.#logs.push({
      file,
      bytes: end.validBytes,
      batches: replayed.batches - batches,
      entries: replayed.entries - entries,
    });
    this.#leaveOut(tailOf(file, end));
  }

  /** Notes what stands behind the whole part of a log. @throws LsmError if nothing may. */
  #leaveOut(tail: DiscardedTail | undefined): void {
    if (tail === undefined) return;
    if (this.#strict && mayHoldData(tail)) throw refusedTail(tail);
    this.#discarded.push(tail);
  }
}
