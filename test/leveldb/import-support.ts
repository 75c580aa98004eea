/** Imports within memory, and what came of them. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ClassicLevel } from 'classic-level';
import { MiniLsm } from '../../src/db/mini-lsm.ts';
import { LsmError, type LsmErrorCode } from '../../src/errors.ts';
import { type FileSystem, joinPath } from '../../src/fs/file-system.ts';
import { MemoryFileSystem } from '../../src/fs/memory-file-system.ts';
import { type ImportOptions, type ImportReport, importLevelDB } from '../../src/leveldb/import-leveldb.ts';
import { OpenFilesFileSystem } from '../simulation/open-files-file-system.ts';
import { SOURCE, TARGET } from './builders.ts';

export type Contents = ReadonlyMap<string, string>;

/** Small, so that a test may import thousands of times. */
export const SMALL: ImportOptions = { memtableBytes: 64 * 1024, cacheBytes: 0, background: 'inline' };

/** A database that opens LevelDB's way, with keys and values as bytes. */
export type Classic = ClassicLevel<Uint8Array, Uint8Array>;

export interface ClassicOptions {
  readonly compression?: boolean;
  readonly writeBufferSize?: number;
  readonly maxFileSize?: number;
  readonly blockSize?: number;
  readonly blockRestartInterval?: number;
}

/** Opens a LevelDB directory, uses and closes it. */
export async function withClassic<T>(
  path: string,
  use: (db: Classic) => Promise<T>,
  options: ClassicOptions = {},
): Promise<T> {
  const db: Classic = new ClassicLevel(path, { keyEncoding: 'view', valueEncoding: 'view', ...options });
  await db.open();
  try {
    return await use(db);
  } finally {
    await db.close();
  }
}

/** Everything that classic-level's iterator gives, in hexadecimal digits. */
export async function classicContents(db: Classic): Promise<Contents> {
  const contents = new Map<string, string>();
  for await (const [key, value] of db.iterator()) contents.set(hex(key), hex(value));
  return contents;
}

export function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}

/** The files of a directory, without those of directories in it. */
export function readDirectory(path: string): Map<string, Uint8Array> {
  const names = readdirSync(path, { withFileTypes: true }).filter((entry) => entry.isFile());
  return new Map(names.map(({ name }) => [name, new Uint8Array(readFileSync(join(path, name)))]));
}

/** The same files as {@link SOURCE} in memory. */
export function inMemory(files: ReadonlyMap<string, Uint8Array>): MemoryFileSystem {
  const fs = new MemoryFileSystem();
  fs.makeDirectory(SOURCE);
  for (const [name, bytes] of files) {
    const file = fs.createFile(joinPath(SOURCE, name));
    file.append(bytes);
    file.close();
  }
  return fs;
}

export interface Imported {
  readonly report: ImportReport;
  readonly contents: Contents;
}

/** Imports {@link SOURCE} and reads what is in the target then; nothing is left, or left open, when it fails. */
export async function importFrom(fs: FileSystem, options: ImportOptions = {}): Promise<Imported> {
  const watched = new OpenFilesFileSystem(fs);
  let report: ImportReport;
  try {
    report = await importLevelDB(SOURCE, TARGET, { ...SMALL, ...options, fileSystem: watched });
    assert.deepEqual(watched.openPaths(), []);
  } catch (error) {
    assert.deepEqual(watched.openPaths(), []);
    assert.equal(fs.status(TARGET), undefined, 'no target is left');
    assert.equal(fs.status(`${TARGET}.importing`), undefined, 'nor what was to become it');
    throw error;
  }
  const contents = contentsOf(TARGET, fs);
  assert.equal(report.entries, contents.size);
  return { report, contents };
}

/** What is in a database of ours, in hexadecimal digits. */
export function contentsOf(path: string, fileSystem?: FileSystem): Contents {
  const db = MiniLsm.open(path, { ...(fileSystem && { fileSystem }), createIfMissing: false });
  try {
    assert.deepEqual(db.verify().problems, []);
    return new Map([...db.scan()].map(([key, value]) => [hex(key), hex(value)]));
  } finally {
    db.close();
  }
}

/** The `LsmError` of that code with which something rejects. */
export async function rejection(code: LsmErrorCode, promise: Promise<unknown>): Promise<LsmError> {
  let result: unknown;
  try {
    result = await promise;
  } catch (error) {
    if (!(error instanceof LsmError)) throw error;
    assert.equal(error.code, code, error.message);
    return error;
  }
  assert.fail(`${code} was expected, and ${JSON.stringify(result)} came back`);
}
