/**
 * The abstract-level face of the engine: a drop-in for classic-level. It translates; what is done is done in
 * `db/`. Private methods (with an underscore) are the contract with abstract-level, which has checked and
 * encoded what they get, and awaits what they return: what is in memory is returned without a promise.
 *
 * Writes go through a `GroupCommit`, so those of one turn of the event loop are one commit. Nothing here blocks
 * but opening, closing and what the disk takes for a block that is not in the cache.
 */
import { nextTurn } from '#platform';
import type { VisibleCursor } from '../cursor/visible-cursor.ts';
import { approximateSize } from '../db/approximate-size.ts';
import { keyRange, signalOption } from '../db/arguments.ts';
import type { CheckpointReport } from '../db/checkpoint.ts';
import type { BackupReport } from '../db/copied-tree.ts';
import { GroupCommit } from '../db/group-commit.ts';
import { type Internals, internals, MiniLsm } from '../db/mini-lsm.ts';
import type { Stats } from '../db/stats.ts';
import { Turns } from '../db/turns.ts';
import type { VerifyReport } from '../db/verify-report.ts';
import type { FileSystem } from '../fs/file-system.ts';
import type { KeyRange } from '../keys/key-range.ts';
import { clearRange } from './clear.ts';
import { type Decoder, Decoders, type Format, keyBytesOf } from './formats.ts';
import { ChainedBatch } from './level-chained-batch.ts';
import { asLevelError, LevelError, withLevelErrors } from './level-error.ts';
import { type FormatEntry, LevelIterator, LevelKeyIterator, LevelValueIterator } from './level-iterators.ts';
import {
  type DatabaseOptions,
  engineOptions,
  type SignalOptions,
  type StartEndOptions,
  type WriteOptions,
} from './level-options.ts';
import { LevelSnapshot } from './level-snapshot.ts';
import { backupInTurns, compact, flush, verifyInTurns } from './long-work.ts';
import { hasOne, type PointReadOptions, readMany, readOne, sequenceOf } from './point-reads.ts';
import { propertyOf } from './properties.ts';
import { RangeReader, type RangeReaderOptions } from './range-reader.ts';
import { TypedLevel } from './typed-level.ts';

const MANIFEST = {
  encodings: { utf8: true, buffer: true, view: true },
  has: true,
  createIfMissing: true,
  errorIfExists: true,
  explicitSnapshots: true,
  getSync: true,
  additionalMethods: {
    approximateSize: true,
    backup: true,
    checkpoint: true,
    compactRange: true,
    flush: true,
    stats: true,
    verify: true,
  },
  signals: { iterators: true },
};

/** What abstract-level hands to private methods: encodings are formats, ranges are encoded. */
interface PrivateOptions extends PointReadOptions, RangeReaderOptions, WriteOptions {
  readonly keyEncoding: string;
  readonly valueEncoding: string;
  readonly fillCache?: boolean | undefined;
  readonly keys: boolean;
  readonly values: boolean;
}

interface PrivateOperation {
  readonly type: 'put' | 'del';
  readonly key: Format;
  readonly value: Format;
}

/**
 * A database in a directory with the API of abstract-level 3, and of classic-level.
 *
 * @example
 * const db = new MiniLevel('./db', { valueEncoding: 'json' });
 * await db.put('user/1', { name: 'Ada' });
 * await db.get('user/1'); // { name: 'Ada' }
 * for await (const [key, value] of db.iterator({ gte: 'user/', lt: 'user0' })) console.log(key, value);
 * await db.close();
 */
export class MiniLevel<KDefault = string, VDefault = string> extends TypedLevel<KDefault, VDefault> {
  readonly #location: string;
  readonly #fileSystem: FileSystem | undefined;
  readonly #decoders = new Decoders();
  readonly #turns = new Turns();
  #engine: MiniLsm | undefined;
  #parts: Internals | undefined;
  #groups: GroupCommit | undefined;
  /** Long reads, clears, flushes and compactions that were begun: closing waits for them, as it waits for writes. */
  readonly #inFlight = new Set<Promise<unknown>>();

  /**
   * Opens by itself in the next turn; calls made before that wait for it.
   * @param location The directory of the database, which is made if it does not exist.
   * @throws TypeError for a location that is no string, or empty
   */
  constructor(location: string, options?: DatabaseOptions<KDefault, VDefault>) {
    checkedLocation(location);
    // Their own properties alone, as abstract-level takes them, and each read once.
    const own: DatabaseOptions<KDefault, VDefault> = Object.assign(Object.create(null), options);
    const { fileSystem, ...forwarded } = own;
    super(MANIFEST, forwarded);
    this.#location = location;
    this.#fileSystem = fileSystem;
  }

  /** The directory, as it was given. */
  get location(): string {
    return this.#location;
  }

  /**
   * The engine under this face, with all of its synchronous methods. Writes of this face that are not
   * acknowledged yet come after what is written there.
   * @throws LevelError `LEVEL_DATABASE_NOT_OPEN`
   */
  get engine(): MiniLsm {
    if (this.#engine === undefined || this.status !== 'open') throw notOpen();
    return this.#engine;
  }

  /** About how many bytes of table files hold the keys from `start` to `end`, exclusive. What is only in memory does not count. */
  approximateSize(start: KDefault, end: KDefault): Promise<number>;
  approximateSize<K = KDefault>(start: K, end: K, options: StartEndOptions<K>): Promise<number>;
  async approximateSize<K>(start: K, end: K, options?: StartEndOptions<K>): Promise<number> {
    checkStartAndEnd(start, end);
    return this.#whenOpen(({ core }) => {
      const encode = this.#keyEncoder(options);
      return approximateSize(core, encode(start), encode(end));
    });
  }

  /**
   * Flushes what is in memory and rewrites the tables that hold keys from `start` to `end`, so that what was
   * deleted and overwritten there gives back its space. The work is done on another thread.
   */
  compactRange(start: KDefault, end: KDefault): Promise<void>;
  compactRange<K = KDefault>(start: K, end: K, options: StartEndOptions<K>): Promise<void>;
  async compactRange<K>(start: K, end: K, options?: StartEndOptions<K>): Promise<void> {
    checkStartAndEnd(start, end);
    await this.#whenOpen((parts) => {
      const encode = this.#keyEncoder(options);
      const range = {
        lower: { key: encode(start), inclusive: true },
        upper: { key: encode(end), inclusive: true },
      };
      return this.#finishing(compact(parts, this.#openGroups(), range, signalOption(options)));
    });
  }

  /** Writes what is in memory to a table, on another thread. */
  async flush(options?: SignalOptions): Promise<void> {
    await this.#whenOpen((parts) => this.#finishing(flush(parts, this.#openGroups(), signalOption(options))));
  }

  /** Reads every block of every file and checks it. Damage is reported, not thrown. */
  async verify(options?: SignalOptions): Promise<VerifyReport> {
    return this.#whenOpen((parts) => verifyInTurns(parts, signalOption(options), () => this.#openParts()));
  }

  /**
   * Makes a copy of the database as it is now in a directory of its own, which must be empty or not exist: see
   * {@link MiniLsm.checkpoint}. What is in memory is flushed on another thread; tables are linked, and copied
   * where that can't be done, which takes its time on this one.
   */
  async checkpoint(directory: string, options?: SignalOptions): Promise<CheckpointReport> {
    return this.#whenOpen(async (parts) => {
      const signal = signalOption(options);
      await flush(parts, this.#openGroups(), signal);
      return this.engine.checkpoint(directory, { signal });
    });
  }

  /**
   * Makes a backup of the database as it is now, in a directory that must be empty or not exist, best on another
   * disk: see {@link MiniLsm.backup}. What is in memory is flushed on another thread; each table is copied and
   * checked on this one, and the event loop turns in between.
   */
  async backup(directory: string, options?: SignalOptions): Promise<BackupReport> {
    return this.#whenOpen((parts) => {
      const signal = signalOption(options);
      const work = backupInTurns(parts, this.#openGroups(), directory, signal, () => this.#openParts());
      return this.#finishing(work);
    });
  }

  /** Sizes, counts, amplification, stalls: see {@link Stats}. */
  async stats(): Promise<Stats> {
    return this.#whenOpen(() => this.engine.stats());
  }

  /**
   * LevelDB's text about the inside: `leveldb.num-files-at-levelN`, `leveldb.stats`, `leveldb.sstables`,
   * `leveldb.approximate-memory-usage`. The empty string for any other property.
   * @throws LevelError `LEVEL_DATABASE_NOT_OPEN`
   */
  getProperty(property: string): string {
    if (typeof property !== 'string') throw new TypeError("The first argument 'property' must be a string");
    return propertyOf(property, this.#openParts().core, this.engine.stats());
  }

  /**
   * Removes a database: its own files, and the directory if nothing else is in it. Nothing happens if there is
   * no such directory.
   * @throws LevelError `LEVEL_LOCKED` if somebody has it open
   */
  static async destroy(location: string): Promise<void> {
    checkedLocation(location);
    withLevelErrors(() => MiniLsm.destroy(location));
  }

  /**
   * Makes a database that cannot be opened openable again, and keeps everything that passes its checksums: see
   * {@link MiniLsm.repair}. Blocks until it is done.
   * @throws LevelError `LEVEL_LOCKED` if somebody has it open
   */
  static async repair(location: string): Promise<void> {
    checkedLocation(location);
    withLevelErrors(() => MiniLsm.repair(location, engineOptions({})));
  }

  /**
   * Puts a backup in place as a database, in a directory that must be empty or not exist: see
   * {@link MiniLsm.restore}. Blocks until it is done.
   * @throws LevelError `LEVEL_NOT_FOUND`, `LEVEL_CORRUPTION`, `LEVEL_EXISTS` and others, as there
   */
  static async restore(backup: string, location: string): Promise<BackupReport> {
    checkedLocation(location);
    return withLevelErrors(() => MiniLsm.restore(backup, location));
  }

  _open(options: Readonly<Record<string, unknown>>): void {
    withLevelErrors(() => {
      this.#engine = MiniLsm.open(this.#location, {
        ...engineOptions(options),
        fileSystem: this.#fileSystem,
      });
    });
    if (this.#engine === undefined) return;
    this.#parts = internals(this.#engine);
    this.#groups = new GroupCommit(this.#parts.writePath, asLevelError);
  }

  async _close(): Promise<void> {
    await Promise.allSettled(this.#inFlight);
    await this.#groups?.settled();
    withLevelErrors(() => this.#engine?.close());
    this.#engine = undefined;
    this.#parts = undefined;
    this.#groups = undefined;
  }

  _getSync(key: Format, options: PrivateOptions): Format | undefined {
    const parts = this.#openParts();
    return readOne(parts, key, sequenceOf(parts, options), this.#decoders.of(options.valueEncoding));
  }

  _get(key: Format, options: PrivateOptions): Format | undefined | Promise<Format | undefined> {
    return this.#breathing(this._getSync(key, options), 1);
  }

  _getMany(
    keys: readonly Format[],
    options: PrivateOptions,
  ): (Format | undefined)[] | Promise<(Format | undefined)[]> {
    const parts = this.#openParts();
    const decode = this.#decoders.of(options.valueEncoding);
    const values = readMany(parts, keys, options, (key, sequence) => readOne(parts, key, sequence, decode));
    return this.#finishing(this.#breathing(values, keys.length));
  }

  _has(key: Format, options: PrivateOptions): boolean | Promise<boolean> {
    const parts = this.#openParts();
    return this.#breathing(hasOne(parts, key, sequenceOf(parts, options)), 1);
  }

  _hasMany(keys: readonly Format[], options: PrivateOptions): boolean[] | Promise<boolean[]> {
    const parts = this.#openParts();
    const found = readMany(parts, keys, options, (key, sequence) => hasOne(parts, key, sequence));
    return this.#finishing(this.#breathing(found, keys.length));
  }

  _put(key: Format, value: Format, options: PrivateOptions): Promise<void> {
    return this.#openGroups().put(key, value, options.sync === true);
  }

  _del(key: Format, options: PrivateOptions): Promise<void> {
    return this.#openGroups().delete(key, options.sync === true);
  }

  _batch(operations: readonly PrivateOperation[], options: PrivateOptions): Promise<void> {
    return this.#openGroups().write((batch) => {
      for (const { type, key, value } of operations) {
        if (type === 'put') batch.put(key, value);
        else batch.delete(key);
      }
    }, options.sync === true);
  }

  _chainedBatch(): ChainedBatch<this, KDefault, VDefault> {
    return new ChainedBatch(this, this.#openGroups());
  }

  async _clear(options: PrivateOptions): Promise<void> {
    const parts = this.#openParts();
    const { reverse, limit } = options;
    const signal = withLevelErrors(() => signalOption(options));
    const sequence = options.snapshot == null ? undefined : sequenceOf(parts, options);
    const wanted = {
      range: keyRange(options as unknown as Record<string, unknown>),
      reverse,
      limit,
      sync: options.sync === true,
      signal,
    };
    try {
      await this.#finishing(clearRange(parts, this.#openGroups(), sequence, wanted));
    } catch (error) {
      throw asLevelError(error);
    }
  }

  _iterator(options: PrivateOptions): LevelIterator<this, KDefault, VDefault> {
    const key = this.#decoders.of(options.keyEncoding);
    const value = this.#decoders.of(options.valueEncoding);
    const { keys, values } = options;
    const make = (cursor: VisibleCursor): FormatEntry => [
      keys ? keyUnder(cursor, key) : undefined,
      values ? valueUnder(cursor, value) : undefined,
    ];
    return new LevelIterator(this, options as object, this.#reader(options, make));
  }

  _keys(options: PrivateOptions): LevelKeyIterator<this, KDefault> {
    const decode = this.#decoders.of(options.keyEncoding);
    const reader = this.#reader(options, (cursor) => keyUnder(cursor, decode));
    return new LevelKeyIterator(this, options as object, reader);
  }

  _values(options: PrivateOptions): LevelValueIterator<this, KDefault, VDefault> {
    const decode = this.#decoders.of(options.valueEncoding);
    const reader = this.#reader(options, (cursor) => valueUnder(cursor, decode));
    return new LevelValueIterator(this, options as object, reader);
  }

  _snapshot(options: object): LevelSnapshot {
    const { core } = this.#openParts();
    return new LevelSnapshot(options, core.snapshots.take(core.lastSequence));
  }

  #reader<Item>(options: PrivateOptions, make: (cursor: VisibleCursor) => Item): RangeReader<Item> {
    const parts = this.#openParts();
    const range: KeyRange = keyRange(options as unknown as Record<string, unknown>);
    const sequence = sequenceOf(parts, options);
    const held = withLevelErrors(() => parts.cursors.open(range, sequence, options.fillCache !== false));
    return new RangeReader(held, range, options, make);
  }

  /** Gives what so many reads have found; now and then only after the event loop has turned. */
  #breathing<Found>(found: Found | Promise<Found>, reads: number): Found | Promise<Found> {
    // Who has a promise of its own lets the event loop turn by itself.
    if (found instanceof Promise || !this.#turns.areDue(reads, 0)) return found;
    return nextTurn().then(() => found);
  }

  /** Has close() wait for work that goes on. */
  #finishing<Work>(work: Work): Work {
    if (!(work instanceof Promise)) return work;
    this.#inFlight.add(work);
    const done = (): void => void this.#inFlight.delete(work);
    work.then(done, done);
    return work;
  }

  /** Does something when the database is open: at once, or when it is done opening. */
  async #whenOpen<Result>(work: (parts: Internals) => Result | Promise<Result>): Promise<Result> {
    if (this.status === 'opening') return this.deferAsync(() => this.#whenOpen(work));
    try {
      return await work(this.#openParts());
    } catch (error) {
      throw asLevelError(error);
    }
  }

  #openParts(): Internals {
    if (this.#parts === undefined || this.status !== 'open' || this.#engine?.closed) throw notOpen();
    return this.#parts;
  }

  #openGroups(): GroupCommit {
    if (this.#groups === undefined) throw notOpen();
    return this.#groups;
  }

  #keyEncoder<K>(options: StartEndOptions<K> | undefined): (key: K) => Uint8Array {
    const given = typeof options === 'object' && options !== null ? options.keyEncoding : undefined;
    const encoding = (this.keyEncoding as (given: unknown) => { encode(key: unknown): Format }).call(
      this,
      given,
    );
    return (key) => keyBytesOf(encoding.encode(key));
  }
}

function keyUnder(cursor: VisibleCursor, decode: Decoder): Format {
  return decode(cursor.key, cursor.keyStart, cursor.keyLength);
}

function valueUnder(cursor: VisibleCursor, decode: Decoder): Format {
  return decode(cursor.value, cursor.valueStart, cursor.valueLength);
}

function checkedLocation(location: unknown): string {
  if (typeof location === 'string' && location !== '') return location;
  throw new TypeError("The first argument 'location' must be a non-empty string");
}

function checkStartAndEnd(start: unknown, end: unknown): void {
  if (start === undefined || end === undefined) {
    throw new TypeError("The arguments 'start' and 'end' are required");
  }
}

function notOpen(): LevelError {
  return new LevelError('LEVEL_DATABASE_NOT_OPEN', 'Database is not open');
}
