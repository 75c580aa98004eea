/**
 * A layer that flips bits in what is read: at one place of a file, or wherever the caller likes. The disk
 * below stays as it is, so that a flip can happen once, as in a cable or in memory, or every time, as on a
 * worn-out disk.
 */
import type { ReadableFile } from '../../src/fs/file-system.ts';
import { Layer } from './layer.ts';

export interface Flip {
  readonly path: string;
  /** Offset of the byte in the file. */
  readonly position: number;
  /** The bits to flip, from 1 to 255. */
  readonly mask: number;
  /** Only the first read of that byte is wrong. */
  readonly once?: boolean;
}

export class CorruptingFileSystem extends Layer {
  /** How many bytes came out wrong. */
  flips = 0;
  #flip: Flip | undefined;

  /** Flips bits from now on, in place of any other; undefined stops it. */
  arm(flip: Flip | undefined): void {
    this.#flip = flip;
  }

  override openFile(path: string): ReadableFile {
    const file = super.openFile(path);
    const read = file.read.bind(file);
    file.read = (into, start, length, position) => {
      read(into, start, length, position);
      const flip = this.#flip;
      if (flip?.path !== path || flip.position < position || flip.position >= position + length) return;
      into[start + flip.position - position] ^= flip.mask;
      this.flips += 1;
      if (flip.once === true) this.#flip = undefined;
    };
    return file;
  }
}
