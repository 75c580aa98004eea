/**
 * The current Version and the older ones that somebody still reads from. It knows which files are needed:
 * a file is obsolete when the last live Version that names it is gone, and is then reported once.
 *
 * Versions are numbered as they are installed. A file lives from the Version that added it to the last one
 * before it was deleted, so it is enough to look whether a live Version lies in that stretch: an old reader
 * holds back only the files that it can see, and installing costs what the edit costs.
 */
import type { Version } from './version.ts';
import type { VersionEdit } from './version-edit.ts';

/** A deleted file and the first and last Version that name it. */
interface DeadFile {
  readonly fileNumber: number;
  readonly first: number;
  readonly last: number;
}

export class VersionSet {
  readonly #onObsolete: (fileNumber: number) => void;
  /** Number of each live Version; the current one is among them. */
  readonly #live = new Map<Version, number>();
  /** The Version that added each file of the current one. */
  readonly #born = new Map<number, number>();
  #dead: DeadFile[] = [];
  #current: Version;
  #number = 0;

  /** `onObsolete` is told of every table file that no live Version names any more; it must not throw. */
  constructor(initial: Version, onObsolete: (fileNumber: number) => void) {
    this.#onObsolete = onObsolete;
    this.#current = initial;
    for (const tables of initial.levels) for (const table of tables) this.#born.set(table.fileNumber, 0);
    this.#adopt(initial);
  }

  get current(): Version {
    return this.#current;
  }

  /** How many Versions are alive, the current one included. */
  get liveCount(): number {
    return this.#live.size;
  }

  /** How many files wait for a reader of an older Version. */
  get heldFileCount(): number {
    return this.#dead.length;
  }

  /** Whether a live Version names this table file. */
  needs(fileNumber: number): boolean {
    return this.#born.has(fileNumber) || this.#dead.some((file) => file.fileNumber === fileNumber);
  }

  /**
   * Makes the Version after an edit current. Build `next` before the edit goes to the manifest: an edit that
   * breaks an invariant is refused there, and nothing can fail any more once it is durable.
   */
  install(edit: VersionEdit, next: Version = this.#current.apply(edit)): void {
    const previous = this.#current;
    const added = new Set(edit.added.map(({ table }) => table.fileNumber));
    for (const { fileNumber } of edit.deleted) {
      if (added.has(fileNumber)) continue; // it moved
      // Only what the current Version names can be deleted, and all of that was born.
      const first = this.#born.get(fileNumber) as number;
      this.#dead.push({ fileNumber, first, last: this.#number });
      this.#born.delete(fileNumber);
    }
    this.#number++;
    for (const fileNumber of added) {
      if (!this.#born.has(fileNumber)) this.#born.set(fileNumber, this.#number);
    }
    this.#current = next;
    this.#adopt(next);
    previous.unref();
  }

  #adopt(version: Version): void {
    this.#live.set(version, this.#number);
    version.onRelease = (released) => this.#release(released);
    version.ref();
  }

  #release(version: Version): void {
    this.#live.delete(version);
    if (this.#dead.length === 0) return;
    const numbers = [...this.#live.values()];
    const needed = ({ first, last }: DeadFile) => numbers.some((number) => number >= first && number <= last);
    const free = this.#dead.filter((file) => !needed(file));
    this.#dead = this.#dead.filter(needed);
    for (const { fileNumber } of free) this.#onObsolete(fileNumber);
  }
}
