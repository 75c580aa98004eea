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
 */
import { copyBytes } from '../bytes/compare.ts';
import { readU16, readU32, writeU16 } from '../bytes/integers.ts';
import { TRAILER_BYTES } from '../keys/internal-key.ts';
import { REST_AT } from './block.ts';
import { ENTRY_HEADER_BYTES, MAX_ENTRY_START } from './format.ts';

/** num_entries. */
const COUNT_BYTES = 2;

/** Longer values are copied by `set`: for 100 bytes both take as long, for 50 bytes four at a time a third less. */
const LONG_VALUE = 80;

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
 * Writes the columns of a block's first `length` bytes, its rows, to `to`, which must be as long. Returns how
 * many bytes they take.
 */
export function toColumns(rows: Uint8Array, length: number, to: Uint8Array): number {
  const count = readU16(rows, length - COUNT_BYTES);
  const source = viewOf(rows);
  const target = viewOf(to);
  let restAt = ENTRY_HEADER_BYTES * count;
  let valueAt = restAt + restBytes(rows, count);
  let at = 0;
  for (let entry = 0; entry < count; entry++) {
    const restLength = readU16(rows, at + 2);
    const trailer = at + REST_AT + restLength;
    const size = trailer + TRAILER_BYTES;
    const valueLength = readU32(rows, size);
    to[SHARED_1 * count + entry] = rows[at + 1];
    to[REST_1 * count + entry] = rows[at + 3];
    to[SIZE_3 * count + entry] = rows[size + 3];
    to[SIZE_2 * count + entry] = rows[size + 2];
    to[SIZE_1 * count + entry] = rows[size + 1];
    to[TRAILER_7 * count + entry] = rows[trailer + 7];
    to[TRAILER_6 * count + entry] = rows[trailer + 6];
    to[TRAILER_5 * count + entry] = rows[trailer + 5];
    to[TRAILER_4 * count + entry] = rows[trailer + 4];
    to[SHARED_0 * count + entry] = rows[at];
    to[REST_0 * count + entry] = rows[at + 2];
    to[SIZE_0 * count + entry] = rows[size];
    to[TRAILER_0 * count + entry] = rows[trailer];
    to[TRAILER_3 * count + entry] = rows[trailer + 3];
    to[TRAILER_2 * count + entry] = rows[trailer + 2];
    to[TRAILER_1 * count + entry] = rows[trailer + 1];
    copyBytes(rows, at + REST_AT, restLength, to, restAt);
    restAt += restLength;
    const value = size + 4;
    if (valueLength > LONG_VALUE) copyBytes(rows, value, valueLength, to, valueAt);
    else copyExactly(source, value, target, valueAt, valueLength);
    valueAt += valueLength;
    at = value + valueLength;
  }
  writeU16(to, valueAt, count);
  return valueAt + COUNT_BYTES;
}

function viewOf({ buffer, byteOffset, byteLength }: Uint8Array): DataView {
  return new DataView(buffer, byteOffset, byteLength);
}

/** Copies four bytes at a time and the last of them singly. */
function copyExactly(from: DataView, start: number, to: DataView, at: number, length: number): void {
  const fours = length & ~3;
  for (let i = 0; i < fours; i += 4) to.setInt32(at + i, from.getInt32(start + i, true), true);
  for (let i = fours; i < length; i++) to.setUint8(at + i, from.getUint8(start + i));
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

/** How long the rows are that the first `length` bytes of `columns` say they hold: what `toRows` needs. */
export function rowsLength(columns: Uint8Array, length: number): number {
  return length + 2 * readU16(columns, length - COUNT_BYTES);
}

/**
 * Writes the rows of anybody's columns to `to`. Returns whether the lengths in them fit each other and the
 * offsets their u16; if not, what is in `to` means nothing. What the rows say is left to `decodeBlock`.
 */
export function toRows(columns: Uint8Array, length: number, to: Uint8Array): boolean {
  const end = length - COUNT_BYTES;
  const count = readU16(columns, end);
  let restAt = ENTRY_HEADER_BYTES * count;
  if (restAt > end) return false;
  let valueAt = restAt;
  for (let entry = 0; entry < count; entry++) {
    valueAt += columns[REST_0 * count + entry] | (columns[REST_1 * count + entry] << 8);
  }
  if (valueAt > end) return false;

  const source = viewOf(columns);
  const target = viewOf(to);
  let offsetAt = end;
  let at = 0;
  for (let entry = 0; entry < count; entry++) {
    if (at > MAX_ENTRY_START) return false;
    writeU16(to, offsetAt, at);
    offsetAt += 2;
    const restLength = columns[REST_0 * count + entry] | (columns[REST_1 * count + entry] << 8);
    to[at] = columns[SHARED_0 * count + entry];
    to[at + 1] = columns[SHARED_1 * count + entry];
    writeU16(to, at + 2, restLength);
    copyBytes(columns, restAt, restLength, to, at + REST_AT);
    restAt += restLength;
    const trailer = at + REST_AT + restLength;
    to[trailer] = columns[TRAILER_0 * count + entry];
    to[trailer + 1] = columns[TRAILER_1 * count + entry];
    to[trailer + 2] = columns[TRAILER_2 * count + entry];
    to[trailer + 3] = columns[TRAILER_3 * count + entry];
    to[trailer + 4] = columns[TRAILER_4 * count + entry];
    to[trailer + 5] = columns[TRAILER_5 * count + entry];
    to[trailer + 6] = columns[TRAILER_6 * count + entry];
    to[trailer + 7] = columns[TRAILER_7 * count + entry];
    const size = trailer + TRAILER_BYTES;
    to[size] = columns[SIZE_0 * count + entry];
    to[size + 1] = columns[SIZE_1 * count + entry];
    to[size + 2] = columns[SIZE_2 * count + entry];
    to[size + 3] = columns[SIZE_3 * count + entry];
    const valueLength = readU32(to, size);
    if (valueLength > end - valueAt) return false;
    if (valueLength > LONG_VALUE) copyBytes(columns, valueAt, valueLength, to, size + 4);
    else copyExactly(source, valueAt, target, size + 4, valueLength);
    valueAt += valueLength;
    at = size + 4 + valueLength;
  }
  writeU16(to, offsetAt, count);
  return valueAt === end;
}
