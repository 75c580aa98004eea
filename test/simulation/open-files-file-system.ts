/** A layer that knows which files and locks are open: tests in memory have no descriptors to count. */
import type { DirectoryLock, ReadableFile, WritableFile } from '../../src/fs/file-system.ts';
import { Layer } from './layer.ts';

export class OpenFilesFileSystem extends Layer {
  /** Whatever is open, with its path. */
  readonly #open = new Map<object, string>();

  /** The paths of files that are open and of directories that are locked. */
  openPaths(): string[] {
    return [...this.#open.values()];
  }

  override createFile(path: string): WritableFile {
    return this.#watch(super.createFile(path), `writing ${path}`);
  }

  override openFile(path: string): ReadableFile {
    return this.#watch(super.openFile(path), `reading ${path}`);
  }

  override lock(directory: string): DirectoryLock {
    const lock = super.lock(directory);
    this.#open.set(lock, `holding ${directory}`);
    return {
      release: () => {
        this.#open.delete(lock);
        lock.release();
      },
    };
  }

  #watch<File extends ReadableFile | WritableFile>(file: File, what: string): File {
    this.#open.set(file, what);
    const close = file.close.bind(file);
    file.close = () => {
      this.#open.delete(file);
      close();
    };
    return file;
  }
}
