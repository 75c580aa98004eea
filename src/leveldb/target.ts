/**
 * The database that an import makes. It grows in a directory beside the one that was asked for, and moves
 * there in one step when it is complete: whoever finds a target finds all of it, also after a crash.
 */
import { MiniLsm } from '../db/mini-lsm.ts';
import { LsmError } from '../errors.ts';
import { type FileSystem, joinPath } from '../fs/file-system.ts';
import { isWithin } from '../fs/paths.ts';
import type { Options } from '../options.ts';

/** Says that a directory was made by an import and is not done. Nothing that holds data has this name. */
const MARK = 'IMPORTING';

export class Target {
  readonly #fs: FileSystem;
  readonly #path: string;
  /** Where it grows. */
  readonly #building: string;
  #db: MiniLsm | undefined;
  #begun = false;
  #madeWay = false;

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
    if (!isWithin(this.#path, source)) return;
    const message = `the target ${this.#path} lies in the source ${source}; choose another directory`;
    throw new LsmError('LSM_INVALID_ARGUMENT', message, { file: this.#path });
  }

  /**
   * Begins anew, whatever an import that died has left.
   * @throws LsmError `LSM_EXISTS` if the directory that it needs is somebody else's
   */
  open(options: Options): MiniLsm {
    this.#checkLeftBehind();
    this.#remove();
    this.#begun = true;
    this.#makeWay();
    this.#fs.makeDirectory(this.#building);
    this.#fs.createFile(joinPath(this.#building, MARK)).close();
    const db = MiniLsm.open(this.#building, { ...options, fileSystem: this.#fs, errorIfExists: true });
    this.#db = db;
    return db;
  }

  /** Closes the database and gives it its place. What was written to it must be synced. */
  complete(): void {
    this.#db?.close();
    this.#fs.rename(this.#building, this.#path);
    this.#fs.syncDirectory(parentOf(this.#path));
    // Where the database is now, the mark means nothing: no harm if a crash leaves it there.
    this.#fs.remove(joinPath(this.#path, MARK));
  }

  /** Leaves everything as it was found, for the sake of an error that says more than any that comes up here. */
  discard(): void {
    if (!this.#begun) return;
    // Closing a database that failed throws that failure once more.
    attempt(() => this.#db?.close());
    // What stays is removed by the next import into this target.
    attempt(() => this.#remove());
    if (this.#madeWay) attempt(() => this.#fs.makeDirectory(this.#path));
  }

  #checkLeftBehind(): void {
    const status = this.#fs.status(this.#building);
    if (status === undefined) return;
    if (status.kind === 'directory') {
      const names = this.#fs.list(this.#building);
      if (names.length === 0 || names.includes(MARK)) return;
    }
    const message = `${this.#building} is needed for the import and is no remains of one; move it away`;
    throw new LsmError('LSM_EXISTS', message, { file: this.#building });
  }

  /** Removes what grew there. The mark goes last: whatever interrupts this, the next import may go on with it. */
  #remove(): void {
    if (this.#fs.status(this.#building) === undefined) return;
    MiniLsm.destroy(this.#building, { fileSystem: this.#fs });
    const mark = joinPath(this.#building, MARK);
    if (this.#fs.status(mark) !== undefined) this.#fs.remove(mark);
    if (this.#fs.status(this.#building) !== undefined) this.#fs.removeDirectory(this.#building);
  }

  /**
   * Removes the empty directory of which the database takes the place: not every system lets a directory move
   * onto one, and none onto a link to one or a mount point, which is better known before the work than after.
   */
  #makeWay(): void {
    if (this.#fs.status(this.#path) === undefined) return;
    try {
      this.#fs.removeDirectory(this.#path);
    } catch (error) {
      const message =
        `${this.#path} is an empty directory that cannot be replaced (a mount point or a link may be the ` +
        'reason): import into a new directory in it';
      throw new LsmError('LSM_IO', message, { file: this.#path, cause: error });
    }
    this.#madeWay = true;
  }
}

function attempt(action: () => void): void {
  try {
    action();
  } catch {
    // see discard
  }
}

function withoutTrailingSlash(path: string): string {
  return path.length > 1 && path.endsWith('/') ? path.slice(0, -1) : path;
}

function parentOf(path: string): string {
  const slash = Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\'));
  return slash <= 0 ? '/' : path.slice(0, slash);
}
