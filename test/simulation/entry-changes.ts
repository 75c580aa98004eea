/** Changes of directory entries, and how far each has come on its way to the disk. */
import type { DirectoryNode, FileNode, Node } from './nodes.ts';

/** What one operation does to one name. */
interface EntryChange {
  readonly directory: DirectoryNode;
  readonly name: string;
  /** Undefined for a name that is gone. */
  readonly node: Node | undefined;
}

/** One operation on directories: all of its changes happen, or none. */
export interface EntryOperation {
  /** When it was issued, among all operations. */
  readonly sequence: number;
  readonly changes: readonly EntryChange[];
  /** The directories of its changes that have not been synced since; durable when there are none left. */
  readonly unsynced: Set<DirectoryNode>;
}

export class EntryChanges {
  /** Oldest first: all of those of which not every one before is durable. */
  #operations: EntryOperation[] = [];
  /** A file system that journals changes in order has all up to this one on the disk. */
  #journalled = 0;

  get pending(): readonly EntryOperation[] {
    return this.#operations;
  }

  get journalled(): number {
    return this.#journalled;
  }

  /** Makes the changes visible, and remembers them. */
  add(sequence: number, ...changes: EntryChange[]): void {
    for (const { directory, name, node } of changes) {
      if (node === undefined) directory.entries.delete(name);
      else directory.entries.set(name, node);
    }
    const unsynced = new Set(changes.map(({ directory }) => directory));
    this.#operations.push({ sequence, changes, unsynced });
  }

  syncDirectory(directory: DirectoryNode): void {
    for (const operation of this.#operations) {
      if (!operation.unsynced.delete(directory)) continue;
      this.#journalled = Math.max(this.#journalled, operation.sequence);
    }
    const first = this.#operations.findIndex(({ unsynced }) => unsynced.size > 0);
    const done = this.#operations.splice(0, first < 0 ? this.#operations.length : first);
    for (const { changes } of done) for (const change of changes) applyTo(change.directory.durable, change);
  }

  /** A journal that is written for the sake of a file has its creation too. */
  journalCreation(file: FileNode): void {
    this.#journalled = Math.max(this.#journalled, file.createdBy);
  }
}

export function applyTo(
  entries: Map<string, Node>,
  { name, node }: Pick<EntryChange, 'name' | 'node'>,
): void {
  if (node === undefined) entries.delete(name);
  else entries.set(name, node);
}
