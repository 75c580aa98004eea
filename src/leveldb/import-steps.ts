/**
 * The work of an import, in steps between which others get their turn. The tables are merged into one sorted
 * walk over the newest version of every key; then the logs, which are newer than any table, are applied to
 * the result write by write, as LevelDB itself does when it opens a database. So neither a table nor a log
 * nor the database is ever in memory as a whole: a data block of each table in the walk is, and a batch.
 */
import { ConcatenatingCursor } from '../cursor/concatenating-cursor.ts';
import type { Cursor } from '../cursor/cursor.ts';
import { MergingCursor } from '../cursor/merging-cursor.ts';
import { VisibleCursor } from '../cursor/visible-cursor.ts';
import type { MiniLsm } from '../db/mini-lsm.ts';
import { LsmError } from '../errors.ts';
import type { FileSystem } from '../fs/file-system.ts';
import { KIND_DELETE, MAX_KEY_BYTES, MAX_SEQUENCE, MAX_VALUE_BYTES } from '../keys/internal-key.ts';
import { FULL_RANGE } from '../keys/key-range.ts';
import { WriteBatch } from '../wal/write-batch.ts';
import { LevelDbBatchReader } from './batch-reader.ts';
import type { Damage } from './damage.ts';
import { LevelDbLogReader } from './log-reader.ts';
import type { LevelDbLogFile, SourceDirectory } from './source-directory.ts';
import { LevelDbTableCursor, type LevelDbTableFile } from './table-cursor.ts';
import { Tally } from './tally.ts';

/** A step ends with a write of about so many bytes, or after so many bytes were read without one. */
const STEP_BYTES: number = 2 ** 19;
const STEP_ENTRIES = 1000;

export class ImportSteps {
  readonly tally: Tally = new Tally();
  /** Entries in the target. */
  entries = 0;
  discardedBytes: number;
  readonly #fs: FileSystem;
  readonly #source: SourceDirectory;
  readonly #db: MiniLsm;
  readonly #damage: Damage;

  constructor(fs: FileSystem, source: SourceDirectory, db: MiniLsm, damage: Damage) {
    this.#fs = fs;
    this.#source = source;
    this.#db = db;
    this.#damage = damage;
    this.discardedBytes = source.manifest.discardedBytes;
  }

  /** Does everything; a caller may stop between two steps. */
  *run(): Generator<void> {
    yield* this.#importTables();
    // LevelDB makes a new log before it lets go of the others: dying then leaves an empty one behind a torn one.
    const last = this.#source.logs.findLast(({ bytes }) => bytes > 0);
    for (const log of this.#source.logs) yield* this.#importLog(log, log === last);
    this.#db.sync();
  }

  *#importTables(): Generator<void> {
    const [level0, ...levels] = this.#source.levels;
    const open = (table: LevelDbTableFile): Cursor =>
      new LevelDbTableCursor(this.#fs, table, this.#damage, this.tally);
    const runs = levels.map(
      (tables) => new ConcatenatingCursor(tables.map(partOf), ({ table }) => open(table)),
    );
    const merged = new MergingCursor([...level0.map(open), ...runs]);
    const visible = new VisibleCursor(merged, MAX_SEQUENCE, FULL_RANGE);
    const batch = new WriteBatch();
    let readThen = 0;
    try {
      for (visible.first(); visible.valid; visible.next()) {
        this.#put(batch, visible);
        const read = this.tally.bytesRead - readThen;
        if (batch.count < STEP_ENTRIES && batch.byteLength < STEP_BYTES && read < STEP_BYTES) continue;
        this.#write(batch);
        readThen = this.tally.bytesRead;
        yield;
      }
      this.#write(batch);
      yield;
    } finally {
      visible.close();
    }
  }

  #put(batch: WriteBatch, { key, keyStart, keyLength, value, valueStart, valueLength }: VisibleCursor): void {
    const tooLarge = excess(this.#source.directory, 0, keyLength, valueLength);
    if (tooLarge !== undefined) {
      this.#damage.met(tooLarge, this.#source.directory, 0, keyLength + valueLength);
      this.tally.versions -= 1;
      return;
    }
    batch.put(
      key.subarray(keyStart, keyStart + keyLength),
      value.subarray(valueStart, valueStart + valueLength),
    );
  }

  #write(batch: WriteBatch): void {
    this.#db.write(batch);
    this.entries += batch.count;
    batch.clear();
  }

  *#importLog(log: LevelDbLogFile, isLast: boolean): Generator<void> {
    let reader: LevelDbLogReader;
    try {
      reader = new LevelDbLogReader(this.#fs, log.path, this.#damage, { mayBeTorn: isLast });
    } catch (error) {
      this.#damage.met(error, log.path, 0, log.bytes);
      return;
    }
    this.tally.filesRead += 1;
    const before = this.tally.bytesRead;
    let readThen = 0;
    try {
      const batch = new LevelDbBatchReader();
      while (this.#nextBatch(reader, batch)) {
        while (batch.next()) this.#apply(batch, log.path, reader.recordOffset);
        const read = reader.recordOffset;
        this.tally.bytesRead = before + read;
        if (read - readThen < STEP_BYTES) continue;
        readThen = read;
        yield;
      }
      this.discardedBytes += reader.discardedBytes;
      this.tally.bytesRead = before + log.bytes;
      yield;
    } finally {
      reader.close();
    }
  }

  /** Moves to the next batch of the log that can be read. */
  #nextBatch(reader: LevelDbLogReader, batch: LevelDbBatchReader): boolean {
    const { path } = reader.file;
    while (this.#nextRecord(reader)) {
      const { payload, payloadStart, payloadLength, recordOffset } = reader;
      try {
        batch.reset(payload, payloadStart, payloadLength, path, recordOffset);
        return true;
      } catch (error) {
        this.#damage.met(error, path, recordOffset, payloadLength);
      }
    }
    return false;
  }

  /** Damage is the reader's to judge; that the file can't be read at all ends the log. */
  #nextRecord(reader: LevelDbLogReader): boolean {
    try {
      return reader.next();
    } catch (error) {
      const { path, size } = reader.file;
      this.#damage.met(error, path, reader.recordOffset, size - reader.recordOffset);
      return false;
    }
  }

  #apply(batch: LevelDbBatchReader, path: string, offset: number): void {
    const { bytes, kind, keyStart, keyLength, valueStart, valueLength } = batch;
    const tooLarge = excess(path, offset, keyLength, valueLength);
    if (tooLarge !== undefined && kind !== KIND_DELETE) {
      this.#damage.met(tooLarge, path, offset, keyLength + valueLength);
      return;
    }
    this.tally.versions += 1;
    if (kind === KIND_DELETE) this.tally.deletions += 1;
    // What cannot be stored need not be deleted.
    if (tooLarge !== undefined) return;
    const key = bytes.subarray(keyStart, keyStart + keyLength);
    const exists = this.#db.has(key);
    if (kind === KIND_DELETE) {
      if (exists) this.#db.delete(key);
    } else {
      this.#db.put(key, bytes.subarray(valueStart, valueStart + valueLength));
    }
    this.entries += (kind === KIND_DELETE ? 0 : 1) - (exists ? 1 : 0);
  }
}

interface Part {
  readonly smallest: Uint8Array;
  readonly largest: Uint8Array;
  readonly table: LevelDbTableFile;
}

function partOf(table: LevelDbTableFile): Part {
  return { smallest: table.smallest.userKey, largest: table.largest.userKey, table };
}

/** LevelDB has no limits of its own; undefined for an entry within ours. */
function excess(file: string, offset: number, keyLength: number, valueLength: number): LsmError | undefined {
  if (keyLength <= MAX_KEY_BYTES && valueLength <= MAX_VALUE_BYTES) return undefined;
  const message =
    `${file} holds an entry with a key of ${keyLength} bytes and a value of ${valueLength}; at most ` +
    `${MAX_KEY_BYTES} and ${MAX_VALUE_BYTES} can be stored: remove it there, or import with salvage to leave it out`;
  return new LsmError('LSM_TOO_LARGE', message, { file, offset });
}
