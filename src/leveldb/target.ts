/** The database that an import makes, in a {@link StagedDirectory}. */
import { MiniLsm } from '../db/mini-lsm.ts';
import { StagedDirectory } from '../db/staged-directory.ts';
import type { FileSystem } from '../fs/file-system.ts';
import type { Options } from '../options.ts';

const NAMES = { suffix: '.importing', mark: 'IMPORTING', work: 'import' } as const;

export class Target {
  readonly #fs: FileSystem;
  readonly #staged: StagedDirectory;
  #db: MiniLsm | undefined;

  constructor(fs: FileSystem, path: string) {
    this.#fs = fs;
    this.#staged = new StagedDirectory(fs, path, NAMES);
  }

  /** @throws LsmError as {@link StagedDirectory.check} */
  check(source: string): void {
    this.#staged.check(source);
  }

  /** A new database, whatever an import that died has left. @throws LsmError as {@link StagedDirectory.begin} */
  open(options: Options): MiniLsm {
    this.#staged.begin();
    const given = { ...options, fileSystem: this.#fs, errorIfExists: true };
    this.#db = MiniLsm.open(this.#staged.directory, given);
    return this.#db;
  }

  /** Closes the database and gives it its place. What was written to it must be synced. */
  complete(): void {
    this.#db?.close();
    this.#staged.complete();
  }

  /** Leaves everything as it was found, for the sake of an error that says more than any that comes up here. */
  discard(): void {
    try {
      this.#db?.close();
    } catch {
      // Closing a database that failed throws that failure once more.
    }
    this.#staged.discard();
  }
}
