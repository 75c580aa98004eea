/**
 * Bounds how many table files are open. A {@link PooledFile} can be read at any time: it opens its file
 * when it has to, and the one that was not used for longest, or nearly so, is closed for it.
 *
 * Invariant: never more than `maxOpen` handles are open, also while one is being opened.
 */
import { assertInvariant, corruption } from '../errors.ts';
import type { FileMapping, FileSystem, ReadableFile } from '../fs/file-system.ts';
import type { TableFile } from './section-reader.ts';

export class OpenFiles {
  readonly #fs: FileSystem;
  readonly #maxOpen: number;
  /** Files with an open handle, oldest first. */
  readonly #open: Set<PooledFile> = new Set();

  constructor(fs: FileSystem, maxOpen: number) {
    assertInvariant(maxOpen >= 1, 'at least one file can be open');
    this.#fs = fs;
    this.#maxOpen = maxOpen;
  }

  get openCount(): number {
    return this.#open.size;
  }

  /** A file of a known size; it is opened when it is first read. */
  file(path: string, size: number): PooledFile {
    return new PooledFile(this, path, size);
  }

  closeAll(): void {
    for (const file of this.#open) file.close();
  }

  /** Opens the file of `file`, which has no handle. */
  openFor(file: PooledFile): ReadableFile {
    while (this.#open.size >= this.#maxOpen) this.#closeOne();
    const handle = this.#fs.openFile(file.path);
    if (handle.size !== file.size) {
      const what = `the file has ${handle.size} bytes and should have ${file.size}`;
      const error = corruption(file.path, Math.min(handle.size, file.size), what);
      handle.close();
      throw error;
    }
    this.#open.add(file);
    return handle;
  }

  forget(file: PooledFile): void {
    this.#open.delete(file);
  }

  /** Second chance: a file that was read since it was last looked at goes to the end of the queue. */
  #closeOne(): void {
    for (const file of this.#open) {
      if (!file.wasRead) {
        file.close();
        return;
      }
      file.wasRead = false;
      this.#open.delete(file);
      this.#open.add(file);
    }
  }
}

export class PooledFile implements TableFile {
  readonly path: string;
  readonly size: number;
  /** Whether it was read since the pool last looked for a file to close. */
  wasRead = false;
  readonly #pool: OpenFiles;
  #handle: ReadableFile | undefined = undefined;

  constructor(pool: OpenFiles, path: string, size: number) {
    this.#pool = pool;
    this.path = path;
    this.size = size;
  }

  read(into: Uint8Array, start: number, length: number, position: number): void {
    this.#opened().read(into, start, length, position);
  }

  /** The file in memory, which takes no handle; undefined where it can't be had. */
  map(): FileMapping | undefined {
    return this.#opened().map?.();
  }

  /** Closes the handle; the next read opens another. */
  close(): void {
    this.#pool.forget(this);
    const handle = this.#handle;
    this.#handle = undefined;
    handle?.close();
  }

  #opened(): ReadableFile {
    this.wasRead = true;
    this.#handle ??= this.#pool.openFor(this);
    return this.#handle;
  }
}
