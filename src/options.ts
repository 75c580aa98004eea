/**
 * Every option, its default and its unit. Options are plain data and are read field by field: an unknown
 * name, a wrong type or a value out of range is an error, never a silent default.
 */
import { nativeZstd } from '#platform';
import { COMPRESSIONS, type CompressionByLevel } from './bytes/compression.ts';
import { LsmError } from './errors.ts';
import type { FileSystem } from './fs/file-system.ts';

/** Options of `MiniLsm.open`. */
export interface Options {
  // What changes behaviour.

  /** Create the database if the directory holds none. Default `true`. */
  readonly createIfMissing?: boolean | undefined;
  /** Fail if the directory already holds a database. Default `false`. */
  readonly errorIfExists?: boolean | undefined;
  /** Where the files are. Default: the file system of Node.js. A `MemoryFileSystem` keeps all in memory. */
  readonly fileSystem?: FileSystem | undefined;
  /**
   * Where flushes and compactions run: `'worker'` on a thread of their own, `'inline'` within the write that
   * causes them (deterministic, and blocks that write). Default `'worker'` if the file system can be shared
   * with a thread, else `'inline'`.
   */
  readonly background?: 'worker' | 'inline' | undefined;
  /**
   * What `open` does about bytes at the end of the last write-ahead log, or of the manifest, that are no whole
   * record. `'truncate-tail'` goes on without them: that is what a power cut leaves of a write that was not
   * acknowledged as durable, and `db.recovery` says how many they are, where, and why. `'strict'` refuses to
   * open, with `LSM_CORRUPTION`, and changes nothing, unless they are what is left of a mark that holds no data.
   * Damage anywhere else is refused by either. Default `'truncate-tail'`.
   */
  readonly recovery?: 'truncate-tail' | 'strict' | undefined;
  /** How tables move down the levels. Default `'leveled'`. See docs/architecture.md. */
  readonly compaction?: 'leveled' | 'simple-leveled' | undefined;

  // What changes performance. Most users need none of these.

  /**
   * How the blocks of tables are packed: `'none'`, `'lz4'`, or `'zstd'`, which needs Node.js 22.15 or later. A list
   * says it for each level, L0 first, and its last entry holds for all deeper levels. Default `['none', 'lz4']`:
   * what was just written is merged again soon, and nearly all data lies below it. Half-compressible values of 100
   * bytes then take 64 MB a million, 123 MB with `'none'` and 52 MB with `'zstd'`. Loading at random takes 10 % more
   * processor time than with `'none'`, a get from the cache the same, one that has to read some 4 us more (`'zstd'`:
   * 25 us); docs/compression.md has the figures. It holds for tables written from now on, and tables of every kind
   * can be read. Between levels that are packed differently tables are rewritten where they would be moved. A block
   * that would become less than an eighth smaller is stored as it is.
   */
  readonly compression?: CompressionByLevel | undefined;
  /**
   * Whether blocks are packed by the package lz4-napi, which has to be installed, where `compression` says `'lz4'`.
   * Default `false`: by TypeScript. A block of 4 KiB is packed in 6 us then and not in 7.5; what is written is the
   * same format, and is read without the package. Opening fails with `LSM_INVALID_ARGUMENT` if it is missing.
   */
  readonly nativeLz4?: boolean | undefined;

  /** Size of a memtable, bytes; when it is full it is flushed to a table. Default 8 MiB. Larger: fewer, larger flushes, more memory, longer recovery. */
  readonly memtableBytes?: number | undefined;
  /** How many full memtables may wait for their flush before writes wait. Default 2. */
  readonly maxFrozenMemtables?: number | undefined;
  /** Size of a data block, bytes. Default 4096. Larger: fewer index entries and better compression of keys; a point read brings in more. */
  readonly blockBytes?: number | undefined;
  /** Size at which compaction starts a new table, bytes. Default 8 MiB. */
  readonly tableBytes?: number | undefined;
  /** Bits of bloom filter for each key; 0 for none. Default 10 (about 1 % false positives). */
  readonly bloomBitsPerKey?: number | undefined;
  /** Memory for blocks, indexes and filters of tables, bytes. Default 128 MiB; 0 for none. It is taken as blocks are read. A get whose block is in it costs less than half of one that has to read it, even from the memory of the operating system. */
  readonly cacheBytes?: number | undefined;
  /** How many table files may be open at once. Default 1000. */
  readonly maxOpenFiles?: number | undefined;
  /**
   * Whether tables are read where the system shows their files in memory (`mmap`): data, indexes and filters in
   * place, without a copy in the cache, which then serves packed blocks alone. Default `false`. On Linux and macOS,
   * with the package koffi installed. It saves memory and time when tables are many times as large as `cacheBytes`
   * and not packed (`compression: 'none'`); a get whose block is in the cache costs as much as one in a mapping.
   * Whoever cuts off a mapped file from outside, and a disk that can't be read, end the process: see docs/mmap.md.
   */
  readonly mmap?: boolean | undefined;
  /** How many levels the tree has, L0 included. Default 7. */
  readonly levelCount?: number | undefined;
  /** How many L0 tables start a compaction. Default 4. Fewer are compacted on the worker thread too, when reads have asked them often enough. */
  readonly l0CompactionFiles?: number | undefined;
  /** From how many L0 tables on writes are slowed down. Default 20, as in RocksDB, or three times `l0CompactionFiles` if that is more. Larger: longer bursts at full speed; reads look into more tables meanwhile. */
  readonly l0SlowdownFiles?: number | undefined;
  /** From how many L0 tables on writes wait. Default 40, or twice `l0SlowdownFiles` if that is more. */
  readonly l0StopFiles?: number | undefined;
  /** Size that the highest level below L0 may have, bytes. Default 32 MiB. */
  readonly baseLevelBytes?: number | undefined;
  /** How many times larger each level is than the one above it. Default 10. */
  readonly levelRatio?: number | undefined;
  /** From how many bytes waiting for compaction on writes are slowed down. Default 1 GiB. */
  readonly slowdownPendingBytes?: number | undefined;
  /** From how many bytes waiting for compaction on writes wait. Default 4 GiB, or four times `slowdownPendingBytes` if that is more. */
  readonly stopPendingBytes?: number | undefined;
  /** How fast slowed-down writes may go, bytes a second. Default 16 MiB. */
  readonly slowdownBytesPerSecond?: number | undefined;
  /** Size from which the manifest is rewritten as one record, bytes. Default 1 MiB. */
  readonly manifestBytes?: number | undefined;
}

/** Options as the engine reads them: checked, complete, frozen. */
export type ResolvedOptions = {
  readonly [Name in Exclude<keyof Options, 'fileSystem' | 'background'>]-?: Exclude<Options[Name], undefined>;
} & {
  readonly fileSystem: FileSystem | undefined;
  readonly background: 'worker' | 'inline' | undefined;
};

const KIB = 1024;
const MIB = 1024 * KIB;
const GIB = 1024 * MIB;

/** [default, least, greatest] of each number. */
const NUMBERS = {
  memtableBytes: [8 * MIB, KIB, GIB],
  maxFrozenMemtables: [2, 1, 64],
  blockBytes: [4 * KIB, 32, 32 * KIB],
  tableBytes: [8 * MIB, KIB, GIB],
  bloomBitsPerKey: [10, 0, 32],
  cacheBytes: [128 * MIB, 0, 2 ** 40],
  maxOpenFiles: [1000, 1, 1_000_000],
  levelCount: [7, 2, 16],
  l0CompactionFiles: [4, 1, 1000],
  l0SlowdownFiles: [20, 1, 10_000],
  l0StopFiles: [40, 1, 10_000],
  baseLevelBytes: [32 * MIB, KIB, 2 ** 40],
  levelRatio: [10, 2, 100],
  slowdownPendingBytes: [GIB, KIB, 2 ** 50],
  stopPendingBytes: [4 * GIB, KIB, 2 ** 50],
  slowdownBytesPerSecond: [16 * MIB, KIB, 2 ** 40],
  manifestBytes: [MIB, KIB, GIB],
} as const satisfies Record<string, readonly [number, number, number]>;

/** Plain L0: for a random load 10 % less processor time than `'lz4'` everywhere, for a sequential one 10 % more. */
const DEFAULT_COMPRESSION: CompressionByLevel = Object.freeze(['none', 'lz4'] as const);

const FLAGS = { createIfMissing: true, errorIfExists: false, mmap: false, nativeLz4: false } as const;

const CHOICES = {
  background: ['worker', 'inline'],
  compaction: ['leveled', 'simple-leveled'],
  recovery: ['truncate-tail', 'strict'],
} as const;

/** The names of all options. */
export const OPTION_NAMES: readonly string[] = [
  ...Object.keys(NUMBERS),
  ...Object.keys(FLAGS),
  ...Object.keys(CHOICES),
  'compression',
  'fileSystem',
];

/** The value nearest to this one that a size may have. */
export function nearestAllowed(
  name: 'blockBytes' | 'cacheBytes' | 'memtableBytes' | 'tableBytes',
  value: number,
): number {
  const [, least, greatest] = NUMBERS[name];
  return Math.min(Math.max(value, least), greatest);
}

/**
 * Checks options and fills in the defaults.
 * @throws LsmError `LSM_INVALID_ARGUMENT` naming the option and what it accepts.
 */
export function resolveOptions(options: Options = {}): ResolvedOptions {
  const given = optionsObject(options, 'options', OPTION_NAMES);
  const number = (name: keyof typeof NUMBERS, derived = 0): number => {
    const [fallback, least, greatest] = NUMBERS[name];
    return numberOption(given, name, Math.min(Math.max(fallback, derived), greatest), least, greatest);
  };
  const l0CompactionFiles = number('l0CompactionFiles');
  const l0SlowdownFiles = number('l0SlowdownFiles', 3 * l0CompactionFiles);
  const slowdownPendingBytes = number('slowdownPendingBytes');
  const resolved: ResolvedOptions = {
    createIfMissing: flagOption(given, 'createIfMissing', FLAGS.createIfMissing),
    errorIfExists: flagOption(given, 'errorIfExists', FLAGS.errorIfExists),
    fileSystem: fileSystemOption(given),
    background: choiceOption(given, 'background', CHOICES.background),
    compaction: choiceOption(given, 'compaction', CHOICES.compaction) ?? 'leveled',
    compression: compressionOption(given),
    recovery: recoveryOption(given),
    memtableBytes: number('memtableBytes'),
    maxFrozenMemtables: number('maxFrozenMemtables'),
    blockBytes: number('blockBytes'),
    tableBytes: number('tableBytes'),
    bloomBitsPerKey: number('bloomBitsPerKey'),
    cacheBytes: number('cacheBytes'),
    maxOpenFiles: number('maxOpenFiles'),
    mmap: flagOption(given, 'mmap', FLAGS.mmap),
    nativeLz4: flagOption(given, 'nativeLz4', FLAGS.nativeLz4),
    levelCount: number('levelCount'),
    l0CompactionFiles,
    l0SlowdownFiles,
    l0StopFiles: number('l0StopFiles', 2 * l0SlowdownFiles),
    baseLevelBytes: number('baseLevelBytes'),
    levelRatio: number('levelRatio'),
    slowdownPendingBytes,
    stopPendingBytes: number('stopPendingBytes', 4 * slowdownPendingBytes),
    slowdownBytesPerSecond: number('slowdownBytesPerSecond'),
    manifestBytes: number('manifestBytes'),
  };
  ascending(resolved, 'l0CompactionFiles', 'l0SlowdownFiles');
  ascending(resolved, 'l0SlowdownFiles', 'l0StopFiles');
  ascending(resolved, 'slowdownPendingBytes', 'stopPendingBytes');
  return Object.freeze(resolved);
}

/** An object given by the caller whose every name is one of `known`; undefined stands for an empty one. */
export function optionsObject(
  value: unknown,
  what: string,
  known: readonly string[],
): Record<string, unknown> {
  if (value === undefined) return NOTHING;
  if (typeof value !== 'object' || value === null || Array.isArray(value) || ArrayBuffer.isView(value)) {
    throw invalid(`${what} must be an object`);
  }
  for (const name of Object.keys(value)) {
    if (!known.includes(name)) {
      throw invalid(`unknown option ${JSON.stringify(name)} in ${what}; known are ${known.join(', ')}`);
    }
  }
  return isPolluted(known) ? ownFields(value, known) : (value as Record<string, unknown>);
}

const NOTHING: Record<string, unknown> = Object.freeze(Object.create(null));

/** Whether somebody has given every object of the program a property of such a name. It is nobody's option then. */
function isPolluted(names: readonly string[]): boolean {
  for (const name of names) if (name in Object.prototype) return true;
  return false;
}

/** What an object itself has under these names; a getter is asked once. */
export function ownFields(value: object, names: readonly string[]): Record<string, unknown> {
  const fields: Record<string, unknown> = Object.create(null);
  for (const name of names) {
    if (Object.hasOwn(value, name)) fields[name] = (value as Record<string, unknown>)[name];
  }
  return fields;
}

/** A boolean among `given`, or its default. */
export function flagOption(given: Record<string, unknown>, name: string, fallback: boolean): boolean {
  const value = given[name];
  if (value === undefined) return fallback;
  if (typeof value !== 'boolean') throw invalid(`option ${name} must be true or false`);
  return value;
}

/** A whole number among `given`, or its default. */
export function numberOption(
  given: Record<string, unknown>,
  name: string,
  fallback: number,
  least: number,
  greatest: number,
): number {
  const value = given[name];
  if (value === undefined) return fallback;
  if (typeof value !== 'number' || !Number.isInteger(value) || value < least || value > greatest) {
    throw invalid(`option ${name} must be a whole number from ${least} to ${greatest}`);
  }
  return value;
}

function choiceOption<Choice extends string>(
  given: Record<string, unknown>,
  name: string,
  choices: readonly Choice[],
): Choice | undefined {
  const value = given[name];
  if (value === undefined) return undefined;
  const choice = choices.find((candidate) => candidate === value);
  if (choice === undefined) throw invalid(`option ${name} must be one of ${choices.join(', ')}`);
  return choice;
}

/** How each level is packed, or the default. */
function compressionOption(given: Record<string, unknown>): CompressionByLevel {
  const value = given.compression;
  if (value === undefined) return DEFAULT_COMPRESSION;
  const list: readonly unknown[] = Array.isArray(value) ? Array.from(value) : [value];
  if (list.length === 0 || list.length > NUMBERS.levelCount[2]) throw invalidCompression();
  const codecs = list.map((name) => {
    const codec = COMPRESSIONS.find((candidate) => candidate === name);
    if (codec === undefined) throw invalidCompression();
    return codec;
  });
  if (codecs.includes('zstd') && nativeZstd === null) {
    throw invalid("option compression: this runtime has no zstd; use Node.js 22.15 or later, or 'lz4'");
  }
  return Array.isArray(value) ? Object.freeze(codecs) : codecs[0];
}

function invalidCompression(): LsmError {
  const names = COMPRESSIONS.join(', ');
  return invalid(
    `option compression must be one of ${names}, or a list of 1 to ${NUMBERS.levelCount[2]} of them`,
  );
}

/** What to do about a torn tail, or the default. */
export function recoveryOption(given: Record<string, unknown>): ResolvedOptions['recovery'] {
  return choiceOption(given, 'recovery', CHOICES.recovery) ?? 'truncate-tail';
}

/** A file system among `given`; undefined stands for that of Node.js. */
export function fileSystemOption(given: Record<string, unknown>): FileSystem | undefined {
  const value = given.fileSystem;
  if (value === undefined) return undefined;
  if (typeof value !== 'object' || value === null || !('createFile' in value) || !('lock' in value)) {
    throw invalid('option fileSystem must be a FileSystem, such as new MemoryFileSystem()');
  }
  return value as FileSystem;
}

function ascending(options: ResolvedOptions, lower: keyof typeof NUMBERS, upper: keyof typeof NUMBERS): void {
  if (options[lower] > options[upper]) {
    throw invalid(`option ${lower} (${options[lower]}) must not exceed ${upper} (${options[upper]})`);
  }
}

function invalid(message: string): LsmError {
  return new LsmError('LSM_INVALID_ARGUMENT', message);
}
