/**
 * Tells the two reasons apart why a log stops being readable at some offset.
 *
 * *Torn*: a crash met the writer in the middle, and what stands there was never known to be on the disk.
 * Cutting it off loses nothing that was promised.
 * *Damaged*: it was once on the disk, as a whole, and no longer is. Cutting it off would lose promised
 * data in silence, so this is an error.
 *
 * The proof of damage is a later record that says so. Each tells up to where the file was synced when it
 * was written; if that is beyond the bad offset, the bytes there were whole. So the rest of the file is
 * searched, byte by byte, since the length of a bad record cannot be trusted, for a record header with a
 * right checksum and such a `synced`. The checksum starts from the offset, so a copy of a header somewhere
 * in a payload is none. One pass over the rest of the file, in the memory of a window.
 *
 * Only the last group of records since a sync has no later witness: damage there looks like a torn tail,
 * and is reported as the number of bytes cut off. Only for the trailer, whose bytes are known, is there
 * more to say: see {@link isDamagedTrailer}.
 */
import { readU64 } from '../bytes/integers.ts';
import { corruption } from '../errors.ts';
import type { FileWindow } from './file-window.ts';
import {
  encodeMark,
  isRecordHeader,
  RECORD_DATA,
  RECORD_END,
  RECORD_HEADER_BYTES,
  RECORD_SYNCED_AT,
} from './log-format.ts';

const SCAN_BYTES = 64 * 1024;

/** The smallest unit that a disk writes as a whole or not at all. */
export const SECTOR_BYTES = 512;

/** So many bytes of a sector, all right but one, are no accident; fewer may be what an unwritten one happened to hold. */
const TELLING_BYTES = 4;

/**
 * Returns when the file was torn at `offset`, where no whole record stands.
 * @throws LsmError `LSM_CORRUPTION` when it was damaged there.
 */
export function rejectDamage(window: FileWindow, seed: number, offset: number): void {
  const witness = findWitness(window, seed, offset);
  if (witness >= 0) {
    const what = `no valid record, though the record at ${witness} shows that there was one on the disk`;
    throw corruption(window.file.path, offset, what);
  }
  if (isDamagedTrailer(window, seed, offset)) {
    throw corruption(window.file.path, offset, 'the trailer was changed');
  }
}

/** The offset of a record after `offset` that was written when `offset` had been synced; -1 for none. */
function findWitness(window: FileWindow, seed: number, offset: number): number {
  return findRecordHeader(window, seed, offset + 1, offset);
}

/**
 * The offset, `from` or after it, of the first header of a record that was written when the file was synced
 * beyond `syncedAbove`; -1 for none.
 */
export function findRecordHeader(
  window: FileWindow,
  seed: number,
  from: number,
  syncedAbove: number,
): number {
  const size = window.file.size;
  let position = from;
  while (position + RECORD_HEADER_BYTES <= size) {
    const loaded = Math.min(SCAN_BYTES, size - position);
    const start = window.load(position, loaded);
    const candidates = loaded - RECORD_HEADER_BYTES + 1;
    for (let i = 0; i < candidates; i++) {
      if (isHeaderAt(window.bytes, start + i, seed, position + i, syncedAbove)) return position + i;
    }
    position += candidates;
  }
  return -1;
}

function isHeaderAt(
  bytes: Uint8Array,
  at: number,
  seed: number,
  position: number,
  syncedAbove: number,
): boolean {
  // The cheap tests come first: hardly a byte gets as far as the checksum.
  const kind = bytes[at];
  if (kind !== RECORD_DATA && kind !== RECORD_END) return false;
  const synced = readU64(bytes, at + RECORD_SYNCED_AT);
  if (synced <= syncedAbove || synced > position) return false;
  return isRecordHeader(bytes, at, seed, position);
}

/**
 * Whether the rest of the file is a trailer with one byte changed. A torn write of it can look like that
 * too, when the changed byte is in a sector of which nothing was written: then all of it is zero, or there
 * are so few bytes that garbage can be as right.
 */
function isDamagedTrailer(window: FileWindow, seed: number, offset: number): boolean {
  if (window.file.size - offset !== RECORD_HEADER_BYTES) return false;
  const start = window.load(offset, RECORD_HEADER_BYTES);
  const found = window.bytes.subarray(start, start + RECORD_HEADER_BYTES);
  const trailer = encodeMark(RECORD_END, seed, offset);
  const changed = found.findIndex((byte, i) => byte !== trailer[i]);
  if (changed !== found.findLastIndex((byte, i) => byte !== trailer[i])) return false;
  const edge = SECTOR_BYTES - (offset % SECTOR_BYTES);
  const sector = changed < edge ? found.subarray(0, edge) : found.subarray(edge);
  return sector.length >= TELLING_BYTES && sector.some((byte) => byte !== 0);
}
