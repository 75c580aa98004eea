/**
 * The database. This file is the public face: it checks what callers pass and hands it on; writing is in
 * write-path.ts, reading in read-path.ts, opening in open-database.ts and recovery.ts, flushes and
 * compactions in maintenance.ts.
 *
 * All methods are synchronous and must be called from the thread that opened the database.
 */
import { OwnedBytes } from '../bytes/owned-bytes.ts';
import { writeUtf8 } from '../bytes/utf8.ts';
import { LookupResult } from '../cursor/cursor.ts';
import { LsmError } from '../errors.ts';
import type { DirectoryLock } from '../fs/file-system.ts';
import { KIND_PUT, MAX_KEY_BYTES } from '../keys/internal-key.ts';
import { FULL_RANGE } from '../keys/key-range.ts';
import {
  fileSystemOption,
  flagOption,
  OPTION_NAMES,
  type Options,
  optionsObject,
  recoveryOption,
  resolveOptions,
} from '../options.ts';
import { WriteBatch } from '../wal/write-batch.ts';
import {
  type Bytes,
  CURSOR_NAMES,
  type CursorOptions,
  checkedPath,
  checkNotAborted,
  keyBytes,
  keyRange,
  keyTooLong,
  progressOption,
  RANGE_NAMES,
  type RangeOptions,
  type ReadOptions,
  SCAN_NAMES,
  type ScanOptions,
  scanLimit,
  signalOption,
  syncOption,
  type WriteOptions,
} from './arguments.ts';
import {
  BACKUP_NAMES,
  type BackupOptions,
  backupOpen,
  finish,
  type RestoreOptions,
  restoreDatabase,
} from './backup.ts';
import { type CheckpointOptions, type CheckpointReport, checkpoint, checkpointTarget } from './checkpoint.ts';
import type { BackupReport } from './copied-tree.ts';
import type { Core } from './core.ts';
import { DbCursor } from './db-cursor.ts';
import { destroyDatabase } from './destroy.ts';
import { EntryCopies } from './entry-copies.ts';
import { LiveCursors } from './live-cursors.ts';
import type { Maintenance } from './maintenance.ts';
import type { ManifestKeeper } from './manifest-keeper.ts';
import { fileSystemFor, type OpenDatabase, openDatabase } from './open-database.ts';
import { lookup } from './read-path.ts';
import type { RecoveryReport } from './recovery-report.ts';
import { repairDatabase } from './repair/repair.ts';
import type { RepairOptions, RepairReport } from './repair/report.ts';
import { Scan, ScanIterator } from './scan.ts';
import type { Snapshot } from './snapshots.ts';
import { collectStats, type Stats } from './stats.ts';
import { tryAll } from './try-all.ts';
import { verify } from './verify.ts';
import { verifyDirectory } from './verify-directory.ts';
import type { VerifyDirectoryOptions, VerifyOptions, VerifyReport } from './verify-report.ts';
import type { WritePath } from './write-path.ts';

const VERIFY_NAMES: readonly string[] = ['onProgress', 'keys'];

/** What an open database consists of, for other faces of it and for tests; not exported from index.ts. */
export interface Internals {
  readonly core: Core;
  readonly cursors: LiveCursors;
  readonly maintenance: Maintenance;
  readonly manifest: ManifestKeeper;
  readonly writePath: WritePath;
  /** Finds the value of a key as of a sequence number; what it gives is good until the next read. */
  find(key: Bytes, sequence: number): LookupResult | undefined;
}

/** Looks inside a database. Its static block sets this: nothing else can see the private fields. */
export let internals: (db: MiniLsm) => Internals;

/**
 * An embedded, ordered, durable key-value store in a directory of its own.
 *
 * @example
 * const db = MiniLsm.open('./data');
 * db.put('k', 'v');
 * db.get('k'); // Uint8Array
 * for (const [key, value] of db.scan({ gte: 'a', lt: 'b' })) console.log(key, value);
 * db.close();
 */
export class MiniLsm {
  /** What opening found and did. */
  readonly recovery: RecoveryReport;
  readonly #core: Core;
  readonly #writePath: WritePath;
  readonly #maintenance: Maintenance;
  readonly #manifest: ManifestKeeper;
  readonly #lock: DirectoryLock;
  readonly #cursors: LiveCursors;
  readonly #result = new LookupResult();
  readonly #copies = new OwnedBytes();
  readonly #entries = new EntryCopies(this.#copies);
  /** The one batch that put and delete use. */
  readonly #single = new WriteBatch();
  /** Where text keys are encoded for point reads. */
  #keyScratch: Uint8Array = new Uint8Array(256);
  #closed = false;

  static {
    internals = (db) => ({
      core: db.#core,
      cursors: db.#cursors,
      maintenance: db.#maintenance,
      manifest: db.#manifest,
      writePath: db.#writePath,
      find: (key, sequence) => (db.#find(key, sequence) ? db.#result : undefined),
    });
  }

  private constructor(parts: OpenDatabase) {
    this.recovery = parts.core.recovery;
    this.#core = parts.core;
    this.#writePath = parts.writePath;
    this.#maintenance = parts.maintenance;
    this.#manifest = parts.manifest;
    this.#lock = parts.lock;
    this.#cursors = new LiveCursors(parts.core);
  }

  /**
   * Opens the database in a directory, which belongs to it alone, and recovers it if its last process died.
   * Blocks until the write-ahead logs are replayed.
   *
   * @throws LsmError `LSM_LOCKED` if somebody has it open; `LSM_NOT_FOUND` if there is none and
   * `createIfMissing` is false; `LSM_EXISTS` if there is one and `errorIfExists` is true; `LSM_CORRUPTION`
   * with the file and the offset; `LSM_UNSUPPORTED_FORMAT` for files of a newer version or of LevelDB;
   * `LSM_INVALID_ARGUMENT`; `LSM_IO`.
   */
  static open(path: string, options?: Options): MiniLsm {
    return new MiniLsm(openDatabase(checkedPath(path), resolveOptions(options)));
  }

  /**
   * Removes a database: the files that it consists of, and the directory if nothing else is in it. Nothing
   * happens if the directory does not exist.
   * @throws LsmError `LSM_LOCKED` if somebody has it open; `LSM_UNSUPPORTED_FORMAT` for a database of LevelDB.
   */
  static destroy(path: string, options: Pick<Options, 'fileSystem'> = {}): void {
    destroyDatabase(fileSystemFor(resolveOptions(options)), checkedPath(path));
  }

  /**
   * Makes a database that cannot be opened one that can, with everything in it that passes its checksums. A
   * table with damaged blocks gives those that are whole; what is in write-ahead logs becomes tables. A database
   * that is whole loses nothing and changes in nothing that a reader sees.
   *
   * What could not be used, whole or in part, is never deleted: it is put into the directory `lost/` in that of
   * the database, and the report names it. Without its manifest nobody knows which tables a compaction had
   * replaced already; then keys that were deleted can come back. And where the newest version of a key is lost,
   * an older one can come to light. So keep a copy of what you cannot do without, and look at the report.
   *
   * Needs room for a second copy of what has to be rewritten: the damaged tables, or without a manifest most
   * of the database. It can be interrupted and run again.
   *
   * @example
   * const { problems, setAside } = MiniLsm.repair('./data');
   * for (const { message } of problems) console.error(message);
   *
   * @throws LsmError `LSM_NOT_FOUND` if there is no such directory, or nothing of a database in it;
   * `LSM_LOCKED` if somebody has it open; `LSM_CORRUPTION` if no file in it can be recognised;
   * `LSM_UNSUPPORTED_FORMAT` for files of a newer version, or of LevelDB; `LSM_NO_SPACE`, `LSM_IO`. The
   * database is then as it was.
   */
  static repair(path: string, options: RepairOptions = {}): RepairReport {
    const given = checkedPath(path);
    const { onProgress, ...rest } = optionsObject(options, 'the repair options', [
      ...OPTION_NAMES,
      'onProgress',
    ]);
    const report = progressOption({ onProgress });
    return repairDatabase(given, resolveOptions(rest), report ?? (() => {}));
  }

  /**
   * Reads every byte of a database that nobody has open, or of a backup, and checks it, without opening it:
   * nothing is changed. All damage is reported, not thrown, with what depends on it and what can be done.
   *
   * @example
   * const { ok, problems } = MiniLsm.verify('./data');
   * for (const { message, advice } of problems) console.error(message, advice);
   *
   * @throws LsmError `LSM_NOT_FOUND` if there is no database; `LSM_LOCKED` if somebody has it open;
   * `LSM_UNSUPPORTED_FORMAT` for a database of LevelDB; `LSM_INVALID_ARGUMENT`; `LSM_IO`.
   */
  static verify(path: string, options: VerifyDirectoryOptions = {}): VerifyReport {
    const directory = checkedPath(path);
    const given = optionsObject(options, 'the verify options', ['fileSystem', 'recovery', ...VERIFY_NAMES]);
    return verifyDirectory(fileSystemFor({ fileSystem: fileSystemOption(given) }), directory, {
      onProgress: progressOption(given),
      keys: flagOption(given, 'keys', false),
      recovery: recoveryOption(given),
    });
  }

  /**
   * Puts a backup in place as a database: copies its tables to a directory that does not exist, or is empty, and
   * checks every copy. The database gets its name when all of it is whole and on the disk; whatever ends the work
   * before that leaves nothing there. The backup is only read.
   *
   * A backup is what {@link backup} made, or {@link checkpoint}, as long as nobody opened it: its files must be
   * exactly those that its manifest names. Of names, nothing is taken from the files but numbers, and no
   * symbolic link is followed.
   *
   * @example
   * MiniLsm.restore('/mnt/backups/monday', './data');
   *
   * @throws LsmError `LSM_NOT_FOUND` if there is no backup; `LSM_CORRUPTION` naming the file of the backup that is
   * damaged, missing or too many; `LSM_EXISTS` if the target holds anything; `LSM_INVALID_ARGUMENT` for a
   * database that was opened, and for a target in the backup; `LSM_UNSUPPORTED_FORMAT`; `LSM_LOCKED`; `LSM_ABORTED`;
   * `LSM_NO_SPACE`; `LSM_IO`.
   */
  static restore(backup: string, path: string, options: RestoreOptions = {}): BackupReport {
    const source = checkedPath(backup);
    const target = checkedPath(path);
    const given = optionsObject(options, 'the restore options', ['fileSystem', ...BACKUP_NAMES]);
    const onProgress = progressOption(given);
    const signal = signalOption(given);
    checkNotAborted(signal);
    const fs = fileSystemFor({ fileSystem: fileSystemOption(given) });
    return finish(restoreDatabase(fs, source, target), ({ done, total }) => {
      onProgress?.(done, total);
      checkNotAborted(signal);
    });
  }

  /** The directory, by its absolute path, whatever way it was given to {@link open}. */
  get path(): string {
    return this.#core.directory;
  }

  get closed(): boolean {
    return this.#closed;
  }

  /**
   * Stores a value under a key, in place of any other. Keys have at most 65,535 bytes, values at most 1 GiB;
   * both may be empty; strings are stored as UTF-8.
   * @throws LsmError `LSM_TOO_LARGE`, `LSM_INVALID_ARGUMENT`, `LSM_READ_ONLY`, `LSM_NO_SPACE`, `LSM_IO`,
   * `LSM_CLOSED`; the write is then not visible.
   */
  put(key: Bytes, value: Bytes, options?: WriteOptions): void {
    this.#checkOpen();
    const sync = options === undefined ? false : syncOption(options);
    const batch = this.#single;
    batch.clear();
    batch.put(key, value);
    this.#writePath.commit(batch, sync);
  }

  /** Removes a key, if it is there. @throws LsmError as {@link put}. */
  delete(key: Bytes, options?: WriteOptions): void {
    this.#checkOpen();
    const sync = options === undefined ? false : syncOption(options);
    const batch = this.#single;
    batch.clear();
    batch.delete(key);
    this.#writePath.commit(batch, sync);
  }

  /** Commits all of a batch or nothing of it. @throws LsmError as {@link put}. */
  write(batch: WriteBatch, options?: WriteOptions): void {
    this.#checkOpen();
    if (!(batch instanceof WriteBatch)) {
      throw new LsmError('LSM_INVALID_ARGUMENT', 'write() takes a WriteBatch');
    }
    const sync = syncOption(options);
    if (batch.count > 0) this.#writePath.commit(batch, sync);
    else if (sync) this.#writePath.sync();
  }

  /** The value of a key, as a copy that the caller owns; undefined if there is none. */
  get(key: Bytes, options?: ReadOptions): Uint8Array | undefined {
    if (!this.#find(key, this.#readSequence(options))) return undefined;
    const { value, valueStart, valueLength } = this.#result;
    return this.#copies.copy(value, valueStart, valueLength);
  }

  /** Whether a key is there. */
  has(key: Bytes, options?: ReadOptions): boolean {
    return this.#find(key, this.#readSequence(options));
  }

  /** The entries of a range, in the bytewise order of their keys, to walk with `for`; each is a copy. */
  scan(options?: ScanOptions): Scan {
    this.#checkOpen();
    const given = optionsObject(options, 'the scan options', SCAN_NAMES);
    const reverse = flagOption(given, 'reverse', false);
    const limit = scanLimit(given);
    const range = keyRange(given);
    const fillCache = flagOption(given, 'fillCache', true);
    const snapshot = given.snapshot;
    if (snapshot !== undefined) this.#core.snapshots.sequenceOf(snapshot);
    return new Scan(() => {
      this.#checkOpen();
      const cursor = this.#cursors.open(range, this.#sequenceOf(snapshot), fillCache);
      return this.#cursors.watch(new ScanIterator(cursor, this.#entries, reverse, limit), cursor);
    });
  }

  /** A cursor over a range, which sees the database as it is now. Close it. */
  cursor(options?: CursorOptions): DbCursor {
    this.#checkOpen();
    const given = optionsObject(options, 'the cursor options', CURSOR_NAMES);
    const fillCache = flagOption(given, 'fillCache', true);
    const cursor = this.#cursors.open(keyRange(given), this.#sequenceOf(given.snapshot), fillCache);
    return this.#cursors.watch(new DbCursor(cursor), cursor);
  }

  /** A view of the database as it is now, for reads with `{ snapshot }`. Close it. */
  snapshot(): Snapshot {
    this.#checkOpen();
    return this.#core.snapshots.take(this.#core.lastSequence);
  }

  /** Brings every write up to now to the disk, so that it survives a power cut. */
  sync(): void {
    this.#checkOpen();
    this.#writePath.sync();
  }

  /** Writes what is in memory to a table; blocks until it is done. */
  flush(): void {
    this.#checkOpen();
    this.#maintenance.steps.block(this.#writePath.flush());
  }

  /**
   * Rewrites the tables of a range, by default of everything, down to the last level, so that what is
   * overwritten and deleted gives back its space. Blocks until it is done.
   */
  compact(range?: RangeOptions): void {
    this.#checkOpen();
    const given = optionsObject(range, 'the range', RANGE_NAMES);
    const wanted = range === undefined ? FULL_RANGE : keyRange(given);
    this.flush();
    this.#maintenance.steps.block(this.#maintenance.compact(wanted));
  }

  /** Reads every block of every file and checks it. Damage is reported, not thrown. */
  verify(options?: VerifyOptions): VerifyReport {
    this.#checkOpen();
    const given = optionsObject(options, 'the verify options', VERIFY_NAMES);
    const wanted = { onProgress: progressOption(given), keys: flagOption(given, 'keys', false) };
    const { view } = this.#core;
    view.ref(); // what the callback does must not take away the files that are being read
    try {
      const steps = verify(this.#core, view, this.#manifest.number, wanted);
      for (let step = steps.next(); ; step = steps.next()) {
        if (step.done) return step.value;
        this.#checkOpen();
      }
    } finally {
      view.unref();
    }
  }

  /**
   * Copies the database as it is now to another directory, which is then a database of its own. It must not
   * exist, or be empty. Tables are shared with the copy by hard links where it lies on the same device, so
   * that it costs hardly any time and space; else they are copied. A linked table is one file with two names,
   * so damage to it is damage to both: a backup belongs on another device. What is in memory is flushed first.
   * Writing may go on afterwards, and in `onProgress` too: the copy holds what was committed before the call.
   *
   * The copy has the id of this database. So its files belong to both, but two databases whose ways have
   * parted must not have files of each other put among theirs.
   *
   * @example
   * db.checkpoint('./backup');
   * const copy = MiniLsm.open('./backup');
   *
   * @throws LsmError `LSM_EXISTS` if the directory holds anything; `LSM_INVALID_ARGUMENT` if it lies in that
   * of the database; `LSM_ABORTED`; `LSM_CORRUPTION` for a table that is missing; `LSM_READ_ONLY`,
   * `LSM_NO_SPACE`, `LSM_IO`. What was made of the copy is removed then.
   */
  checkpoint(directory: string, options?: CheckpointOptions): CheckpointReport {
    this.#checkOpen();
    const given = optionsObject(options, 'the checkpoint options', ['onProgress', 'signal']);
    const onProgress = progressOption(given);
    const signal = signalOption(given);
    checkNotAborted(signal);
    const target = checkpointTarget(this.#core, checkedPath(directory));
    this.flush();
    const { view } = this.#core;
    view.ref(); // what the callback does must not take away the files that are being copied
    try {
      return checkpoint(this.#core, view, target, (done, total) => {
        onProgress?.(done, total);
        this.#checkOpen();
        checkNotAborted(signal);
      });
    } finally {
      view.unref();
    }
  }

  /**
   * Copies the database as it is now to another directory, as a backup: real copies, best on another disk, each
   * read back and checked. What is in memory is flushed first. Writing may go on afterwards, and in `onProgress`
   * too: the backup holds what was committed before the call. It gets its name when all of it is whole and on the
   * disk; whatever ends the work before that leaves nothing there.
   *
   * {@link restore} puts it in place as a database. It is one itself, and could be opened; but then it is no backup
   * any more. What is read back comes from the memory of the operating system as a rule; {@link MiniLsm.verify} reads
   * it from the disk on another day.
   *
   * @example
   * db.backup('/mnt/backups/monday');
   *
   * @throws LsmError `LSM_EXISTS` if the directory holds anything; `LSM_INVALID_ARGUMENT` if it lies in that
   * of the database; `LSM_CORRUPTION` naming the table of the database that is damaged; `LSM_IO` also for a copy that
   * does not read back as it was written; `LSM_LOCKED` if somebody makes a backup there; `LSM_ABORTED`;
   * `LSM_READ_ONLY`; `LSM_NO_SPACE`.
   */
  backup(directory: string, options?: BackupOptions): BackupReport {
    this.#checkOpen();
    const given = optionsObject(options, 'the backup options', BACKUP_NAMES);
    const onProgress = progressOption(given);
    const signal = signalOption(given);
    checkNotAborted(signal);
    const target = this.#core.fs.absolutePath(checkedPath(directory));
    this.flush();
    return finish(backupOpen(this.#core, target), ({ done, total }) => {
      onProgress?.(done, total);
      this.#checkOpen();
      checkNotAborted(signal);
    });
  }

  /** Sizes, counts, amplification, stalls: see {@link Stats}. */
  stats(): Stats {
    this.#checkOpen();
    this.#maintenance.collect();
    return collectStats(this.#core, this.#maintenance, this.#writePath.logBytes, this.#cursors.size);
  }

  /**
   * Closes the database, with its cursors and snapshots; a running compaction is given up. Everything
   * written is on the disk afterwards. Idempotent.
   */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    const { snapshots, tables } = this.#core;
    let complete = false;
    tryAll(
      () => this.#cursors.closeAll(),
      () => this.#maintenance.close(),
      () => {
        complete = this.#writePath.close();
      },
      () => (complete ? this.#manifest.finish() : this.#manifest.close()),
      () => snapshots.closeAll(),
      () => tables.close(),
      () => this.#lock.release(),
    );
  }

  [Symbol.dispose](): void {
    this.close();
  }

  #readSequence(options: ReadOptions | undefined): number {
    if (options === undefined) return this.#core.lastSequence;
    this.#checkOpen();
    return this.#sequenceOf(optionsObject(options, 'the read options', ['snapshot']).snapshot);
  }

  /** Looks a key up into `#result`. */
  #find(key: Bytes, sequence: number): boolean {
    this.#checkOpen();
    let bytes: Uint8Array;
    let length: number;
    if (typeof key === 'string') {
      bytes = this.#scratchFor(key.length);
      length = writeUtf8(key, bytes, 0);
      if (length > MAX_KEY_BYTES) throw keyTooLong(length);
    } else {
      bytes = keyBytes(key);
      length = bytes.length;
    }
    const result = this.#result;
    const found = lookup(this.#core, bytes, length, sequence, result);
    return found && result.kind === KIND_PUT;
  }

  #scratchFor(characters: number): Uint8Array {
    if (characters * 3 > this.#keyScratch.length) {
      if (characters > MAX_KEY_BYTES) throw keyTooLong(`at least ${characters}`);
      this.#keyScratch = new Uint8Array(characters * 3);
    }
    return this.#keyScratch;
  }

  #sequenceOf(snapshot: unknown): number {
    return snapshot === undefined ? this.#core.lastSequence : this.#core.snapshots.sequenceOf(snapshot);
  }

  #checkOpen(): void {
    if (this.#closed) throw new LsmError('LSM_CLOSED', 'the database is closed; open it again');
  }
}
