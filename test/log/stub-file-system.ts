import { corruption, LsmError } from '../../src/errors.ts';
import type {
  DirectoryLock,
  FileStatus,
  FileSystem,
  ReadableFile,
  WritableFile,
} from '../../src/fs/file-system.ts';

/**
 * Files as plain arrays, with a journal of what was done to them and failures on demand: just enough of a
 * disk for the tests of one log. It does not poison a file by itself, so that the log has to.
 */
export class StubFileSystem implements FileSystem {
  readonly shared = false;
  readonly files: Map<string, Uint8Array> = new Map();
  /** Such as 'append 48', 'sync', 'close'. */
  readonly journal: string[] = [];
  /** The largest array that anybody asked to be filled, bytes. */
  largestRead = 0;
  openFiles = 0;
  /** Thrown by the next append, or the next sync. */
  failure: { operation: 'append' | 'sync'; error: unknown } | undefined;
  /** What started syncs wait for, if anything; it may reject. */
  startedSync: Promise<void> | undefined;

  absolutePath(path: string): string {
    return path;
  }

  createFile(path: string): WritableFile {
    const journal = this.journal;
    const read = (): Uint8Array => this.files.get(path) ?? new Uint8Array(0);
    const perform = (operation: 'append' | 'sync', entry: string): void => {
      if (this.failure?.operation === operation) {
        const { error } = this.failure;
        this.failure = undefined;
        throw error;
      }
      journal.push(entry);
    };
    this.files.set(path, new Uint8Array(0));
    this.openFiles++;
    return {
      path,
      get size() {
        return read().length;
      },
      append: (bytes, start = 0, length = bytes.length - start) => {
        perform('append', `append ${length}`);
        const before = read();
        const after = new Uint8Array(before.length + length);
        after.set(before);
        after.set(bytes.subarray(start, start + length), before.length);
        this.files.set(path, after);
      },
      sync: () => perform('sync', 'sync'),
      startSync: async () => {
        await this.startedSync;
        perform('sync', 'start sync');
      },
      close: () => {
        if (journal.at(-1) === 'close') return;
        journal.push('close');
        this.openFiles--;
      },
    };
  }

  openFile(path: string): ReadableFile {
    const file = this.files.get(path);
    if (file === undefined) throw new LsmError('LSM_NOT_FOUND', `${path} does not exist`, { file: path });
    this.openFiles++;
    let open = true;
    return {
      path,
      size: file.length,
      read: (into, start, length, position) => {
        if (position + length > file.length) throw corruption(path, position, 'the file ends here');
        this.largestRead = Math.max(this.largestRead, into.length);
        into.set(file.subarray(position, position + length), start);
      },
      close: () => {
        if (open) this.openFiles--;
        open = false;
      },
    };
  }

  status(path: string): FileStatus | undefined {
    const file = this.files.get(path);
    return file === undefined ? undefined : { kind: 'file', bytes: file.length };
  }

  list(): string[] {
    throw new Error('not needed here');
  }

  makeDirectory(): void {}
  removeDirectory(): void {}
  rename(): void {}
  remove(): void {}

  link(): boolean {
    throw new Error('not needed here');
  }

  syncDirectory(): void {}

  lock(): DirectoryLock {
    throw new Error('not needed here');
  }
}
