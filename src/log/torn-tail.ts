/** What stands where a log stops being readable, for those who have to decide what to make of it. */
import type { FileWindow } from './file-window.ts';

/**
 * Why the bytes at the end of a log are no record:
 *
 * - `zeros`: space that the file had got and that nothing was written to;
 * - `short header`: the file ends within the header of a record;
 * - `wrong header`: the bytes have not the checksum of a header;
 * - `short record`: the header is whole, and the file ends before the record does;
 * - `wrong payload`: the header is whole, and what it announces has not the checksum that it says.
 */
export type TornReason = 'zeros' | 'short header' | 'wrong header' | 'short record' | 'wrong payload';

const PIECE_BYTES = 64 * 1024;

/** Whether there is nothing but zeros from `offset` on, and anything at all. */
export function isZeroFrom(window: FileWindow, offset: number): boolean {
  const { size } = window.file;
  for (let at = offset; at < size; at += PIECE_BYTES) {
    const length = Math.min(PIECE_BYTES, size - at);
    const start = window.load(at, length);
    for (let i = start; i < start + length; i++) if (window.bytes[i] !== 0) return false;
  }
  return offset < size;
}
