/** Tables in memory for tests, and the sorted array that they are compared with. */
import { BlockCache } from '../../src/cache/block-cache.ts';
import { type Cursor, LookupResult } from '../../src/cursor/cursor.ts';
import type { FileSystem } from '../../src/fs/file-system.ts';
import { MemoryFileSystem } from '../../src/fs/memory-file-system.ts';
import { compareInternal, KIND_DELETE, KIND_PUT } from '../../src/keys/internal-key.ts';
import { BlockBuilder } from '../../src/sstable/block-builder.ts';
import { tableKeyHash } from '../../src/sstable/bloom-filter.ts';
import type { TableIdentity } from '../../src/sstable/format.ts';
import type { Table } from '../../src/sstable/table.ts';
import { TableBuilder, type TableOptions } from '../../src/sstable/table-builder.ts';
import { TableCache } from '../../src/sstable/table-cache.ts';
import type { CachedBlock } from '../../src/sstable/table-reader.ts';
import type { TableSummary } from '../../src/sstable/table-summary.ts';
import { MappingFileSystem, TABLES_ARE_MAPPED } from '../simulation/mapping-file-system.ts';
import { toHex } from '../support/hex.ts';

export interface Entry {
  readonly key: Uint8Array;
  readonly sequence: number;
  /** Undefined for a tombstone. */
  readonly value: Uint8Array | undefined;
}

export const DATABASE_ID: Uint8Array = Uint8Array.from({ length: 16 }, (_, i) => i + 1);
export const IDENTITY: TableIdentity = { databaseId: DATABASE_ID, fileNumber: 7 };
export const OPTIONS: TableOptions = { blockBytes: 4096, bloomBitsPerKey: 10, compression: 'none' };
/** Where checksums of `encodeBlock` start. */
const BLOCK_SEED = 0x12345678;
export const DIRECTORY = '/db';

export function pathOf(fileNumber: number): string {
  return `${DIRECTORY}/${fileNumber}.sst`;
}

export function memoryFileSystem(): MemoryFileSystem {
  const fs = new MemoryFileSystem();
  fs.makeDirectory(DIRECTORY);
  return fs;
}

export function bytes(...values: number[]): Uint8Array {
  return Uint8Array.from(values);
}

export function text(value: string): Uint8Array {
  return new Uint8Array(new TextEncoder().encode(value));
}

/** The entries in internal order, without repeated internal keys. */
export function sorted(entries: readonly Entry[]): Entry[] {
  const order = (a: Entry, b: Entry): number =>
    compareInternal(a.key, 0, a.key.length, a.sequence, b.key, 0, b.key.length, b.sequence);
  const all = [...entries].sort(order);
  return all.filter((entry, i) => i === 0 || order(all[i - 1], entry) !== 0);
}

export function addEntry(builder: TableBuilder, { key, sequence, value }: Entry): void {
  const kind = value === undefined ? KIND_DELETE : KIND_PUT;
  builder.add(key, 0, key.length, sequence, kind, value ?? key, 0, value?.length ?? 0);
}

/** The block of these entries as it stands at `offset`. */
export function encodeBlock(entries: readonly Entry[], offset = 0): Uint8Array {
  const builder = new BlockBuilder();
  for (const { key, sequence, value } of entries) {
    const shared = builder.shared(key, 0, key.length);
    const kind = value === undefined ? KIND_DELETE : KIND_PUT;
    builder.add(key, 0, key.length, shared, sequence, kind, value ?? key, 0, value?.length ?? 0);
  }
  return builder.finish(BLOCK_SEED, offset).slice();
}

export function buildTable(
  fs: FileSystem,
  entries: readonly Entry[],
  options: Partial<TableOptions> = {},
  identity: TableIdentity = IDENTITY,
): TableSummary {
  const path = pathOf(identity.fileNumber);
  const builder = new TableBuilder(fs, path, identity, { ...OPTIONS, ...options });
  for (const entry of entries) addEntry(builder, entry);
  return builder.finish();
}

/** Blocks of 1 KiB lie in frames of the cache, others in memory of their own. */
export function tableCache(
  fs: FileSystem,
  cacheBytes: number = 2 ** 20,
  maxOpenFiles = 10,
  mapped: boolean = TABLES_ARE_MAPPED,
): TableCache {
  const blocks = new BlockCache<CachedBlock>(cacheBytes);
  const files = mapped ? new MappingFileSystem(fs) : fs;
  return new TableCache(files, pathOf, DATABASE_ID, blocks, maxOpenFiles, 1024, mapped);
}

export function openTable(fs: FileSystem, cacheBytes?: number, fileNumber = 7, mapped?: boolean): Table {
  const bytes = fs.status(pathOf(fileNumber))?.bytes ?? 0;
  return tableCache(fs, cacheBytes, undefined, mapped).table(fileNumber, bytes);
}

/** One entry as text: what tests compare. */
export function show(key: Uint8Array, sequence: number, value: Uint8Array | undefined): string {
  return `${toHex(key)}@${sequence}=${value === undefined ? 'deleted' : toHex(value)}`;
}

export function showEntry(entry: Entry | undefined): string | undefined {
  return entry === undefined ? undefined : show(entry.key, entry.sequence, entry.value);
}

export function showCursor(cursor: Cursor): string | undefined {
  if (!cursor.valid) return undefined;
  const key = cursor.key.subarray(cursor.keyStart, cursor.keyStart + cursor.keyLength);
  const value = cursor.value.subarray(cursor.valueStart, cursor.valueStart + cursor.valueLength);
  return show(key, cursor.sequence, cursor.kind === KIND_DELETE ? undefined : value);
}

/** A lookup of the version that a reader at `sequence` sees. */
export function lookup(table: Table, key: Uint8Array, sequence: number): string | undefined {
  const result = new LookupResult();
  if (!table.get(key, 0, key.length, sequence, tableKeyHash(key, 0, key.length), result)) return undefined;
  const value = result.value.subarray(result.valueStart, result.valueStart + result.valueLength);
  return show(key, result.sequence, result.kind === KIND_DELETE ? undefined : value);
}

export function scanForward(cursor: Cursor): (string | undefined)[] {
  const seen: (string | undefined)[] = [];
  for (cursor.seekToFirst(); cursor.valid; cursor.next()) seen.push(showCursor(cursor));
  return seen;
}

export function scanBackward(cursor: Cursor): (string | undefined)[] {
  const seen: (string | undefined)[] = [];
  for (cursor.seekToLast(); cursor.valid; cursor.prev()) seen.push(showCursor(cursor));
  return seen;
}

/** The whole content of a file. */
export function readFile(fs: FileSystem, path: string): Uint8Array {
  const file = fs.openFile(path);
  const content = new Uint8Array(file.size);
  file.read(content, 0, content.length, 0);
  file.close();
  return content;
}

/** Puts a file of these bytes in the place of another. */
export function writeFile(fs: FileSystem, path: string, content: Uint8Array): void {
  if (fs.status(path) !== undefined) fs.remove(path);
  const file = fs.createFile(path);
  file.append(content);
  file.close();
}

/** A small deterministic generator (xorshift32), for test data. */
export function randomNumbers(seed: number): () => number {
  let state = seed | 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state >>> 0;
  };
}
