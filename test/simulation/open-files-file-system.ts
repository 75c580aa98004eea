/** A file system that knows which of its files and locks are open: tests in memory have no descriptors to count. */
import type {
  DirectoryLock,
  FileStatus,
  FileSystem,
  ReadableFile,
  WritableFile,
} from '../../src/fs/file-system.ts';

export class OpenFilesFileSystem implements FileSystem {
  readonly shared: boolean = false;
  readonly #inner: FileSystem;
  /** Whatever is open, with its path. */
  readonly #open = new Map<object, string>();

  constructor(inner: FileSystem) {
    this.#inner = inner;
  }

  /** The paths of files that are open and of directories that are locked. */
  openPaths(): string[] {
    return [...this.#open.values()];
  }

  absolutePath(path: string): string {
    return this.#inner.absolutePath(path);
  }

  createFile(path: string): WritableFile {
    const file = this.#inner.createFile(path);
    this.#open.set(file, `writing ${path}`);
    return {
      path,
      get size(): number {
        return file.size;
      },
      append: (bytes, start, length) => file.append(bytes, start, length),
      sync: () => file.sync(),
      startSync: () => file.startSync(),
      close: () => this.#close(file, () => file.close()),
    };
  }

  openFile(path: string): ReadableFile {
    const file = this.#inner.openFile(path);
    this.#open.set(file, `reading ${path}`);
    return {
      path,
      size: file.size,
      read: (into, start, length, position) => file.read(into, start, length, position),
      close: () => this.#close(file, () => file.close()),
    };
  }

  lock(directory: string): DirectoryLock {
    const lock = this.#inner.lock(directory);
    this.#open.set(lock, `holding ${directory}`);
    return { release: () => this.#close(lock, () => lock.release()) };
  }

  status(path: string): FileStatus | undefined {
    return this.#inner.status(path);
  }

  list(directory: string): string[] {
    return this.#inner.list(directory);
  }

  makeDirectory(path: string): void {
    this.#inner.makeDirectory(path);
  }

  removeDirectory(path: string): void {
    this.#inner.removeDirectory(path);
  }

  rename(from: string, to: string): void {
    this.#inner.rename(from, to);
  }

  remove(path: string): void {
    this.#inner.remove(path);
  }

  link(from: string, to: string): boolean {
    return this.#inner.link(from, to);
  }

  syncDirectory(path: string): void {
    this.#inner.syncDirectory(path);
  }

  #close(thing: object, close: () => void): void {
    this.#open.delete(thing);
    close();
  }
}
