/**
 * A disk in memory that knows what of it would survive a power cut. It remembers, for each file, the appends
 * since its last sync, and for each directory the changes of its entries since the last sync of that; and at any
 * moment it gives the states in which a crash could leave it (crash-states.ts). Each of them is an image, from
 * which a new simulated disk is made, to be opened, written to and crashed again.
 *
 *     const disk = new SimulatedFileSystem();
 *     disk.beforeOperation = () => {
 *       for (const { image } of disk.crashStates('adversarial', { random })) check(new SimulatedFileSystem(image));
 *     };
 *
 * Names are listed in an order that means nothing, and is another one each time, from a seed.
 */
import { LsmError } from '../../src/errors.ts';
import type {
  DirectoryLock,
  FileStatus,
  FileSystem,
  ReadableFile,
  WritableFile,
} from '../../src/fs/file-system.ts';
import { MemoryReadableFile } from '../../src/fs/memory-file.ts';
import { Random } from '../support/random.ts';
import type { Sampling } from './combinations.ts';
import { type CrashState, crashStates, type Profile } from './crash-states.ts';
import { type DirectoryImage, FileImage } from './disk-image.ts';
import { EntryChanges } from './entry-changes.ts';
import { DirectoryNode, FileNode, type Node } from './nodes.ts';
import type { Operation } from './operation.ts';
import { findPlace, notADirectory, notFound, partsOf, refusal } from './places.ts';
import { type FileEffects, SimulatedWritableFile } from './simulated-writable-file.ts';

export class SimulatedFileSystem implements FileSystem {
  readonly shared: boolean = false;
  /** Called before every operation, with what is about to happen; the moment to look at crash states. */
  beforeOperation: ((operation: Operation) => void) | undefined;
  /** Whether started syncs wait for {@link finishSyncs}. Else each is done in the next turn of microtasks. */
  holdsSyncs = false;
  readonly #root: DirectoryNode = new DirectoryNode();
  readonly #entries: EntryChanges = new EntryChanges();
  /** Files that were written to or created here. */
  readonly #files: Set<FileNode> = new Set();
  readonly #locked: Set<DirectoryNode> = new Set();
  readonly #order: Random;
  #heldSyncs: (() => void)[] = [];
  #sequence = 0;
  #lastSync = 0;

  /** A disk that holds what an image says, all of it durable. `seed` decides in which order names are listed. */
  constructor(image: DirectoryImage = new Map(), seed = 0) {
    this.#order = new Random(seed);
    restore(this.#root, image, new Map());
  }

  /** How many operations there were. */
  get operations(): number {
    return this.#sequence;
  }

  /** What programs see now: what a killed process leaves between two operations. */
  image(): DirectoryImage {
    return imageOf(this.#root);
  }

  /** The states in which a crash now could leave the disk; to be walked before the next operation. */
  crashStates(profile: Profile, sampling: Sampling): Generator<CrashState> {
    const files = [...this.#files].filter(({ undecided }) => undecided.length > 0);
    const disk = {
      root: this.#root,
      entries: this.#entries,
      files,
      lastSync: this.#lastSync,
      sequence: this.#sequence,
    };
    return crashStates(disk, profile, sampling);
  }

  /**
   * What a sync of a file that fails does: the disk may have any part of what was not synced, and no later sync
   * brings the rest. With `keep` it stays readable until the file system is mounted anew (ext4, XFS); with
   * `revert` the file reads as it did at its last sync, and later appends leave a hole (Btrfs). See Rebello et
   * al., "Can Applications Recover from fsync Failures?", ATC 2020. The caller throws the error.
   */
  failSync(path: string, effect: 'keep' | 'revert'): void {
    this.#file(path).dropUnsynced(effect === 'revert');
  }

  /** Ends the started syncs that are held. */
  finishSyncs(): void {
    const held = this.#heldSyncs;
    this.#heldSyncs = [];
    for (const finish of held) finish();
  }

  absolutePath(path: string): string {
    return path;
  }

  createFile(path: string): WritableFile {
    const { parent, name, node } = findPlace(this.#root, path);
    if (node !== undefined) throw refusal('LSM_EXISTS', path, 'it exists already');
    const sequence = this.#begin('create', path);
    const file = new FileNode();
    file.createdBy = sequence;
    this.#files.add(file);
    this.#entries.add(sequence, { directory: parent, name, node: file });
    return new SimulatedWritableFile(path, file, this.#effects(path, file));
  }

  openFile(path: string): ReadableFile {
    return new MemoryReadableFile(path, this.#file(path));
  }

  status(path: string): FileStatus | undefined {
    const node = this.#lookUp(path);
    if (node === undefined) return undefined;
    return node instanceof FileNode ? { kind: 'file', bytes: node.length } : { kind: 'directory', bytes: 0 };
  }

  list(directory: string): string[] {
    const names = [...this.#directory(directory).entries.keys()];
    for (let left = names.length; left > 1; left--) {
      const at = this.#order.below(left);
      [names[left - 1], names[at]] = [names[at], names[left - 1]];
    }
    return names;
  }

  /** Each new directory is synced in the one above it, as the contract says. */
  makeDirectory(path: string): void {
    let at = this.#root;
    let above = '/';
    const names = partsOf(path);
    for (const [depth, name] of names.entries()) {
      let next = at.entries.get(name);
      if (next === undefined) {
        next = new DirectoryNode();
        this.#entries.add(this.#begin('makeDirectory', path), { directory: at, name, node: next });
        this.syncDirectory(above);
      }
      if (next instanceof FileNode) {
        throw depth === names.length - 1
          ? refusal('LSM_EXISTS', path, 'it exists already')
          : notADirectory(path);
      }
      above = `${above}${name}/`;
      at = next;
    }
  }

  removeDirectory(path: string): void {
    const { parent, name, node } = findPlace(this.#root, path);
    if (node === undefined) throw notFound(path);
    if (node instanceof FileNode) throw notADirectory(path);
    if (node.entries.size > 0) throw refusal('LSM_IO', path, 'the directory is not empty');
    if (node === this.#root) throw refusal('LSM_IO', path, 'it is the root');
    this.#entries.add(this.#begin('removeDirectory', path), { directory: parent, name, node: undefined });
  }

  rename(from: string, to: string): void {
    const source = findPlace(this.#root, from);
    const target = findPlace(this.#root, to);
    if (source.node === undefined) throw notFound(from);
    if (source.node === target.node) return;
    checkReplaceable(source.node, target.node, from, to);
    this.#entries.add(
      this.#begin('rename', from),
      { directory: source.parent, name: source.name, node: undefined },
      { directory: target.parent, name: target.name, node: source.node },
    );
  }

  remove(path: string): void {
    this.#file(path);
    const { parent, name } = findPlace(this.#root, path);
    this.#entries.add(this.#begin('remove', path), { directory: parent, name, node: undefined });
  }

  link(from: string, to: string): boolean {
    const file = this.#file(from);
    const { parent, name, node } = findPlace(this.#root, to);
    if (node !== undefined) throw refusal('LSM_EXISTS', to, 'it exists already');
    this.#entries.add(this.#begin('link', from), { directory: parent, name, node: file });
    return true;
  }

  syncDirectory(path: string): void {
    const directory = this.#directory(path);
    this.#lastSync = this.#begin('syncDirectory', path);
    this.#entries.syncDirectory(directory);
  }

  /** Held as long as this file system: a crash state has no locks. */
  lock(directory: string): DirectoryLock {
    const target = this.#directory(directory);
    if (this.#locked.has(target)) {
      throw new LsmError('LSM_LOCKED', `${directory} is locked by this program`, { file: directory });
    }
    this.#locked.add(target);
    let held = true;
    return {
      release: () => {
        if (held) this.#locked.delete(target);
        held = false;
      },
    };
  }

  #effects(path: string, file: FileNode): FileEffects {
    const sync = (length: number): void => {
      this.#lastSync = this.#begin('sync', path);
      file.sync(length);
      this.#entries.journalCreation(file);
    };
    return {
      append: (bytes, start, length) => file.append(this.#begin('append', path), bytes, start, length),
      sync,
      startSync: async (length) => {
        if (this.holdsSyncs) await new Promise<void>((finish) => this.#heldSyncs.push(finish));
        else await undefined;
        sync(length);
      },
    };
  }

  /** The number of an operation that is about to take effect. */
  #begin(kind: Operation['kind'], path: string): number {
    this.beforeOperation?.({ kind, path });
    this.#sequence += 1;
    return this.#sequence;
  }

  #file(path: string): FileNode {
    const { node } = findPlace(this.#root, path);
    if (node === undefined) throw notFound(path);
    if (node instanceof DirectoryNode) throw refusal('LSM_IO', path, 'it is not a regular file');
    return node;
  }

  #directory(path: string): DirectoryNode {
    const { node } = findPlace(this.#root, path);
    if (node === undefined) throw notFound(path);
    if (node instanceof FileNode) throw notADirectory(path);
    return node;
  }

  #lookUp(path: string): Node | undefined {
    try {
      return findPlace(this.#root, path).node;
    } catch (error) {
      if (error instanceof LsmError && error.code === 'LSM_NOT_FOUND') return undefined;
      throw error;
    }
  }
}

/** Fills a directory with what an image says; names of one file stay names of one file. */
function restore(directory: DirectoryNode, image: DirectoryImage, files: Map<FileImage, FileNode>): void {
  for (const [name, entry] of image) {
    let node: Node;
    if (entry instanceof FileImage) {
      const file = files.get(entry) ?? new FileNode(entry);
      files.set(entry, file);
      node = file;
    } else {
      node = new DirectoryNode();
      restore(node, entry, files);
    }
    directory.entries.set(name, node);
    directory.durable.set(name, node);
  }
}

function imageOf(directory: DirectoryNode): DirectoryImage {
  return new Map(
    Array.from(directory.entries, ([name, node]) => [
      name,
      node instanceof FileNode ? node.image() : imageOf(node),
    ]),
  );
}

function checkReplaceable(source: Node, target: Node | undefined, from: string, to: string): void {
  if (source instanceof FileNode) {
    if (target instanceof DirectoryNode) throw refusal('LSM_IO', to, 'it is a directory');
    return;
  }
  const inside = partsOf(to);
  if (partsOf(from).every((name, depth) => inside[depth] === name)) {
    throw refusal('LSM_IO', to, 'a directory cannot move into itself');
  }
  if (target instanceof FileNode) throw notADirectory(to);
  if (target !== undefined && target.entries.size > 0)
    throw refusal('LSM_IO', to, 'the directory is not empty');
}
