/** A file system in memory on which a started sync takes a number of turns that a seed decides. */
import { setImmediate } from 'node:timers/promises';
import type { WritableFile } from '../../../src/fs/file-system.ts';
import { MemoryFileSystem } from '../../../src/fs/memory-file-system.ts';
import type { Random } from '../../support/random.ts';

export class SlowSyncs extends MemoryFileSystem {
  readonly #random: Random;

  constructor(random: Random) {
    super();
    this.#random = random;
  }

  override createFile(path: string): WritableFile {
    const file = super.createFile(path);
    file.startSync = async () => {
      for (let turns = this.#random.below(4); turns > 0; turns--) await setImmediate();
    };
    return file;
  }
}
