/**
 * What the manifests say on the disk, and what they may say: after an append whose sync has not returned,
 * or failed, a crash may leave the tree with that edit or without it. A file that either of them needs must
 * not be removed.
 */
import { LsmError } from '../../src/errors.ts';
import type { FileSystem } from '../../src/fs/file-system.ts';
import { Manifest } from '../../src/version/manifest.ts';
import type { VersionEdit } from '../../src/version/version-edit.ts';

/** The files that one manifest needs. */
class Needs {
  readonly tables = new Set<number>();
  readonly logs = new Set<number>();
  unsynced: VersionEdit[] = [];

  sync(): void {
    for (const edit of this.unsynced) {
      for (const { fileNumber } of edit.deleted) this.tables.delete(fileNumber);
      for (const { table } of edit.added) this.tables.add(table.fileNumber);
      for (const log of edit.addedLogs ?? []) this.logs.add(log);
      for (const log of this.logs) if (log < (edit.logNumber ?? 0)) this.logs.delete(log);
    }
    this.unsynced = [];
  }

  has(number: number): boolean {
    if (this.tables.has(number) || this.logs.has(number)) return true;
    return this.unsynced.some(
      (edit) =>
        edit.added.some(({ table }) => table.fileNumber === number) ||
        edit.addedLogs?.includes(number) === true,
    );
  }
}

export class DurableTree {
  readonly #manifests = new Map<number, Needs>();
  /** The manifests that CURRENT may name after a crash: two between its rename and the directory's sync. */
  #live: number[] = [];
  /** What CURRENT names in memory, if its directory has not been synced since it moved. */
  #next: number | undefined;
  #moved = false;

  /** Starts from what is on the disk. */
  load(fs: FileSystem, directory: string): void {
    this.#manifests.clear();
    this.#live = [];
    this.#moved = false;
    try {
      const { manifestNumber, version, logs } = Manifest.recover(fs, directory);
      const needs = this.#needs(manifestNumber);
      for (const level of version.levels) for (const table of level) needs.tables.add(table.fileNumber);
      for (const log of logs) needs.logs.add(log);
      this.#live = [manifestNumber];
    } catch (error) {
      // No database, or a damaged one, which the engine must refuse: nothing is known to be needed.
      if (!(error instanceof LsmError)) throw error;
    }
  }

  append(manifest: number, edit: VersionEdit): void {
    this.#needs(manifest).unsynced.push(edit);
  }

  sync(manifest: number): void {
    this.#needs(manifest).sync();
  }

  /** CURRENT was renamed to name this manifest, or removed. */
  moveCurrent(manifest: number | undefined): void {
    this.#next = manifest;
    this.#moved = true;
    if (manifest !== undefined) this.#live.push(manifest);
  }

  syncDirectory(): void {
    if (!this.#moved) return;
    this.#live = this.#next === undefined ? [] : [this.#next];
    this.#moved = false;
  }

  /** Whether a crash now could leave a database that needs the file of this number. */
  needs(number: number): boolean {
    return this.#live.some((manifest) => manifest === number || this.#needs(manifest).has(number));
  }

  #needs(manifest: number): Needs {
    let needs = this.#manifests.get(manifest);
    if (needs === undefined) {
      needs = new Needs();
      this.#manifests.set(manifest, needs);
    }
    return needs;
  }
}
