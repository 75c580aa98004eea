/**
 * The database that an import makes. It grows in a directory beside the one that was asked for, and moves
 * there in one step when it is complete: whoever finds a target finds all of it, also after a crash.
 */
import { MiniLsm } from '../db/mini-lsm.ts';
import { LsmError } from '../errors.ts';
import type { FileSystem } from '../fs/file-system.ts';
import type { Options } from '../options.ts';

export class Target {
  readonly #fs: FileSystem;
  readonly #path: string;
  /** Where it grows. */
  readonly #building: string;
  #db: MiniLsm | undefined;

  /** @throws LsmError `LSM_EXISTS` if there is anything in the directory. */
  constructor(fs: FileSystem, path: string) {
    this.#fs = fs;
    this.#path = withoutTrailingSlash(path);
    this.#building = `${this.#path}.importing`;
    const status = fs.status(path);
    if (status === undefined || (status.kind === 'directory' && fs.list(path).length === 0)) return;
    const message = `${path} exists already; import into a directory that does not exist, or an empty one`;
    throw new LsmError('LSM_EXISTS', message, { file: path });
  }

  /** @throws LsmError `LSM_INVALID_ARGUMENT` for a target inside the source, which must not change. */
  checkApartFrom(source: string): void {
    if (!`${this.#path}/`.startsWith(`${withoutTrailingSlash(source)}/`)) return;
    const message = `the target ${this.#path} lies in the source ${source}; choose another directory`;
    throw new LsmError('LSM_INVALID_ARGUMENT', message, { file: this.#path });
  }

  /** Begins anew, whatever an import that died has left. */
  open(options: Options): MiniLsm {
    MiniLsm.destroy(this.#building, { fileSystem: this.#fs });
    const db = MiniLsm.open(this.#building, { ...options, fileSystem: this.#fs, errorIfExists: true });
    this.#db = db;
    return db;
  }

  /** Closes the database and gives it its place. What was written to it must be synced. */
  complete(): void {
    this.#db?.close();
    // Not every system lets a directory take the place of an empty one.
    if (this.#fs.status(this.#path) !== undefined) this.#fs.removeDirectory(this.#path);
    this.#fs.rename(this.#building, this.#path);
    this.#fs.syncDirectory(parentOf(this.#path));
  }

  /** Removes what there is of it, for the sake of an error that says more than any that comes up here. */
  discard(): void {
    if (this.#db === undefined) return;
    try {
      this.#db.close();
    } catch {
      // Closing a database that failed throws that failure once more.
    }
    try {
      MiniLsm.destroy(this.#building, { fileSystem: this.#fs });
    } catch {
      // The next import into this target begins by removing it.
    }
  }
}

function withoutTrailingSlash(path: string): string {
  return path.length > 1 && path.endsWith('/') ? path.slice(0, -1) : path;
}

function parentOf(path: string): string {
  const slash = Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\'));
  return slash <= 0 ? '/' : path.slice(0, slash);
}
