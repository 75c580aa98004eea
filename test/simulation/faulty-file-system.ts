/**
 * A file system that counts, shows and can fail what changes the disk, on top of another one. Reads,
 * listings, locks and closes pass through uncounted. A file whose append or sync was made to fail stays
 * failed, as the contract of WritableFile says.
 */
import { LsmError, type LsmErrorCode } from '../../src/errors.ts';
import type {
  DirectoryLock,
  FileStatus,
  FileSystem,
  ReadableFile,
  WritableFile,
} from '../../src/fs/file-system.ts';

export type OperationKind =
  | 'create'
  | 'append'
  | 'sync'
  | 'rename'
  | 'remove'
  | 'link'
  | 'makeDirectory'
  | 'removeDirectory'
  | 'syncDirectory';

export interface Operation {
  /** The first operation is 1. */
  readonly index: number;
  readonly kind: OperationKind;
  readonly path: string;
  /** Where a rename or link leads. */
  readonly to?: string;
  /** Length of an append. */
  readonly bytes?: number;
}

export interface Fault {
  /** Index of the operation that fails. */
  readonly at: number;
  /**
   * `before`: the operation has no effect. `after`: it takes effect and is said to have failed. `half`: the
   * first half of an append is written; for other operations the same as `before`.
   */
  readonly when: 'before' | 'after' | 'half';
  readonly code: Extract<LsmErrorCode, 'LSM_IO' | 'LSM_NO_SPACE'>;
  /** Whether every later operation fails too, without effect. */
  readonly forever?: boolean;
}

/** Called before an operation takes effect; whatever it throws comes out of the operation. */
export type OperationHook = (operation: Operation) => void;

export class FaultyFileSystem implements FileSystem {
  readonly shared: boolean = false;
  /** Every operation so far, those that failed included. */
  readonly trace: Operation[] = [];
  readonly #inner: FileSystem;
  readonly #hook: OperationHook | undefined;
  #fault: Fault | undefined;
  #faults = 0;

  constructor(inner: FileSystem, onOperation?: OperationHook) {
    this.#inner = inner;
    this.#hook = onOperation;
  }

  /** How many operations there were. */
  get operations(): number {
    return this.trace.length;
  }

  /** How many operations were made to fail. */
  get faults(): number {
    return this.#faults;
  }

  /** Arms one fault, in place of any other; undefined disarms. */
  arm(fault: Fault | undefined): void {
    this.#fault = fault;
  }

  absolutePath(path: string): string {
    return this.#inner.absolutePath(path);
  }

  createFile(path: string): WritableFile {
    let file: WritableFile | undefined;
    try {
      this.#perform({ kind: 'create', path }, () => {
        file = this.#inner.createFile(path);
      });
    } catch (error) {
      file?.close();
      throw error;
    }
    if (file === undefined) throw new Error('unreachable: a file was created or an error thrown');
    return new FaultyFile(file, (operation, effect, half) => this.#perform(operation, effect, half));
  }

  openFile(path: string): ReadableFile {
    return this.#inner.openFile(path);
  }

  status(path: string): FileStatus | undefined {
    return this.#inner.status(path);
  }

  list(directory: string): string[] {
    return this.#inner.list(directory);
  }

  makeDirectory(path: string): void {
    this.#perform({ kind: 'makeDirectory', path }, () => this.#inner.makeDirectory(path));
  }

  removeDirectory(path: string): void {
    this.#perform({ kind: 'removeDirectory', path }, () => this.#inner.removeDirectory(path));
  }

  rename(from: string, to: string): void {
    this.#perform({ kind: 'rename', path: from, to }, () => this.#inner.rename(from, to));
  }

  remove(path: string): void {
    this.#perform({ kind: 'remove', path }, () => this.#inner.remove(path));
  }

  link(from: string, to: string): boolean {
    let linked = false;
    this.#perform({ kind: 'link', path: from, to }, () => {
      linked = this.#inner.link(from, to);
    });
    return linked;
  }

  syncDirectory(path: string): void {
    this.#perform({ kind: 'syncDirectory', path }, () => this.#inner.syncDirectory(path));
  }

  lock(directory: string): DirectoryLock {
    return this.#inner.lock(directory);
  }

  #perform(what: Omit<Operation, 'index'>, effect: () => void, half?: () => void): void {
    const operation: Operation = { index: this.trace.length + 1, ...what };
    this.trace.push(operation);
    this.#hook?.(operation);
    const fault = this.#fault;
    const due = fault !== undefined && operation.index === fault.at;
    const still = fault?.forever === true && operation.index > fault.at;
    if (fault === undefined || !(due || still)) {
      effect();
      return;
    }
    if (due && fault.when === 'after') effect();
    if (due && fault.when === 'half') half?.();
    this.#faults++;
    const message = `injected: ${operation.kind} ${operation.path} failed (operation ${operation.index})`;
    throw new LsmError(fault.code, message, { file: operation.path });
  }
}

type Perform = (what: Omit<Operation, 'index'>, effect: () => void, half?: () => void) => void;

class FaultyFile implements WritableFile {
  readonly path: string;
  readonly #inner: WritableFile;
  readonly #perform: Perform;
  #failure: unknown;

  constructor(inner: WritableFile, perform: Perform) {
    this.path = inner.path;
    this.#inner = inner;
    this.#perform = perform;
  }

  get size(): number {
    return this.#inner.size;
  }

  append(bytes: Uint8Array, start = 0, length: number = bytes.length - start): void {
    this.#attempt(
      { kind: 'append', path: this.path, bytes: length },
      () => this.#inner.append(bytes, start, length),
      () => this.#inner.append(bytes, start, length >> 1),
    );
  }

  sync(): void {
    this.#attempt({ kind: 'sync', path: this.path }, () => this.#inner.sync());
  }

  /** The operation happens now; only the answer comes later. */
  async startSync(): Promise<void> {
    this.sync();
  }

  close(): void {
    this.#inner.close();
  }

  #attempt(what: Omit<Operation, 'index'>, effect: () => void, half?: () => void): void {
    if (this.#failure !== undefined) throw this.#failure;
    try {
      this.#perform(what, effect, half);
    } catch (error) {
      this.#failure = error;
      throw error;
    }
  }
}
