/**
 * Checks the invariants of a Version. Cheap enough to run after every step of a test and whenever a
 * database is verified.
 */
import { compareKeys } from '../bytes/compare.ts';
import { corruption, LsmError } from '../errors.ts';
import type { FileSystem } from '../fs/file-system.ts';
import { tablePath } from './file-names.ts';
import { type TableMeta, tableFault } from './table-meta.ts';
import type { Version } from './version.ts';

/** Where the files of a Version are. */
export interface VersionFiles {
  readonly fs: FileSystem;
  readonly directory: string;
}

/**
 * @throws LsmError `LSM_INTERNAL` for a Version that breaks an invariant; with `files`, `LSM_CORRUPTION`
 * naming a table that is missing or has another size than the Version says.
 */
export function checkVersion(version: Version, files?: VersionFiles): void {
  const seen = new Set<number>();
  version.levels.forEach((tables, level) => {
    for (const table of tables) {
      const fault = tableFault(table);
      if (fault !== undefined) throw broken(table, level, `has ${fault}`);
      if (seen.has(table.fileNumber)) throw broken(table, level, 'stands in the Version twice');
      seen.add(table.fileNumber);
      if ((table.epoch === 0) !== level > 0) throw broken(table, level, `has epoch ${table.epoch}`);
    }
    for (let at = 1; at < tables.length; at++) checkNeighbours(tables[at - 1], tables[at], level);
  });
  checkSingleKeys(version);
  if (files !== undefined) checkFiles(version, files);
}

function checkNeighbours(before: TableMeta, after: TableMeta, level: number): void {
  if (level > 0) {
    if (compareKeys(before.largest, after.smallest) < 0) return;
    throw broken(after, level, `is not above table ${before.fileNumber}, which stands before it`);
  }
  if (before.epoch <= after.epoch) throw broken(after, level, 'is not older than the one before it');
  // Memtables follow each other, so the flush of a newer one holds only newer sequence numbers.
  if (before.minSequence > after.maxSequence) return;
  throw broken(after, level, `holds sequence numbers of the newer table ${before.fileNumber}`);
}

/**
 * Newer above older. Two tables that overlap need not hold the same keys, so ranges prove nothing about
 * their sequence numbers; but a table of a single user key does: what lies in it is newer than anything
 * that a single-key table of the same key holds further down.
 */
function checkSingleKeys(version: Version): void {
  const newest = new Map<string, TableMeta>();
  version.levels.forEach((tables, level) => {
    for (const table of tables) {
      if (compareKeys(table.smallest, table.largest) !== 0) continue;
      const key = table.smallest.join();
      const above = newest.get(key);
      if (above !== undefined && above.minSequence <= table.maxSequence) {
        throw broken(table, level, `holds newer versions of its key than table ${above.fileNumber} above it`);
      }
      newest.set(key, table);
    }
  });
}

function checkFiles(version: Version, { fs, directory }: VersionFiles): void {
  for (const tables of version.levels) {
    for (const { fileNumber, fileBytes } of tables) {
      const path = tablePath(directory, fileNumber);
      const status = fs.status(path);
      if (status === undefined) throw corruption(path, 0, 'the file is missing');
      if (status.kind !== 'file') throw corruption(path, 0, 'it is not a file');
      if (status.bytes !== fileBytes) {
        throw corruption(path, Math.min(status.bytes, fileBytes), `${status.bytes} bytes, not ${fileBytes}`);
      }
    }
  }
}

function broken(table: TableMeta, level: number, what: string): LsmError {
  return new LsmError('LSM_INTERNAL', `table ${table.fileNumber} in L${level} ${what}; please report this`);
}
