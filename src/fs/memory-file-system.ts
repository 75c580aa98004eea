/**
 * A disk in memory, with the rules of a POSIX one: exclusive creation, missing parents are errors, an open
 * file stays readable after its name is gone. For in-memory databases and for tests: `crashClone` is what
 * a killed process would leave. Nothing is shared between threads; syncs are free.
 */
import { LsmError } from '../errors.ts';
import type { DirectoryLock, FileStatus, FileSystem, ReadableFile, WritableFile } from './file-system.ts';
import { MemoryFile, MemoryReadableFile, MemoryWritableFile } from './memory-file.ts';

type Entry = MemoryFile | MemoryDirectory;

class MemoryDirectory {
  readonly entries = new Map<string, Entry>();

  clone(): MemoryDirectory {
    const copy = new MemoryDirectory();
    for (const [name, entry] of this.entries) copy.entries.set(name, entry.clone());
    return copy;
  }
}

/** Where a path leads: `entry` is undefined if only its parent exists; the root has no name. */
interface Place {
  readonly parent: MemoryDirectory;
  readonly name: string;
  readonly entry: Entry | undefined;
}

export class MemoryFileSystem implements FileSystem {
  readonly shared: boolean = false;
  #root = new MemoryDirectory();
  readonly #locked = new Set<MemoryDirectory>();

  /** A copy of its own, which costs little: all that was appended, synced or not, and no locks. */
  crashClone(): MemoryFileSystem {
    const copy = new MemoryFileSystem();
    copy.#root = this.#root.clone();
    return copy;
  }

  absolutePath(path: string): string {
    return path;
  }

  createFile(path: string): WritableFile {
    const place = this.#find(path);
    if (place.entry !== undefined) throw refusal('LSM_EXISTS', path, 'it exists already');
    const file = new MemoryFile();
    place.parent.entries.set(place.name, file);
    return new MemoryWritableFile(path, file);
  }

  openFile(path: string): ReadableFile {
    const entry = this.#existing(path);
    if (!(entry instanceof MemoryFile)) throw refusal('LSM_IO', path, 'it is not a regular file');
    return new MemoryReadableFile(path, entry);
  }

  status(path: string): FileStatus | undefined {
    const entry = this.#lookUp(path);
    if (entry === undefined) return undefined;
    return entry instanceof MemoryFile
      ? { kind: 'file', bytes: entry.length }
      : { kind: 'directory', bytes: 0 };
  }

  list(directory: string): string[] {
    return [...this.#directory(directory).entries.keys()];
  }

  makeDirectory(path: string): void {
    const names = partsOf(path);
    let at = this.#root;
    for (const [depth, name] of names.entries()) {
      let next = at.entries.get(name);
      if (next === undefined) {
        next = new MemoryDirectory();
        at.entries.set(name, next);
      }
      if (next instanceof MemoryFile) {
        const last = depth === names.length - 1;
        throw last ? refusal('LSM_EXISTS', path, 'it exists already') : notADirectory(path);
      }
      at = next;
    }
  }

  removeDirectory(path: string): void {
    const place = this.#find(path);
    if (place.entry === undefined) throw notFound(path);
    if (place.entry instanceof MemoryFile) throw notADirectory(path);
    if (place.entry.entries.size > 0) throw refusal('LSM_IO', path, 'the directory is not empty');
    if (place.entry === this.#root) throw refusal('LSM_IO', path, 'it is the root');
    place.parent.entries.delete(place.name);
  }

  rename(from: string, to: string): void {
    const source = this.#find(from);
    const target = this.#find(to);
    if (source.entry === undefined) throw notFound(from);
    if (source.entry === target.entry) return;
    this.#assertReplaceable(source.entry, target.entry, from, to);
    source.parent.entries.delete(source.name);
    target.parent.entries.set(target.name, source.entry);
  }

  remove(path: string): void {
    const place = this.#find(path);
    if (place.entry === undefined) throw notFound(path);
    if (!(place.entry instanceof MemoryFile)) throw refusal('LSM_IO', path, 'it is a directory');
    place.parent.entries.delete(place.name);
  }

  link(from: string, to: string): boolean {
    const source = this.#existing(from);
    if (!(source instanceof MemoryFile)) throw refusal('LSM_IO', from, 'it is not a regular file');
    const target = this.#find(to);
    if (target.entry !== undefined) throw refusal('LSM_EXISTS', to, 'it exists already');
    target.parent.entries.set(target.name, source);
    return true;
  }

  syncDirectory(path: string): void {
    this.#directory(path);
  }

  lock(directory: string): DirectoryLock {
    const target = this.#directory(directory);
    if (this.#locked.has(target)) {
      const message = `${directory} is locked: this program has it open already; close it there first`;
      throw new LsmError('LSM_LOCKED', message, { file: directory });
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

  #assertReplaceable(source: Entry, target: Entry | undefined, from: string, to: string): void {
    if (source instanceof MemoryDirectory) {
      const inside = partsOf(to);
      if (partsOf(from).every((name, depth) => inside[depth] === name)) {
        throw refusal('LSM_IO', to, 'a directory cannot move into itself');
      }
      if (target instanceof MemoryFile) throw notADirectory(to);
      if (target !== undefined && target.entries.size > 0) {
        throw refusal('LSM_IO', to, 'the directory is not empty');
      }
    } else if (target instanceof MemoryDirectory) {
      throw refusal('LSM_IO', to, 'it is a directory');
    }
  }

  #directory(path: string): MemoryDirectory {
    const entry = this.#existing(path);
    if (entry instanceof MemoryFile) throw notADirectory(path);
    return entry;
  }

  #existing(path: string): Entry {
    const { entry } = this.#find(path);
    if (entry === undefined) throw notFound(path);
    return entry;
  }

  #lookUp(path: string): Entry | undefined {
    try {
      return this.#find(path).entry;
    } catch (error) {
      if (error instanceof LsmError && error.code === 'LSM_NOT_FOUND') return undefined;
      throw error;
    }
  }

  #find(path: string): Place {
    const names = partsOf(path);
    const name = names.pop();
    let parent = this.#root;
    if (name === undefined) return { parent, name: '', entry: parent };
    for (const step of names) {
      const next = parent.entries.get(step);
      if (next === undefined) throw notFound(path);
      if (next instanceof MemoryFile) throw notADirectory(path);
      parent = next;
    }
    return { parent, name, entry: parent.entries.get(name) };
  }
}

/** Relative paths start at the root: there is no current directory here. */
function partsOf(path: string): string[] {
  const parts: string[] = [];
  for (const part of path.split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '' && part !== '.') parts.push(part);
  }
  return parts;
}

function refusal(code: 'LSM_EXISTS' | 'LSM_IO', path: string, reason: string): LsmError {
  return new LsmError(code, `cannot do that to ${path}: ${reason}`, { file: path });
}

function notFound(path: string): LsmError {
  return new LsmError('LSM_NOT_FOUND', `${path} does not exist; check the path`, { file: path });
}

function notADirectory(path: string): LsmError {
  return refusal('LSM_IO', path, 'a part of the path is not a directory');
}
