/**
 * Appends to the manifest of an open database and begins a new one when it has grown: a manifest is a log of
 * changes, and the same state as one record is much shorter.
 */
import type { FileSystem } from '../fs/file-system.ts';
import { manifestPath } from '../version/file-names.ts';
import { Manifest, snapshotOf } from '../version/manifest.ts';
import type { Version } from '../version/version.ts';
import type { VersionEdit } from '../version/version-edit.ts';
import type { LoggedMemTable } from './read-view.ts';

/** What a manifest says besides the tables. */
export interface ManifestState {
  readonly lastSequence: number;
  readonly nextEpoch: number;
}

export class ManifestKeeper {
  readonly #fs: FileSystem;
  readonly #directory: string;
  readonly #databaseId: Uint8Array;
  readonly #allocateFileNumber: () => number;
  readonly #growthBytes: number;
  #manifest: Manifest;
  #number: number;
  #state: ManifestState;
  /** Up to which number the live manifest says that numbers are taken. */
  #takenNumbers = 0;
  /** Why the last rewriting failed. */
  #failure: unknown;
  /** Size from which it is rewritten. */
  #limit = 0;

  /** Begins the first manifest of this session, which {@link install} completes. */
  constructor(
    fs: FileSystem,
    directory: string,
    databaseId: Uint8Array,
    allocateFileNumber: () => number,
    growthBytes: number,
    state: ManifestState,
  ) {
    this.#fs = fs;
    this.#directory = directory;
    this.#databaseId = databaseId;
    this.#allocateFileNumber = allocateFileNumber;
    this.#growthBytes = growthBytes;
    this.#state = state;
    this.#number = allocateFileNumber();
    this.#manifest = Manifest.begin(fs, directory, databaseId, this.#number);
  }

  /** Makes the first manifest current. Its name, and what it names, is on the disk. */
  install(version: Version, logs: readonly number[]): void {
    this.#manifest.install(this.#fs, this.#directory, this.#snapshot(this.#number, version, logs));
    this.#limit = this.#manifest.size + this.#growthBytes;
  }

  /** File number of the live manifest. */
  get number(): number {
    return this.#number;
  }

  get size(): number {
    return this.#manifest.size;
  }

  /** The epoch of the next table at L0. */
  get nextEpoch(): number {
    return this.#state.nextEpoch;
  }

  /** @throws LsmError also when an earlier rewriting failed: then nobody knows which manifest is the live one. */
  append(edit: VersionEdit): void {
    if (this.#failure !== undefined) throw this.#failure;
    this.#manifest.append(edit);
    this.#takenNumbers = Math.max(this.#takenNumbers, edit.nextFileNumber ?? 0);
    this.#state = {
      lastSequence: edit.lastSequence ?? this.#state.lastSequence,
      nextEpoch: edit.nextEpoch ?? this.#state.nextEpoch,
    };
  }

  /**
   * Makes sure that no number below this one is ever used again: the files of jobs that were given up are gone,
   * and so is every other trace of their numbers.
   */
  takeFileNumbers(below: number): void {
    if (below > this.#takenNumbers) this.append({ added: [], deleted: [], nextFileNumber: below });
  }

  /**
   * Begins a new manifest with the state as it is, if the old one has grown past its bound; returns the path
   * of the old one, which nobody needs any more.
   */
  rewriteIfGrown(version: Version, memtables: readonly LoggedMemTable[]): string | undefined {
    if (this.#manifest.size < this.#limit) return undefined;
    const oldNumber = this.#number;
    const oldManifest = this.#manifest;
    const number = this.#allocateFileNumber();
    const logs = memtables.map(({ log }) => log).reverse();
    try {
      const snapshot = this.#snapshot(number, version, logs);
      this.#manifest = Manifest.create(this.#fs, this.#directory, this.#databaseId, number, snapshot);
    } catch (error) {
      this.#failure = error;
      throw error;
    }
    this.#number = number;
    this.#limit = this.#manifest.size + this.#growthBytes;
    oldManifest.close();
    return manifestPath(this.#directory, oldNumber);
  }

  close(): void {
    this.#manifest.close();
  }

  /** Closes it with the mark that every log is complete. */
  finish(): void {
    try {
      if (this.#failure === undefined) this.#manifest.finish();
    } catch {
      // Without the mark it is that of a process that died, which costs nothing but the mark.
    } finally {
      this.#manifest.close();
    }
  }

  /** The state as it is, for the manifest of that number. */
  #snapshot(number: number, version: Version, logs: readonly number[]): VersionEdit {
    this.#takenNumbers = number + 1;
    return snapshotOf(version, {
      logNumber: logs[0],
      addedLogs: logs,
      nextFileNumber: number + 1,
      lastSequence: this.#state.lastSequence,
      nextEpoch: this.#state.nextEpoch,
    });
  }
}
