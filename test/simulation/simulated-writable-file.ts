/** The handle that writes to a file on the simulated disk. */
import { assertInvariant, LsmError } from '../../src/errors.ts';
import type { WritableFile } from '../../src/fs/file-system.ts';
import type { FileNode } from './nodes.ts';

/** What a handle does to its disk. */
export interface FileEffects {
  append(bytes: Uint8Array, start: number, length: number): void;
  /** Of the first so many bytes. */
  sync(length: number): void;
  startSync(length: number): Promise<void>;
}

export class SimulatedWritableFile implements WritableFile {
  readonly path: string;
  size = 0;
  readonly #file: FileNode;
  readonly #effects: FileEffects;
  #closed = false;

  constructor(path: string, file: FileNode, effects: FileEffects) {
    this.path = path;
    this.#file = file;
    this.#effects = effects;
  }

  append(bytes: Uint8Array, start = 0, length: number = bytes.length - start): void {
    this.#assertOpen();
    assertInvariant(start >= 0 && length >= 0 && start + length <= bytes.length, 'append stays in its bytes');
    this.#effects.append(bytes, start, length);
    this.size += length;
  }

  sync(): void {
    this.#assertOpen();
    this.#effects.sync(this.#file.length);
  }

  async startSync(): Promise<void> {
    this.#assertOpen();
    await this.#effects.startSync(this.#file.length);
  }

  close(): void {
    this.#closed = true;
  }

  #assertOpen(): void {
    if (this.#closed) throw new LsmError('LSM_CLOSED', `${this.path} is closed`, { file: this.path });
  }
}
