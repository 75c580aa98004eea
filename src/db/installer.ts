/**
 * Takes changes of the tree into effect, always in the same order: the edit is durable in the manifest, then
 * the new Version is visible, then the files that it made superfluous are removed.
 */
import { joinPath } from '../fs/file-system.ts';
import { parseFileName, tablePath, walPath } from '../version/file-names.ts';
import type { VersionEdit } from '../version/version-edit.ts';
import type { VersionSet } from '../version/version-set.ts';
import type { Core } from './core.ts';
import type { ManifestKeeper } from './manifest-keeper.ts';
import { type LoggedMemTable, ReadView } from './read-view.ts';
import type { Remover } from './remover.ts';

export class Installer {
  readonly #core: Core;
  readonly #versions: VersionSet;
  readonly #manifest: ManifestKeeper;
  readonly #remover: Remover;

  constructor(core: Core, versions: VersionSet, manifest: ManifestKeeper, remover: Remover) {
    this.#core = core;
    this.#versions = versions;
    this.#manifest = manifest;
    this.#remover = remover;
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
      if (superseded !== undefined) this.#remover.remove(superseded);
    });
    this.#remover.retry();
  }

  /** Removes a table file that no Version names any more. */
  removeTable(fileNumber: number): void {
    this.#core.tables.evict(fileNumber);
    this.#remover.remove(tablePath(this.#core.directory, fileNumber));
  }

  /** Removes a log whose entries are all in tables. */
  removeLog(fileNumber: number): void {
    this.#remover.remove(walPath(this.#core.directory, fileNumber));
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
      if (file?.kind === 'table' && !this.#versions.needs(file.number)) {
        this.#remover.remove(joinPath(directory, name));
      }
    }
  }
}
