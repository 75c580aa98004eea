/** A second name for a file where there are links, and else a copy of it, durable but for its name. */
import { assertInvariant } from '../errors.ts';
import type { FileSystem } from './file-system.ts';
import { removeQuietly } from './remove-file.ts';

const PIECE_BYTES = 1024 * 1024;

/**
 * Makes `to`, which must not exist, hold what `from` holds, which nobody may write to any more. The caller
 * syncs the directory of `to`. Returns the bytes that had to be copied: 0 for a link.
 */
export function linkOrCopy(fs: FileSystem, from: string, to: string): number {
  return fs.link(from, to) ? 0 : copyFile(fs, from, to);
}

/** Copies a file piece by piece and syncs the copy; if that fails, no copy is left. Returns its length. */
export function copyFile(fs: FileSystem, from: string, to: string): number {
  const source = fs.openFile(from);
  try {
    const target = fs.createFile(to);
    try {
      const piece = new Uint8Array(Math.min(PIECE_BYTES, source.size));
      while (target.size < source.size) {
        const length = Math.min(piece.length, source.size - target.size);
        source.read(piece, 0, length, target.size);
        target.append(piece, 0, length);
      }
      assertInvariant(target.size === source.size, 'a copy is as long as its original');
      target.sync();
      target.close();
      return target.size;
    } catch (error) {
      target.close();
      removeQuietly(fs, to);
      throw error;
    }
  } finally {
    source.close();
  }
}
