/**
 * The options of `MiniLevel`: those of classic-level under their names, those of the engine under theirs.
 * Options that nobody knows are ignored, as everywhere in the Level world: plugins pass theirs along.
 */
import type {
  AbstractBatchOptions,
  AbstractChainedBatchWriteOptions,
  AbstractClearOptions,
  AbstractDatabaseOptions,
  AbstractDelOptions,
  AbstractGetManyOptions,
  AbstractGetOptions,
  AbstractHasManyOptions,
  AbstractHasOptions,
  AbstractIteratorOptions,
  AbstractKeyIteratorOptions,
  AbstractOpenOptions,
  AbstractPutOptions,
  AbstractValueIteratorOptions,
  Transcoder,
} from 'abstract-level';
import type { CompressionByLevel } from '../bytes/compression.ts';
import { LsmError } from '../errors.ts';
import type { FileSystem } from '../fs/file-system.ts';
import { nearestAllowed, OPTION_NAMES, type Options, ownFields } from '../options.ts';

/** Options of classic-level that the engine has under another name. */
const RENAMED = {
  cacheSize: 'cacheBytes',
  writeBufferSize: 'memtableBytes',
  blockSize: 'blockBytes',
  maxFileSize: 'tableBytes',
} as const;

/** Options of `db.open()`. Sizes are in bytes. */
export interface OpenOptions
  extends AbstractOpenOptions,
    Omit<Options, keyof AbstractOpenOptions | 'compression' | 'fileSystem'> {
  /** Whether the blocks of tables are compressed, or how. Default `true`, which is `'lz4'` at every level, as in classic-level. See the engine's option for others. */
  readonly compression?: boolean | CompressionByLevel | undefined;
  /** Memory for blocks that were read: the engine's `cacheBytes`. Default 128 MiB (classic-level: 8 MiB). */
  readonly cacheSize?: number | undefined;
  /** Size of a memtable: the engine's `memtableBytes`. Default 8 MiB (classic-level: 4 MiB). */
  readonly writeBufferSize?: number | undefined;
  /** Size of a data block before compression: the engine's `blockBytes`. Default 4096. */
  readonly blockSize?: number | undefined;
  /** Size of a table: the engine's `tableBytes`. Default 8 MiB (classic-level: 2 MiB). */
  readonly maxFileSize?: number | undefined;
  /** No effect: a block here is compressed against its first key and needs no restart points. */
  readonly blockRestartInterval?: number | undefined;
  /** No effect: a database belongs to one thread, and a second one that opens it gets `LEVEL_LOCKED`. */
  readonly multithreading?: boolean | undefined;
}

/** Options of the constructor. */
export interface DatabaseOptions<K, V> extends AbstractDatabaseOptions<K, V>, Omit<OpenOptions, 'passive'> {
  /** Where the files are. Default: the disk. With `new MemoryFileSystem()` the database is in memory. */
  readonly fileSystem?: FileSystem | undefined;
}

/** Options of all reads. */
export interface ReadOptions {
  /** Only iterators heed it: whether the blocks that they read stay in the cache. Default `true`. */
  readonly fillCache?: boolean | undefined;
}

/** Options of all writes. */
export interface WriteOptions {
  /** Whether the write is on the disk, and survives a power cut, when its promise resolves. Default `false`. */
  readonly sync?: boolean | undefined;
}

/** An option of work that takes long. */
export interface SignalOptions {
  /** Ends the work, which then fails with `LEVEL_ABORTED`. */
  readonly signal?: AbortSignal | undefined;
}

export interface GetOptions<K, V> extends AbstractGetOptions<K, V>, ReadOptions {}
export interface GetManyOptions<K, V> extends AbstractGetManyOptions<K, V>, ReadOptions {}
export interface HasOptions<K> extends AbstractHasOptions<K>, ReadOptions {}
export interface HasManyOptions<K> extends AbstractHasManyOptions<K>, ReadOptions {}
export interface PutOptions<K, V> extends AbstractPutOptions<K, V>, WriteOptions {}
export interface DelOptions<K> extends AbstractDelOptions<K>, WriteOptions {}
export interface BatchOptions<K, V> extends AbstractBatchOptions<K, V>, WriteOptions {}
export interface ChainedBatchWriteOptions extends AbstractChainedBatchWriteOptions, WriteOptions {}
export interface ClearOptions<K> extends AbstractClearOptions<K>, SignalOptions {}

/** What iterators take beyond abstract-level. */
export interface AdditionalIteratorOptions extends ReadOptions {
  /**
   * How many bytes of keys and values `nextv()`, and the read-ahead of `next()`, bring at once: the entry that
   * exceeds it is the last. Default 16 KiB.
   */
  readonly highWaterMarkBytes?: number | undefined;
}

export type IteratorOptions<K, V> = AbstractIteratorOptions<K, V> & AdditionalIteratorOptions;
export type KeyIteratorOptions<K> = AbstractKeyIteratorOptions<K> & AdditionalIteratorOptions;
export type ValueIteratorOptions<K, V> = AbstractValueIteratorOptions<K, V> & AdditionalIteratorOptions;

/** Options of `approximateSize()` and `compactRange()`. */
export interface StartEndOptions<K> extends SignalOptions {
  /** Encoding of `start` and `end`. Default: that of the database. */
  readonly keyEncoding?: string | Transcoder.PartialEncoder<K> | undefined;
}

/**
 * What the engine is to be opened with. Sizes under classic-level's names are brought into the range that the
 * engine has, as LevelDB does.
 * @throws LsmError `LSM_INVALID_ARGUMENT` for a size that is none, and for one that is given under both names
 */
export function engineOptions(all: Readonly<Record<string, unknown>>): Options {
  const given = ownFields(all, [...OPTION_NAMES, ...Object.keys(RENAMED)]);
  const options: Record<string, unknown> = {};
  for (const name of OPTION_NAMES)
    if (name !== 'fileSystem' && given[name] !== undefined) options[name] = given[name];
  if (given.compression === undefined || given.compression === true) options.compression = 'lz4';
  if (given.compression === false) options.compression = 'none';
  for (const [name, ours] of Object.entries(RENAMED)) {
    const size = given[name];
    if (size === undefined) continue;
    if (typeof size !== 'number' || !Number.isInteger(size) || size < 0) {
      throw invalid(`option ${name} must be a whole number of bytes`);
    }
    if (given[ours] !== undefined)
      throw invalid(`options ${name} and ${ours} are the same; give one of them`);
    options[ours] = nearestAllowed(ours, size);
  }
  return options;
}

function invalid(message: string): LsmError {
  return new LsmError('LSM_INVALID_ARGUMENT', message);
}
