/**
 * A database that grows in a directory beside the one that was asked for, and moves there in one step when it
 * is complete: whoever finds a target finds all of it, also after a crash.
 *
 * A mark says that the directory was made for that and is not done; whoever comes next with the same work
 * removes what a crash has left there, and nothing that has no mark.
 */
import { LsmError } from '../errors.ts';
import { type FileSystem, joinPath } from '../fs/file-system.ts';
import { isWithin } from '../fs/paths.ts';
import { removeQuietly } from '../fs/remove-file.ts';
import { destroyDatabase } from './destroy.ts';
import { holdsDatabase } from './recovery.ts';

/** What a piece of work calls its things. */
export interface StagingNames {
  /** What the directory is called until it is complete, behind the name that it will have. */
  readonly suffix: string;
  /** The file that marks it. Nothing that holds data has this name. */
  readonly mark: string;
  /** The work, in messages: `import`. */
  readonly work: string;
}

export class StagedDirectory {
  /** Where the database grows. */
  readonly directory: string;
  readonly #fs: FileSystem;
  readonly #path: string;
  readonly #names: StagingNames;
  #begun = false;
  #madeWay = false;

  constructor(fs: FileSystem, path: string, names: StagingNames) {
    this.#fs = fs;
    this.#path = withoutTrailingSlash(path);
    this.#names = names;
    this.directory = this.#path + names.suffix;
  }

  /**
   * @throws LsmError `LSM_EXISTS` if there is anything at the target but an empty directory; `LSM_INVALID_ARGUMENT`
   * if it lies inside the source, which must not change
   */
  check(source: string): void {
    const file = this.#path;
    const status = this.#fs.status(file);
    if (status !== undefined && (status.kind !== 'directory' || this.#fs.list(file).length > 0)) {
      const advice = `${this.#names.work} into a directory that does not exist, or an empty one`;
      throw new LsmError('LSM_EXISTS', `${file} exists already; ${advice}`, { file });
    }
    if (!isWithin(file, source)) return;
    const message = `the target ${file} lies in the source ${source}; choose another directory`;
    throw new LsmError('LSM_INVALID_ARGUMENT', message, { file });
  }

  /**
   * Begins anew, whatever work that died has left.
   * @throws LsmError `LSM_EXISTS` if the directory that it needs is somebody else's; `LSM_LOCKED` if somebody is
   * at work there
   */
  begin(): void {
    this.#checkLeftBehind();
    this.#remove();
    this.#begun = true;
    this.#makeWay();
    this.#fs.makeDirectory(this.directory);
    this.#mark();
    // Before anything that a crash could leave without it.
    this.#fs.syncDirectory(this.directory);
  }

  /** Gives the database its place. It must be closed, and all of it synced. */
  complete(): void {
    this.#fs.rename(this.directory, this.#path);
    this.#fs.syncDirectory(parentOf(this.#path));
    // Somebody who began the same work between the release of its lock and the rename would have removed CURRENT
    // before anything else, and can't find the directory by its old name since.
    if (!holdsDatabase(this.#fs, this.#path)) throw this.#disturbed();
    // Where the database is now, the mark means nothing: no harm if it stays there.
    removeQuietly(this.#fs, joinPath(this.#path, this.#names.mark));
  }

  /** Leaves everything as it was found, for the sake of an error that says more than any that comes up here. */
  discard(): void {
    // What stays is removed by the next attempt at this target.
    if (this.#begun) attempt(() => this.#remove());
    if (this.#madeWay) attempt(() => this.#fs.makeDirectory(this.#path));
  }

  #mark(): void {
    try {
      this.#fs.createFile(joinPath(this.directory, this.#names.mark)).close();
    } catch (error) {
      // Somebody else was faster, and everything there is theirs.
      if (error instanceof LsmError && error.code === 'LSM_EXISTS') this.#begun = false;
      throw error;
    }
  }

  #checkLeftBehind(): void {
    const status = this.#fs.status(this.directory);
    if (status === undefined) return;
    // A link would have all of the work done where it leads.
    if (status.kind === 'directory' && status.isLink !== true) {
      const names = this.#fs.list(this.directory);
      if (names.length === 0 || names.includes(this.#names.mark)) return;
    }
    const { work } = this.#names;
    const message = `${this.directory} is needed for the ${work} and is no remains of one; move it away`;
    throw new LsmError('LSM_EXISTS', message, { file: this.directory });
  }

  /** Removes what grew there. The mark goes last: whatever interrupts this, the next attempt may go on with it. */
  #remove(): void {
    if (this.#fs.status(this.directory) === undefined) return;
    destroyDatabase(this.#fs, this.directory);
    const mark = joinPath(this.directory, this.#names.mark);
    if (this.#fs.status(mark) !== undefined) this.#fs.remove(mark);
    if (this.#fs.status(this.directory) !== undefined) this.#fs.removeDirectory(this.directory);
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
        `reason): ${this.#names.work} into a new directory in it`;
      throw new LsmError('LSM_IO', message, { file: this.#path, cause: error });
    }
    this.#madeWay = true;
  }

  #disturbed(): LsmError {
    const message = `${this.#path} was taken by another ${this.#names.work} meanwhile; remove it and try again`;
    return new LsmError('LSM_LOCKED', message, { file: this.#path });
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
