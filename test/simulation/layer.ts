/**
 * A file system on top of another one. Every call passes through {@link Layer.perform}, which a layer
 * overrides to count, show, fail or change what happens; by itself it changes nothing. Layers stack in any
 * order, over a disk in memory as over a real one.
 */
import type {
  DirectoryLock,
  FileStatus,
  FileSystem,
  ReadableFile,
  WritableFile,
} from '../../src/fs/file-system.ts';
import type { Operation } from './operation.ts';

/** What an operation is called with. */
export interface Call<Result> {
  readonly operation: Operation;
  /** Does it. */
  readonly effect: () => Result;
  /** Does the first half of it: of an append or a read. */
  readonly half?: () => void;
}

export class Layer implements FileSystem {
  readonly shared: boolean = false;
  protected readonly inner: FileSystem;

  constructor(inner: FileSystem) {
    this.inner = inner;
  }

  /** Every operation comes through here. */
  protected perform<Result>(call: Call<Result>): Result {
    return call.effect();
  }

  absolutePath(path: string): string {
    return this.inner.absolutePath(path);
  }

  createFile(path: string): WritableFile {
    let file: WritableFile | undefined;
    try {
      this.perform({
        operation: { kind: 'create', path },
        effect: () => {
          file = this.inner.createFile(path);
        },
      });
    } catch (error) {
      file?.close();
      throw error;
    }
    if (file === undefined) throw new Error('unreachable: a file was created or an error thrown');
    return new LayeredWritableFile(file, (call) => this.perform(call));
  }

  openFile(path: string): ReadableFile {
    let file: ReadableFile | undefined;
    try {
      this.perform({
        operation: { kind: 'open', path },
        effect: () => {
          file = this.inner.openFile(path);
        },
      });
    } catch (error) {
      file?.close();
      throw error;
    }
    if (file === undefined) throw new Error('unreachable: a file was opened or an error thrown');
    return new LayeredReadableFile(file, (call) => this.perform(call));
  }

  status(path: string): FileStatus | undefined {
    return this.perform({ operation: { kind: 'status', path }, effect: () => this.inner.status(path) });
  }

  list(directory: string): string[] {
    const operation = { kind: 'list', path: directory } as const;
    return this.perform({ operation, effect: () => this.inner.list(directory) });
  }

  makeDirectory(path: string): void {
    const operation = { kind: 'makeDirectory', path } as const;
    this.perform({ operation, effect: () => this.inner.makeDirectory(path) });
  }

  removeDirectory(path: string): void {
    const operation = { kind: 'removeDirectory', path } as const;
    this.perform({ operation, effect: () => this.inner.removeDirectory(path) });
  }

  rename(from: string, to: string): void {
    const operation = { kind: 'rename', path: from, to } as const;
    this.perform({ operation, effect: () => this.inner.rename(from, to) });
  }

  remove(path: string): void {
    this.perform({ operation: { kind: 'remove', path }, effect: () => this.inner.remove(path) });
  }

  link(from: string, to: string): boolean {
    const operation = { kind: 'link', path: from, to } as const;
    return this.perform({ operation, effect: () => this.inner.link(from, to) });
  }

  syncDirectory(path: string): void {
    const operation = { kind: 'syncDirectory', path } as const;
    this.perform({ operation, effect: () => this.inner.syncDirectory(path) });
  }

  lock(directory: string): DirectoryLock {
    let lock: DirectoryLock | undefined;
    try {
      this.perform({
        operation: { kind: 'lock', path: directory },
        effect: () => {
          lock = this.inner.lock(directory);
        },
      });
    } catch (error) {
      lock?.release();
      throw error;
    }
    return {
      release: () => {
        const operation = { kind: 'unlock', path: directory } as const;
        this.perform({ operation, effect: () => lock?.release() });
      },
    };
  }
}

type Perform = <Result>(call: Call<Result>) => Result;

class LayeredWritableFile implements WritableFile {
  readonly path: string;
  readonly #inner: WritableFile;
  readonly #perform: Perform;
  #closed = false;

  constructor(inner: WritableFile, perform: Perform) {
    this.path = inner.path;
    this.#inner = inner;
    this.#perform = perform;
  }

  get size(): number {
    return this.#inner.size;
  }

  append(bytes: Uint8Array, start = 0, length: number = bytes.length - start): void {
    this.#perform({
      operation: { kind: 'append', path: this.path, bytes: length },
      effect: () => this.#inner.append(bytes, start, length),
      half: () => this.#inner.append(bytes, start, length >> 1),
    });
  }

  sync(): void {
    this.#perform({ operation: { kind: 'sync', path: this.path }, effect: () => this.#inner.sync() });
  }

  async startSync(): Promise<void> {
    let started: Promise<void> = Promise.resolve();
    try {
      this.#perform({
        operation: { kind: 'sync', path: this.path },
        effect: () => {
          started = this.#inner.startSync();
        },
      });
    } catch (error) {
      await started.catch(() => {});
      throw error;
    }
    await started;
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#perform({ operation: { kind: 'close', path: this.path }, effect: () => this.#inner.close() });
  }
}

class LayeredReadableFile implements ReadableFile {
  readonly path: string;
  readonly size: number;
  readonly #inner: ReadableFile;
  readonly #perform: Perform;

  constructor(inner: ReadableFile, perform: Perform) {
    this.path = inner.path;
    this.size = inner.size;
    this.#inner = inner;
    this.#perform = perform;
  }

  read(into: Uint8Array, start: number, length: number, position: number): void {
    this.#perform({
      operation: { kind: 'read', path: this.path, position, bytes: length },
      effect: () => this.#inner.read(into, start, length, position),
      half: () => this.#inner.read(into, start, length >> 1, position),
    });
  }

  /** No operation: it never fails. */
  close(): void {
    this.#inner.close();
  }
}
