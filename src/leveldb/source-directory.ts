/**
 * What an import reads: the tables and logs of a LevelDB directory that its manifest says are live. Nothing
 * in the directory is changed, not even its LOCK or its LOG.
 *
 * LevelDB holds its LOCK by a lock of the operating system, which cannot be asked for without native code.
 * So whoever imports must see to it that nobody has the directory open; when somebody has, this is noticed
 * afterwards, by a CURRENT, manifest or log that is no longer what it was.
 */
import { equalBytes } from '../bytes/compare.ts';
import { corruption, LsmError } from '../errors.ts';
import { type FileSystem, fileBytes, joinPath } from '../fs/file-system.ts';
import { CURRENT_FILE_NAME } from '../version/file-names.ts';
import { levelDbManifestName, readLevelDbCurrent } from '../version/leveldb-directory.ts';
import { type Damage, damagedPart } from './damage.ts';
import { logName, logNumber, tableNames } from './file-names.ts';
import { type LevelDbManifest, readLevelDbManifest } from './manifest.ts';
import type { LevelDbTableFile } from './table-cursor.ts';
import type { LevelDbTableMeta } from './version-edit.ts';

/** "MLSMCUR": how our own CURRENT begins. */
const OUR_MAGIC: Uint8Array = Uint8Array.of(0x4d, 0x4c, 0x53, 0x4d, 0x43, 0x55, 0x52);

export interface LevelDbLogFile {
  readonly path: string;
  readonly bytes: number;
}

export interface SourceDirectory {
  readonly directory: string;
  readonly current: Uint8Array;
  readonly manifest: LevelDbManifest;
  /** L0 first, as in the manifest; those that are missing are left out. */
  readonly levels: readonly (readonly LevelDbTableFile[])[];
  /** From the oldest to the newest. */
  readonly logs: readonly LevelDbLogFile[];
  /** Bytes of all tables and logs. */
  readonly bytes: number;
}

/**
 * Finds out what there is to read, and that all of it is there.
 * @throws LsmError `LSM_NOT_FOUND` if there is no database; `LSM_INVALID_ARGUMENT` for something else than
 *   LevelDB's; `LSM_CORRUPTION`; `LSM_UNSUPPORTED_FORMAT`; `LSM_IO`.
 */
export function openSource(fs: FileSystem, directory: string, damage: Damage): SourceDirectory {
  const current = currentOf(fs, directory);
  const name = levelDbManifestName(current);
  if (name === undefined) throw notLevelDb(directory, current);
  const manifest = readLevelDbManifest(fs, directory, name);
  const levels = manifest.levels.map((tables) =>
    tables.flatMap((table) => findTable(fs, directory, table, damage) ?? []),
  );
  const logs = liveLogs(fs, directory, manifest);
  checkFirstLog(fs, directory, manifest, damage);
  let bytes = 0;
  for (const file of [...levels.flat(), ...logs]) bytes += file.bytes;
  return { directory, current, manifest, levels, logs, bytes };
}

/** Whether somebody wrote to the directory since it was opened here. */
export function hasChanged(fs: FileSystem, source: SourceDirectory): boolean {
  const { directory, current, manifest } = source;
  const now = readLevelDbCurrent(fs, directory);
  if (now === undefined || !equalBytes(now, 0, now.length, current, 0, current.length)) return true;
  if (fs.status(manifest.path)?.bytes !== manifest.bytes) return true;
  const logs = liveLogs(fs, directory, manifest);
  return JSON.stringify(logs) !== JSON.stringify(source.logs);
}

function currentOf(fs: FileSystem, directory: string): Uint8Array {
  const status = fs.status(directory);
  if (status === undefined) {
    throw new LsmError('LSM_NOT_FOUND', `${directory} does not exist; check the path`, { file: directory });
  }
  if (status.kind !== 'directory') {
    const message = `${directory} is not a directory, and a LevelDB database is one; check the path`;
    throw new LsmError('LSM_INVALID_ARGUMENT', message, { file: directory });
  }
  const current = readLevelDbCurrent(fs, directory);
  if (current !== undefined) return current;
  const message = `there is no LevelDB database in ${directory}: it has no file CURRENT; check the path`;
  throw new LsmError('LSM_NOT_FOUND', message, { file: directory });
}

function notLevelDb(directory: string, current: Uint8Array): LsmError {
  if (equalBytes(current, 0, OUR_MAGIC.length, OUR_MAGIC, 0, OUR_MAGIC.length)) {
    const message = `${directory} is a database of mini-lsm already: there is nothing to import; open it`;
    return new LsmError('LSM_INVALID_ARGUMENT', message, { file: directory });
  }
  const path = joinPath(directory, CURRENT_FILE_NAME);
  return corruption(path, 0, 'it does not hold the name of a manifest; restore it from a backup');
}

function findTable(
  fs: FileSystem,
  directory: string,
  table: LevelDbTableMeta,
  damage: Damage,
): LevelDbTableFile | undefined {
  const paths = tableNames(table.number).map((name) => joinPath(directory, name));
  const path = paths.find((candidate) => fs.status(candidate) !== undefined);
  if (path !== undefined) return { ...table, path };
  const error = damagedPart(paths[0], 0, 'the manifest names it, and it is missing');
  damage.met(error, paths[0], 0, table.bytes);
  return undefined;
}

function liveLogs(fs: FileSystem, directory: string, manifest: LevelDbManifest): LevelDbLogFile[] {
  const isLive = (number: number): boolean =>
    number >= manifest.logNumber || (number > 0 && number === manifest.previousLogNumber);
  return fs
    .list(directory)
    .flatMap((name) => {
      const number = logNumber(name);
      return number !== undefined && isLive(number) ? { name, number } : [];
    })
    .sort((a, b) => a.number - b.number)
    .map(({ name }) => {
      const path = joinPath(directory, name);
      return { path, bytes: fileBytes(fs, path) };
    });
}

/**
 * LevelDB makes a log before it names it in the manifest, and removes it after a later edit: a missing one
 * means that it, or the end of the manifest, was lost. A repaired database names log 0, which never is.
 */
function checkFirstLog(
  fs: FileSystem,
  directory: string,
  { logNumber }: LevelDbManifest,
  damage: Damage,
): void {
  if (logNumber === 0) return;
  const path = joinPath(directory, logName(logNumber));
  if (fs.status(path) !== undefined) return;
  damage.met(damagedPart(path, 0, 'the manifest names it, and it is missing'), path, 0, 0);
}
