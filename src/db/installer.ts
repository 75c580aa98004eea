/**
 * Takes changes of the tree into effect, always in the same order: the edit is durable in the manifest, then
 * the new Version is visible, then the files that it made superfluous are removed.
 */
import { LsmError } from '../errors.ts';
import { joinPath } from '../fs/file-system.ts';
import { parseFileName, tablePath } from '../version/file-names.ts';
import type { VersionEdit } from '../version/version-edit.ts';
import type { VersionSet } from '../version/version-set.ts';
import type { Core } from './core.ts';
import type { ManifestKeeper } from './manifest-keeper.ts';
import { type LoggedMemTable, ReadView } from './read-view.ts';

export class Installer {
  readonly #core: Core;
  readonly #versions: VersionSet;
  readonly #manifest: ManifestKeeper;
  /** Files that could not be removed yet; the next open would find them as orphans. */
  #leftovers: string[] = [];

  constructor(core: Core, versions: VersionSet, manifest: ManifestKeeper) {
    this.#core = core;
    this.#versions = versions;
    this.#manifest = manifest;
  }

  /** The epoch of the next table at L0. */
  get nextEpoch(): number {
    return this.#manifest.nextEpoch;
  }

  /** Installs an edit, with the memtables that are left after it. What it throws has ended writing. */
  install(edit: VersionEdit, memtables: readonly LoggedMemTable[] = this.#core.view.memtables): void {
    const core = this.#core;
    core.orReadOnly(() => {
      const next = this.#versions.current.apply(edit);
      this.#manifest.append({ ...edit, nextFileNumber: core.fileNumbers.next });
      this.#versions.install(edit, next);
      core.show(new ReadView(memtables, next));
      const superseded = this.#manifest.rewriteIfGrown(next, memtables);
      if (superseded !== undefined) this.remove(superseded);
    });
    this.#removeLeftovers();
  }

  /** Removes a table file that no Version names any more. */
  removeTable(fileNumber: number): void {
    this.#core.tables.evict(fileNumber);
    this.remove(tablePath(this.#core.directory, fileNumber));
  }

  /** Removes a file that nobody needs any more; if that fails, it is tried again later. */
  remove(path: string): void {
    try {
      this.#core.fs.remove(path);
    } catch (error) {
      if (error instanceof LsmError && error.code === 'LSM_NOT_FOUND') return;
      this.#leftovers.push(path);
    }
  }

  /**
   * Removes the tables of jobs whose thread died before they could remove them. No job may be running: its
   * tables are in no Version yet. Nothing happens after a failure: an edit whose outcome is unknown may name
   * tables that no Version here does.
   */
  removeStrays(): void {
    const { fs, directory, failure } = this.#core;
    if (failure !== undefined) return;
    let names: readonly string[] = [];
    try {
      names = fs.list(directory);
    } catch {
      // They harm nobody, and the next open finds them.
    }
    for (const name of names) {
      const file = parseFileName(name);
      if (file?.kind === 'table' && !this.#versions.needs(file.number))
        this.remove(joinPath(directory, name));
    }
  }

  #removeLeftovers(): void {
    const paths = this.#leftovers;
    if (paths.length === 0) return;
    this.#leftovers = [];
    for (const path of paths) this.remove(path);
  }
}
