/** What stands where a log stops being readable, for those who have to decide what to make of it. */
import type { FileWindow } from './file-window.ts';
import {
  encodeMark,
  RECORD_DATA,
  RECORD_END,
  RECORD_HEADER_BYTES,
  RECORD_PAYLOAD_CRC_AT,
} from './log-format.ts';
import { SECTOR_BYTES } from './torn-or-damaged.ts';

/**
 * Why the bytes at the end of a log are no record:
 *
 * - `lost mark`: a seal or the trailer, of which some or all did not reach the disk. They hold no data: nothing
 *   but the mark is lost;
 * - `zeros`: space that the file had got and that nothing was written to;
 * - `short header`: the file ends within the header of a record;
 * - `wrong header`: the bytes have not the checksum of a header;
 * - `short record`: the header is whole, and the file ends before the record does;
 * - `wrong payload`: the header is whole, and what it announces has not the checksum that it says.
 */
export type TornReason =
  | 'lost mark'
  | 'zeros'
  | 'short header'
  | 'wrong header'
  | 'short record'
  | 'wrong payload';

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

/**
 * Whether what stands from `offset` on can only be what is left of a seal or of the trailer: its beginning, or all
 * of its room with some sectors written and the others zero. Where that room ends with a sector, a longer
 * record whose first pages alone are in the file could have left zeros there as well.
 */
export function isLostMark(window: FileWindow, seed: number, offset: number): boolean {
  const length = window.file.size - offset;
  if (length <= RECORD_PAYLOAD_CRC_AT || length > RECORD_HEADER_BYTES) return false;
  const start = window.load(offset, length);
  const found = window.bytes.subarray(start, start + length);
  const edge = Math.min(length, SECTOR_BYTES - (offset % SECTOR_BYTES));
  const mayBeZero = length === RECORD_HEADER_BYTES && (offset + length) % SECTOR_BYTES !== 0;
  return [RECORD_DATA, RECORD_END].some((kind) => {
    const mark = encodeMark(kind, seed, offset);
    return [
      [0, edge],
      [edge, length],
    ].every(([from, to]) => {
      const sector = found.subarray(from, to);
      const isWritten = sector.every((byte, i) => byte === mark[from + i]);
      return isWritten || (mayBeZero && sector.every((byte) => byte === 0));
    });
  });
}
