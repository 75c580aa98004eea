/**
 * A layer that makes operations fail as the system would report it: `LsmError` with the code and the text of
 * the engine's own translation, and as its cause an error with the errno. A file whose append or sync was
 * made to fail stays failed, as the contract of WritableFile says.
 *
 * Only the kinds that it was given are counted, shown to the hook, and can fail; by default those that change
 * the disk.
 */
import type { LsmError } from '../../src/errors.ts';
import type { FileSystem, WritableFile } from '../../src/fs/file-system.ts';
import { translateError } from '../../src/fs/node-errors.ts';
import { type Call, Layer } from './layer.ts';
import { CHANGES, describeOperation, type Operation, type OperationKind, READS } from './operation.ts';

export const ERRNOS = ['EIO', 'ENOSPC', 'EACCES', 'EMFILE'] as const;
export type Errno = (typeof ERRNOS)[number];

export interface Fault {
  /** Number of the operation that fails, among those counted; the first is 1. */
  readonly at: number;
  /**
   * `before`: the operation has no effect. `after`: it takes effect and is said to have failed. `half`: the
   * first half of an append or read is done; for other operations the same as `before`. Closing a file and
   * giving back a lock take effect in any case: whatever the system says, the descriptor is gone.
   */
  readonly when: 'before' | 'after' | 'half';
  readonly errno: Errno;
  /** The kinds of which every later operation fails too, without effect; `true` for all of those counted. */
  readonly forever?: boolean | ReadonlySet<OperationKind>;
  /** Called when a sync of a file fails: what becomes of the bytes that it was to bring to the disk. */
  readonly onFailedSync?: (path: string) => void;
}

/** Called before an operation takes effect; whatever it throws comes out of the operation. */
export type OperationHook = (operation: Operation) => void;

export class FaultyFileSystem extends Layer {
  /** Every counted operation so far, those that failed included. */
  readonly trace: Operation[] = [];
  /** The errors that were injected. */
  readonly injected: LsmError[] = [];
  readonly #kinds: ReadonlySet<OperationKind>;
  readonly #hook: OperationHook | undefined;
  #fault: Fault | undefined;
  #isQuiet = false;

  constructor(
    inner: FileSystem,
    onOperation?: OperationHook,
    kinds: ReadonlySet<OperationKind> = new Set(CHANGES),
  ) {
    super(inner);
    this.#hook = onOperation;
    this.#kinds = kinds;
  }

  /** How many operations there were. */
  get operations(): number {
    return this.trace.length;
  }

  /** How many operations were made to fail. */
  get faults(): number {
    return this.injected.length;
  }

  /** Arms one fault, in place of any other; undefined disarms. */
  arm(fault: Fault | undefined): void {
    this.#fault = fault;
  }

  /** Does something that is not counted, and does not fail. */
  quietly<T>(work: () => T): T {
    const before = this.#isQuiet;
    this.#isQuiet = true;
    try {
      return work();
    } finally {
      this.#isQuiet = before;
    }
  }

  override createFile(path: string): WritableFile {
    return new OnceFailedFile(super.createFile(path));
  }

  protected override perform<Result>(call: Call<Result>): Result {
    const { operation } = call;
    if (this.#isQuiet || !this.#kinds.has(operation.kind)) return call.effect();
    const index = this.trace.push(operation);
    this.#hook?.(operation);
    const fault = this.#fault;
    if (fault === undefined || !isDue(fault, index, operation.kind)) return call.effect();
    takeEffect(call, index === fault.at ? fault.when : 'before');
    if (operation.kind === 'sync') fault.onFailedSync?.(operation.path);
    const error = injectedError(fault.errno, operation, index);
    this.injected.push(error);
    throw error;
  }
}

function isDue({ at, forever }: Fault, index: number, kind: OperationKind): boolean {
  if (index <= at) return index === at;
  return typeof forever === 'object' ? forever.has(kind) : forever === true;
}

function takeEffect(call: Call<unknown>, when: Fault['when']): void {
  const { kind } = call.operation;
  try {
    if (when === 'after' || kind === 'close' || kind === 'unlock') call.effect();
    else if (when === 'half') call.half?.();
  } catch {
    // It would have failed by itself, such as opening a file that is not there: the injected error comes first.
  }
}

/** As the system reports it, and the engine's file system passes it on. */
function injectedError(errno: Errno, operation: Operation, index: number): LsmError {
  const message = `${errno}: injected into operation ${index}, ${describeOperation(operation)}`;
  const cause = Object.assign(new Error(message), { code: errno });
  const isRead = READS.some((kind) => kind === operation.kind);
  return translateError(cause, operation.kind, operation.path, isRead ? 'read' : 'write');
}

class OnceFailedFile implements WritableFile {
  readonly path: string;
  readonly #inner: WritableFile;
  #failure: unknown;

  constructor(inner: WritableFile) {
    this.path = inner.path;
    this.#inner = inner;
  }

  get size(): number {
    return this.#inner.size;
  }

  append(bytes: Uint8Array, start = 0, length: number = bytes.length - start): void {
    this.#attempt(() => this.#inner.append(bytes, start, length));
  }

  sync(): void {
    this.#attempt(() => this.#inner.sync());
  }

  async startSync(): Promise<void> {
    if (this.#failure !== undefined) throw this.#failure;
    try {
      await this.#inner.startSync();
    } catch (error) {
      this.#failure ??= error;
      throw this.#failure;
    }
  }

  /** Of a file that failed already, what closing it says is of no use to anybody. */
  close(): void {
    try {
      this.#inner.close();
    } catch (error) {
      if (this.#failure === undefined) throw error;
    }
  }

  #attempt(work: () => void): void {
    if (this.#failure !== undefined) throw this.#failure;
    try {
      work();
    } catch (error) {
      this.#failure = error;
      throw error;
    }
  }
}
