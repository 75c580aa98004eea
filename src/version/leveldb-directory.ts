/**
 * Tells LevelDB's directories from ours. They look alike (both have a CURRENT, manifests and numbered
 * files), so whoever opens or removes a database asks here first: not a byte of theirs may be touched.
 *
 * LevelDB's CURRENT is the name of its manifest and a line end, as text. RocksDB's is the same.
 */
import { LsmError } from '../errors.ts';
import { type FileSystem, joinPath, readWholeFile } from '../fs/file-system.ts';
import { CURRENT_FILE_NAME } from './file-names.ts';

/** More than the longest CURRENT of LevelDB, bytes. */
const LIMIT = 64;

/** The name of the manifest in the bytes of a CURRENT; undefined unless LevelDB wrote it. */
export function levelDbManifestName(current: Uint8Array): string | undefined {
  const match = /^(MANIFEST-\d{1,20})\n$/.exec(String.fromCharCode(...current.subarray(0, LIMIT)));
  return match === null || current.length >= LIMIT ? undefined : match[1];
}

/** The first bytes of CURRENT, enough for {@link levelDbManifestName}; undefined where there is none. */
export function readLevelDbCurrent(fs: FileSystem, directory: string): Uint8Array | undefined {
  return ifThere(() => readWholeFile(fs, joinPath(directory, CURRENT_FILE_NAME), LIMIT));
}

/**
 * @throws LsmError `LSM_UNSUPPORTED_FORMAT` for the directory of a LevelDB database, also of one that has lost
 *   its CURRENT.
 */
export function refuseLevelDb(fs: FileSystem, directory: string): void {
  const current = readLevelDbCurrent(fs, directory);
  const isTheirs =
    current === undefined
      ? ifThere(() => fs.list(directory))?.some((name) => /^\d{6,}\.(ldb|log)$/.test(name)) === true
      : levelDbManifestName(current) !== undefined;
  if (!isTheirs) return;
  const message =
    `${directory} holds a LevelDB database; bring its data into a new directory with the command ` +
    `mini-lsm import ${directory} <new directory>, or with importLevelDB()`;
  throw new LsmError('LSM_UNSUPPORTED_FORMAT', message, { file: directory });
}

/** Nothing is locked here: somebody may be removing the directory. */
function ifThere<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof LsmError && error.code === 'LSM_NOT_FOUND') return undefined;
    throw error;
  }
}
