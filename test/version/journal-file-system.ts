/**
 * A file system on top of another one that keeps a journal, counts open handles, and fails one operation on
 * demand, reads included: what tests of leaks and of the order of steps need.
 */
import { LsmError } from '../../src/errors.ts';
import type {
  DirectoryLock,
  FileStatus,
  FileSystem,
  ReadableFile,
  WritableFile,
} from '../../src/fs/file-system.ts';

export class JournalFileSystem implements FileSystem {
  readonly shared = false;
  /** Such as 'create /db/CURRENT.tmp', 'sync /db/CURRENT.tmp', 'rename /db/CURRENT.tmp /db/CURRENT'. */
  readonly journal: string[] = [];
  /** The operation, counted from 0, that fails without effect. */
  failAt = -1;
  operations = 0;
  openHandles = 0;
  readonly #inner: FileSystem;

  constructor(inner: FileSystem) {
    this.#inner = inner;
  }

  absolutePath(path: string): string {
    return this.#inner.absolutePath(path);
  }

  createFile(path: string): WritableFile {
    this.#step(`create ${path}`);
    const file = this.#inner.createFile(path);
    return {
      path,
      get size() {
        return file.size;
      },
      append: (bytes, start, length) => {
        this.#step(`append ${path}`);
        file.append(bytes, start, length);
      },
      sync: () => {
        this.#step(`sync ${path}`);
        file.sync();
      },
      startSync: () => {
        this.#step(`start sync ${path}`);
        return file.startSync();
      },
      close: this.#closer(path, () => file.close()),
    };
  }

  openFile(path: string): ReadableFile {
    this.#step(`open ${path}`);
    const file = this.#inner.openFile(path);
    return {
      path,
      size: file.size,
      read: (into, start, length, position) => {
        this.#step(`read ${path}`);
        file.read(into, start, length, position);
      },
      close: this.#closer(path, () => file.close()),
    };
  }

  status(path: string): FileStatus | undefined {
    this.#step(`status ${path}`);
    return this.#inner.status(path);
  }

  list(directory: string): string[] {
    return this.#inner.list(directory);
  }

  makeDirectory(path: string): void {
    this.#step(`make ${path}`);
    this.#inner.makeDirectory(path);
  }

  removeDirectory(path: string): void {
    this.#step(`remove ${path}`);
    this.#inner.removeDirectory(path);
  }

  rename(from: string, to: string): void {
    this.#step(`rename ${from} ${to}`);
    this.#inner.rename(from, to);
  }

  remove(path: string): void {
    this.#step(`remove ${path}`);
    this.#inner.remove(path);
  }

  link(from: string, to: string): boolean {
    this.#step(`link ${from} ${to}`);
    return this.#inner.link(from, to);
  }

  syncDirectory(path: string): void {
    this.#step(`sync ${path}`);
    this.#inner.syncDirectory(path);
  }

  lock(directory: string): DirectoryLock {
    return this.#inner.lock(directory);
  }

  /** Counts an operation; throws if it is the one to fail. */
  #step(what: string): void {
    if (this.operations++ === this.failAt) throw new LsmError('LSM_IO', `injected: ${what}`);
    this.journal.push(what);
  }

  #closer(path: string, close: () => void): () => void {
    this.openHandles++;
    let open = true;
    return () => {
      if (!open) return;
      open = false;
      this.openHandles--;
      this.journal.push(`close ${path}`);
      close();
    };
  }
}
