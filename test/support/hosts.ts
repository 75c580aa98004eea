/** Where a test database lives: in memory with its jobs inline, or on the disk with a worker thread. */
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { MiniLsm } from '../../src/db/mini-lsm.ts';
import { MemoryFileSystem } from '../../src/fs/memory-file-system.ts';
import type { Options } from '../../src/options.ts';
import { OrderingFileSystem } from '../simulation/ordering-file-system.ts';

export interface Host {
  open(options: Options): MiniLsm;
  /** Leaves an open database behind as a killed process does, or closes it where that cannot be had. */
  kill(db: MiniLsm): void;
  /** Rules of the disk that were broken. */
  readonly violations: readonly string[];
}

/** In memory, on a file system that checks the order of durable steps. */
export class MemoryHost implements Host {
  static readonly path = '/db';
  readonly violations: string[] = [];
  #disk = new MemoryFileSystem();
  #fs = new OrderingFileSystem(this.#disk);

  open(options: Options): MiniLsm {
    return MiniLsm.open(MemoryHost.path, { ...options, fileSystem: this.#fs });
  }

  kill(): void {
    this.violations.push(...this.#fs.violations);
    this.#disk = this.#disk.crashClone();
    this.#fs = new OrderingFileSystem(this.#disk);
  }
}

export class DiskHost implements Host {
  readonly path: string;
  readonly violations: readonly string[] = [];

  /** A new directory in a given one. */
  constructor(parent: string) {
    this.path = join(parent, randomBytes(6).toString('hex'));
  }

  open(options: Options): MiniLsm {
    return MiniLsm.open(this.path, { ...options, background: 'worker' });
  }

  kill(db: MiniLsm): void {
    db.close();
  }
}

/** Everything as small as it can be, so that a few hundred writes fill every level. */
export const TINY: Options = {
  memtableBytes: 2048,
  maxFrozenMemtables: 2,
  blockBytes: 96,
  tableBytes: 1024,
  cacheBytes: 8192,
  maxOpenFiles: 4,
  levelCount: 4,
  l0CompactionFiles: 3,
  l0SlowdownFiles: 6,
  l0StopFiles: 8,
  baseLevelBytes: 1024,
  levelRatio: 2,
  manifestBytes: 4096,
  slowdownBytesPerSecond: 2 ** 40,
};
