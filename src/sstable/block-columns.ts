/**
 * The content of a block as it is packed: bytes that are alike stand together, and the offsets, which can be
 * counted out, are left away. LZ4 finds four equal bytes and no fewer, and an entry's header of 16 bytes, of
 * which three or four differ from its neighbour's, cost it two matches among literals. In columns the equal
 * bytes of all headers are one match: half-compressible values of 100 bytes take 62 bytes an entry and not 69,
 * in no more time.
 *
 *     rows:     entry 0 | entry 1 | ... | offset u16 of each entry | num_entries u16
 *     columns:  16 columns of num_entries bytes | rests of the keys | values | num_entries u16
 *
 * A column is one byte of the header of each entry, in the order of the entries; so are rests and values. The
 * columns that are mostly zero come first, then those that mostly repeat one byte, then the sequence numbers.
 *
 *      0..4    shared, byte 1 | rest_len, byte 1 | value_len, bytes 3, 2, 1
 *      5..8    trailer, bytes 7, 6, 5, 4
 *      9..12   shared, byte 0 | rest_len, byte 0 | value_len, byte 0 | kind (trailer, byte 0)
 *     13..15   trailer, bytes 3, 2, 1
 *
 * Rows and columns lie in one array, those that are made behind those that they are made of, since `copyWithin` takes
 * 15 ns for a value of any length, and `set` from another array, with the view that it needs, takes 40.
 */
import { readU16, readU32, writeU16 } from '../bytes/integers.ts';
import { TRAILER_BYTES } from '../keys/internal-key.ts';
import { REST_AT } from './block.ts';
import { ENTRY_HEADER_BYTES, MAX_ENTRY_START } from './format.ts';

/** num_entries. */
const COUNT_BYTES = 2;

/** Longer values are copied by `copyWithin`, shorter ones four bytes at a time. */
const LONG_VALUE = 32;

// The numbers of the columns.
const SHARED_1 = 0;
const REST_1 = 1;
const SIZE_3 = 2;
const SIZE_2 = 3;
const SIZE_1 = 4;
const TRAILER_7 = 5;
const TRAILER_6 = 6;
const TRAILER_5 = 7;
const TRAILER_4 = 8;
const SHARED_0 = 9;
const REST_0 = 10;
const SIZE_0 = 11;
const TRAILER_0 = 12;
const TRAILER_3 = 13;
const TRAILER_2 = 14;
const TRAILER_1 = 15;

/**
 * Writes the columns of the rows that are the first `length` bytes of `memory` behind them: there must be as much
 * room again. Returns how many bytes they take.
 */
export function toColumns(memory: Uint8Array, length: number): number {
  const count = readU16(memory, length - COUNT_BYTES);
  const view = viewOf(memory);
  let restAt = length + ENTRY_HEADER_BYTES * count;
  let valueAt = restAt + restBytes(memory, count);
  let at = 0;
  for (let entry = 0; entry < count; entry++) {
    const restLength = readU16(memory, at + 2);
    const trailer = at + REST_AT + restLength;
    const size = trailer + TRAILER_BYTES;
    const valueLength = readU32(memory, size);
    memory[length + SHARED_1 * count + entry] = memory[at + 1];
    memory[length + REST_1 * count + entry] = memory[at + 3];
    memory[length + SIZE_3 * count + entry] = memory[size + 3];
    memory[length + SIZE_2 * count + entry] = memory[size + 2];
    memory[length + SIZE_1 * count + entry] = memory[size + 1];
    memory[length + TRAILER_7 * count + entry] = memory[trailer + 7];
    memory[length + TRAILER_6 * count + entry] = memory[trailer + 6];
    memory[length + TRAILER_5 * count + entry] = memory[trailer + 5];
    memory[length + TRAILER_4 * count + entry] = memory[trailer + 4];
    memory[length + SHARED_0 * count + entry] = memory[at];
    memory[length + REST_0 * count + entry] = memory[at + 2];
    memory[length + SIZE_0 * count + entry] = memory[size];
    memory[length + TRAILER_0 * count + entry] = memory[trailer];
    memory[length + TRAILER_3 * count + entry] = memory[trailer + 3];
    memory[length + TRAILER_2 * count + entry] = memory[trailer + 2];
    memory[length + TRAILER_1 * count + entry] = memory[trailer + 1];
    copyBehind(memory, view, at + REST_AT, restAt, restLength);
    restAt += restLength;
    const value = size + 4;
    copyBehind(memory, view, value, valueAt, valueLength);
    valueAt += valueLength;
    at = value + valueLength;
  }
  writeU16(memory, valueAt, count);
  return valueAt + COUNT_BYTES - length;
}

function viewOf({ buffer, byteOffset, byteLength }: Uint8Array): DataView {
  return new DataView(buffer, byteOffset, byteLength);
}

/** Copies what stands at `start` to `at`, which is behind it. */
function copyBehind(memory: Uint8Array, view: DataView, start: number, at: number, length: number): void {
  if (length > LONG_VALUE) {
    memory.copyWithin(at, start, start + length);
    return;
  }
  const fours = length & ~3;
  for (let i = 0; i < fours; i += 4) view.setInt32(at + i, view.getInt32(start + i, true), true);
  for (let i = fours; i < length; i++) memory[at + i] = memory[start + i];
}

function restBytes(rows: Uint8Array, count: number): number {
  let sum = 0;
  for (let entry = 0, at = 0; entry < count; entry++) {
    const restLength = readU16(rows, at + 2);
    sum += restLength;
    at += ENTRY_HEADER_BYTES + restLength + readU32(rows, at + REST_AT + restLength + TRAILER_BYTES);
  }
  return sum;
}

/** How much memory the rows of so many bytes of columns take at most: an offset for each entry comes to them. */
export function mostRows(length: number): number {
  return length + 2 * Math.floor((length - COUNT_BYTES) / ENTRY_HEADER_BYTES);
}

/**
 * Writes the rows of anybody's columns, which are the first `length` bytes of `memory`, behind them: there must be room
 * for {@link mostRows}. Returns how many bytes they take, or 0 if the lengths in the columns do not fit each other or
 * the offsets their u16; what is written then means nothing. What the rows say is left to `decodeBlock`.
 */
export function toRows(memory: Uint8Array, length: number): number {
  const end = length - COUNT_BYTES;
  const count = readU16(memory, end);
  let restAt = ENTRY_HEADER_BYTES * count;
  if (restAt > end) return 0;
  let valueAt = restAt;
  for (let entry = 0; entry < count; entry++) {
    valueAt += memory[REST_0 * count + entry] | (memory[REST_1 * count + entry] << 8);
  }
  if (valueAt > end) return 0;

  const view = viewOf(memory);
  let offsetAt = length + end;
  let at = length;
  for (let entry = 0; entry < count; entry++) {
    if (at - length > MAX_ENTRY_START) return 0;
    writeU16(memory, offsetAt, at - length);
    offsetAt += 2;
    const restLength = memory[REST_0 * count + entry] | (memory[REST_1 * count + entry] << 8);
    memory[at] = memory[SHARED_0 * count + entry];
    memory[at + 1] = memory[SHARED_1 * count + entry];
    writeU16(memory, at + 2, restLength);
    copyBehind(memory, view, restAt, at + REST_AT, restLength);
    restAt += restLength;
    const trailer = at + REST_AT + restLength;
    memory[trailer] = memory[TRAILER_0 * count + entry];
    memory[trailer + 1] = memory[TRAILER_1 * count + entry];
    memory[trailer + 2] = memory[TRAILER_2 * count + entry];
    memory[trailer + 3] = memory[TRAILER_3 * count + entry];
    memory[trailer + 4] = memory[TRAILER_4 * count + entry];
    memory[trailer + 5] = memory[TRAILER_5 * count + entry];
    memory[trailer + 6] = memory[TRAILER_6 * count + entry];
    memory[trailer + 7] = memory[TRAILER_7 * count + entry];
    const size = trailer + TRAILER_BYTES;
    memory[size] = memory[SIZE_0 * count + entry];
    memory[size + 1] = memory[SIZE_1 * count + entry];
    memory[size + 2] = memory[SIZE_2 * count + entry];
    memory[size + 3] = memory[SIZE_3 * count + entry];
    const valueLength = readU32(memory, size);
    if (valueLength > end - valueAt) return 0;
    copyBehind(memory, view, valueAt, size + 4, valueLength);
    valueAt += valueLength;
    at = size + 4 + valueLength;
  }
  writeU16(memory, offsetAt, count);
  return valueAt === end ? offsetAt + COUNT_BYTES - length : 0;
}
