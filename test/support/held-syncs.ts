/** A file system in memory whose started syncs are done when the test says so. */
import { LsmError } from '../../src/errors.ts';
import type { WritableFile } from '../../src/fs/file-system.ts';
import { MemoryFileSystem } from '../../src/fs/memory-file-system.ts';

interface HeldSync {
  readonly path: string;
  /** Ends it: with success, or with an error of the disk. */
  end(outcome?: 'done' | 'failed'): void;
}

export class HeldSyncs extends MemoryFileSystem {
  /** Started, and not ended by the test; oldest first. */
  readonly held: HeldSync[] = [];
  /** Appends to write-ahead logs, and the syncs started there. */
  appends = 0;
  started = 0;
  /** Whether syncs are ended at once. */
  quick = false;
  /** Whether the next sync that blocks fails; the disk says so once. */
  failing = false;

  override createFile(path: string): WritableFile {
    const file = super.createFile(path);
    const isLog = path.endsWith('.wal');
    const append = file.append.bind(file);
    const sync = file.sync.bind(file);
    const diskError = (): LsmError =>
      new LsmError('LSM_IO', `cannot sync ${path}: the disk says no`, { file: path });
    let failure: LsmError | undefined;
    file.sync = () => {
      if (this.failing && isLog) {
        this.failing = false;
        failure = diskError();
      }
      if (failure !== undefined) throw failure;
      sync();
    };
    file.append = (bytes, start, length) => {
      if (failure !== undefined) throw failure;
      if (isLog) this.appends += 1;
      append(bytes, start, length);
    };
    file.startSync = () => {
      this.started += 1;
      if (this.quick) return Promise.resolve();
      return new Promise((resolve, reject) => {
        const held: HeldSync = {
          path,
          end: (outcome = 'done') => {
            this.held.splice(this.held.indexOf(held), 1);
            if (outcome === 'done') return resolve();
            failure = diskError();
            reject(failure);
          },
        };
        this.held.push(held);
      });
    };
    return file;
  }
}
