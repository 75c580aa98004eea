/**
 * The manifest: a log of version edits. It begins with a snapshot of the whole tree, and CURRENT names it.
 * An edit counts from the moment `append` returns: then it is on the disk.
 *
 *     manifest = log header | snapshot edit+ | (edit | seal)* | end record?    seal = a record without a payload
 *
 * A log takes a broken last record for one that was being written when the power failed. For an edit that
 * counts this would be wrong, so each is followed by a seal, written after the edit was synced: a broken edit
 * before a seal is damage, and a broken seal costs nothing. Seals are not synced.
 *
 * The end record is written when the database is closed, after the trailer of the last log: a log without its
 * trailer is then damaged, where it is else taken for that of a process that died.
 *
 * A manifest is never continued after it was closed: every opening of a database writes a new one, as does
 * a manifest that has grown (see `size`). Only one Manifest of a directory is written at a time.
 */
import { ByteWriter } from '../bytes/byte-writer.ts';
import { corruption } from '../errors.ts';
import type { FileSystem } from '../fs/file-system.ts';
import { RECORD_HEADER_BYTES } from '../log/log-format.ts';
import { LogReader } from '../log/log-reader.ts';
import { LogWriter } from '../log/log-writer.ts';
import type { TornReason } from '../log/torn-tail.ts';
import { readCurrent, writeCurrent } from './current-file.ts';
import { manifestPath } from './file-names.ts';
import { ManifestState } from './manifest-state.ts';
import type { Version } from './version.ts';
import { type AddedTable, decodeEdit, encodeEdit, type VersionEdit } from './version-edit.ts';

/** The longest edit that is read, bytes: a task over thousands of tables with the longest keys fits. */
export const MAX_EDIT_BYTES: number = 2 ** 30;

/** A snapshot is written in edits of about this many bytes, so that a large tree needs no large buffer. */
const SNAPSHOT_EDIT_BYTES: number = 2 ** 20;

/** What a manifest says about a database. */
export interface ManifestContents {
  /** 16 bytes. */
  readonly databaseId: Uint8Array;
  readonly manifestNumber: number;
  readonly version: Version;
  /** Write-ahead logs with a smaller number are obsolete. */
  readonly logNumber: number;
  /** The write-ahead logs that count, ascending: all must exist, and no other log in the directory counts. */
  readonly logs: readonly number[];
  /** Above every number that the manifest names, its own included; files that it does not name may be higher. */
  readonly nextFileNumber: number;
  readonly lastSequence: number;
  readonly nextEpoch: number;
  /** Options as the database recorded them. */
  readonly options: ReadonlyMap<string, string>;
  /** How many edits were read. */
  readonly editCount: number;
  /** Bytes of a torn last edit that were left out: its `append` never returned. */
  readonly discardedBytes: number;
  /** Bytes before those. */
  readonly validBytes: number;
  /** What stands there instead of a whole edit; undefined if nothing does. */
  readonly tornReason: TornReason | undefined;
  /** Whether the manifest ends with its trailer: then every log that it names does. */
  readonly finished: boolean;
}

export class Manifest {
  readonly fileNumber: number;
  readonly #databaseId: Uint8Array;
  readonly #log: LogWriter;
  readonly #bytes = new ByteWriter(4096);

  private constructor(fileNumber: number, databaseId: Uint8Array, log: LogWriter) {
    this.fileNumber = fileNumber;
    this.#databaseId = databaseId;
    this.#log = log;
  }

  /**
   * Writes a new manifest that begins with `snapshot` and makes CURRENT name it. What the snapshot names is on the
   * disk; the directory is synced here before anything is written that names it. When this returns, all of it is on the
   * disk. When it throws, either manifest may be the live one: write to neither, remove neither,
   * and reopen the database.
   */
  static create(
    fs: FileSystem,
    directory: string,
    databaseId: Uint8Array,
    fileNumber: number,
    snapshot: VersionEdit,
  ): Manifest {
    const manifest = Manifest.begin(fs, directory, databaseId, fileNumber);
    try {
      fs.syncDirectory(directory);
      manifest.install(fs, directory, snapshot);
    } catch (error) {
      manifest.close();
      throw error;
    }
    return manifest;
  }

  /**
   * A manifest that nothing names. The caller makes what the snapshot will name, brings that to the disk, and syncs the
   * directory: the name of the manifest is then durable with the others, for {@link install}.
   */
  static begin(fs: FileSystem, directory: string, databaseId: Uint8Array, fileNumber: number): Manifest {
    const identity = { kind: 'manifest', databaseId, fileNumber } as const;
    const log = LogWriter.begin(fs, manifestPath(directory, fileNumber), identity);
    return new Manifest(fileNumber, databaseId, log);
  }

  /** Writes the snapshot that a manifest begins with, and makes CURRENT name it; see {@link create}. */
  install(fs: FileSystem, directory: string, snapshot: VersionEdit): void {
    const log = this.#log;
    for (const edit of snapshotEdits(snapshot)) this.#write(edit);
    log.sync();
    const manifestNumber = this.fileNumber;
    writeCurrent(fs, directory, { databaseId: this.#databaseId, manifestNumber, manifestBytes: log.size });
  }

  /**
   * Reads CURRENT and the manifest that it names. The version has `levelCount` levels, or more if deeper ones
   * hold tables.
   * @throws LsmError `LSM_NOT_FOUND` if there is no database; `LSM_CORRUPTION`, with file and offset;
   * `LSM_UNSUPPORTED_FORMAT`.
   */
  static recover(fs: FileSystem, directory: string, levelCount = 7): ManifestContents {
    const { databaseId, manifestNumber, manifestBytes } = readCurrent(fs, directory);
    const path = manifestPath(directory, manifestNumber);
    if (fs.status(path) === undefined) throw corruption(path, 0, 'CURRENT names it, and it is missing');
    const identity = { kind: 'manifest', databaseId, fileNumber: manifestNumber } as const;
    const reader = LogReader.open(fs, path, identity, { maxRecordBytes: MAX_EDIT_BYTES });
    try {
      const state = new ManifestState();
      let editCount = 0;
      while (reader.next()) {
        const { payload, payloadStart, payloadLength, recordOffset } = reader;
        if (payloadLength === 0) continue; // a seal
        const offset = recordOffset + RECORD_HEADER_BYTES;
        const edit = decodeEdit(payload, payloadStart, payloadLength, path, offset);
        const fault = state.apply(edit);
        if (fault !== undefined) throw corruption(path, recordOffset, `a version edit ${fault}`);
        editCount++;
      }
      const { state: ending, validBytes, discardedBytes } = reader.end;
      if (validBytes < manifestBytes) {
        throw corruption(path, validBytes, `it was synced up to ${manifestBytes} when CURRENT was written`);
      }
      return {
        databaseId,
        manifestNumber,
        version: state.version(levelCount),
        logNumber: state.logNumber,
        logs: state.logs,
        nextFileNumber: Math.max(state.nextFileNumber, manifestNumber + 1),
        lastSequence: state.lastSequence,
        nextEpoch: state.nextEpoch,
        options: state.options,
        editCount,
        discardedBytes,
        validBytes,
        tornReason: reader.tornReason,
        finished: ending === 'finished',
      };
    } finally {
      reader.close();
    }
  }

  /** Bytes written so far. */
  get size(): number {
    return this.#log.size;
  }

  /**
   * Appends an edit and brings it to the disk. After an error its outcome is unknown until the database is
   * reopened, and this and every later call throws that error.
   */
  append(edit: VersionEdit): void {
    this.#write(edit);
    this.#log.sync();
    this.#log.seal();
  }

  /**
   * Ends the manifest with the trailer of its log, on the disk, and closes it: the database was closed, and
   * every log that this manifest names is complete.
   */
  finish(): void {
    this.#log.finish();
  }

  /** Idempotent. */
  close(): void {
    this.#log.close();
  }

  #write(edit: VersionEdit): void {
    const bytes = this.#bytes;
    bytes.clear();
    // The log writes its record header into these bytes.
    bytes.length = bytes.reserve(RECORD_HEADER_BYTES) + RECORD_HEADER_BYTES;
    encodeEdit(edit, bytes);
    this.#log.append(bytes.bytes, RECORD_HEADER_BYTES, bytes.length - RECORD_HEADER_BYTES);
  }
}

/** The snapshot in edits of bounded size; the first carries everything but the tables. */
function* snapshotEdits(snapshot: VersionEdit): Generator<VersionEdit> {
  yield { ...snapshot, added: [], deleted: [] };
  let added: AddedTable[] = [];
  let bytes = 0;
  for (const entry of snapshot.added) {
    added.push(entry);
    bytes += 100 + entry.table.smallest.length + entry.table.largest.length;
    if (bytes < SNAPSHOT_EDIT_BYTES) continue;
    yield { added, deleted: [] };
    added = [];
    bytes = 0;
  }
  if (added.length > 0) yield { added, deleted: [] };
}

/** The edit that builds a Version from nothing, for {@link Manifest.create}. */
export function snapshotOf(version: Version, rest: Omit<VersionEdit, 'added' | 'deleted'>): VersionEdit {
  const added = version.levels.flatMap((tables, level) => tables.map((table) => ({ level, table })));
  return { ...rest, added, deleted: [] };
}
