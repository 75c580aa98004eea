/**
 * Checks single files of a database against what its manifest says of them: tables and write-ahead logs as they
 * lie on the disk, past every cache. For databases that are open and for those that are not.
 */

import { compareKeys } from '../bytes/compare.ts';
import { BlockCache } from '../cache/block-cache.ts';
import { corruption } from '../errors.ts';
import type { FileSystem } from '../fs/file-system.ts';
import { Table } from '../sstable/table.ts';
import type { TableSummary } from '../sstable/table-summary.ts';
import { tablePath } from '../version/file-names.ts';
import type { TableMeta } from '../version/table-meta.ts';
import type { Version } from '../version/version.ts';

/** Where the files are, and whose they are. */
export interface StoredFiles {
  readonly fs: FileSystem;
  readonly directory: string;
  /** 16 bytes. */
  readonly databaseId: Uint8Array;
}

/**
 * Reads every byte of a table.
 * @throws LsmError `LSM_CORRUPTION` at the first thing that is wrong, also when the table is missing, has
 * another length, or is another one than the manifest speaks of
 */
export function checkTable(files: StoredFiles, meta: TableMeta): void {
  const { fs, directory, databaseId } = files;
  const { fileNumber } = meta;
  const path = tablePath(directory, fileNumber);
  checkLength(fs, path, meta.fileBytes);
  const file = fs.openFile(path);
  try {
    const table = new Table(file, { databaseId, fileNumber }, new BlockCache(0, 1));
    if (isSameTable({ ...table.properties, ...table.verify() }, meta)) return;
    throw corruption(path, 0, 'it holds another range or number of entries than the manifest says');
  } finally {
    file.close();
  }
}

/** @throws LsmError `LSM_CORRUPTION` if a table is missing or is not as long as the manifest says. */
export function checkLength(fs: FileSystem, path: string, bytes: number): void {
  const status = fs.status(path);
  if (status === undefined) throw corruption(path, 0, 'the manifest names it, and it is missing');
  if (status.kind !== 'file') throw corruption(path, 0, 'it is not a file');
  if (status.bytes === bytes) return;
  const what = `it has ${status.bytes} bytes, and the manifest says ${bytes}`;
  throw corruption(path, Math.min(status.bytes, bytes), what);
}

/** Whether a table is the one that the manifest speaks of. */
export function isSameTable(found: TableSummary, meta: TableSummary): boolean {
  return (
    found.entryCount === meta.entryCount &&
    found.tombstoneCount === meta.tombstoneCount &&
    found.minSequence === meta.minSequence &&
    found.maxSequence === meta.maxSequence &&
    compareKeys(found.smallest, meta.smallest) === 0 &&
    compareKeys(found.largest, meta.largest) === 0
  );
}

/** Whether two Versions have the same tables in the same places. */
export function sameTables(a: Version, b: Version): boolean {
  const depth = Math.max(a.levels.length, b.levels.length);
  for (let level = 0; level < depth; level++) {
    const ours = a.levels[level] ?? [];
    const theirs = b.levels[level] ?? [];
    const isSame = ours.every(
      ({ fileNumber, epoch }, i) => fileNumber === theirs[i]?.fileNumber && epoch === theirs[i]?.epoch,
    );
    if (ours.length !== theirs.length || !isSame) return false;
  }
  return true;
}
