/** A layer that lists directories in another order each time: a disk promises none. */
import type { FileSystem } from '../../src/fs/file-system.ts';
import type { Random } from '../support/random.ts';
import { Layer } from './layer.ts';

export class ShufflingFileSystem extends Layer {
  readonly #random: Random;

  constructor(inner: FileSystem, random: Random) {
    super(inner);
    this.#random = random;
  }

  override list(directory: string): string[] {
    const names = super.list(directory).sort();
    for (let at = names.length - 1; at > 0; at--) {
      const other = this.#random.below(at + 1);
      [names[at], names[other]] = [names[other], names[at]];
    }
    return names;
  }
}
