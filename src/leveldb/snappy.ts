/**
 * Uncompresses a block that LevelDB compressed with Snappy (format_description.txt of google/snappy):
 *
 *     varint: length when uncompressed | element*
 *
 *     element = tag 1 | length and offset bytes | literal bytes        kind = tag & 3
 *       0  literal     length - 1 in the upper six bits, or in the 1 to 4 bytes that follow for 60 to 63
 *       1  copy        length - 4 in three bits, offset in the upper three bits and one byte
 *       2  copy        length - 1 in the upper six bits, offset in two bytes
 *       3  copy        length - 1 in the upper six bits, offset in four bytes
 *
 * The package that does the work takes its input on trust: a literal length with the highest bit set sends
 * it backwards for ever, and a block that is too short comes out with zeros at its end. So the elements are
 * walked first, without copying anything: whatever passes makes exactly as many bytes as it announces, and
 * announces no more than its own length allows (an element of three bytes makes at most 64).
 */
import { uncompress as snappyUncompress } from 'snappyjs';
import { readU16, readU32 } from '../bytes/integers.ts';
import type { LsmError } from '../errors.ts';
import { ByteReader } from './byte-reader.ts';

/** @throws what `fault` makes, for bytes that are not Snappy's or announce more than `limit`. */
export function uncompress(
  bytes: Uint8Array,
  start: number,
  length: number,
  limit: number,
  fault: (what: string) => LsmError,
): Uint8Array {
  const reader = new ByteReader(fault).attach(bytes, start, length);
  const announced = reader.varint32();
  if (announced > limit) throw fault(`it announces ${announced} bytes, and ${limit} are the most`);
  let made = 0;
  while (reader.remaining > 0) {
    if (made >= announced) throw fault(`it goes on after the ${announced} bytes that it announces`);
    made += nextElement(reader, made);
  }
  if (made !== announced) throw fault(`it announces ${announced} bytes and makes ${made}`);
  try {
    return snappyUncompress(bytes.subarray(start, start + length), announced);
  } catch {
    // It is pickier than the format in one thing: four bytes have to follow the tag of a long literal.
    throw fault('an element is written in a way that no compressor chooses');
  }
}

/** Moves over an element; returns how many bytes it adds to the `made` that are there. */
function nextElement(reader: ByteReader, made: number): number {
  const tag = reader.bytes[reader.skip(1)];
  const upper = tag >>> 2;
  switch (tag & 3) {
    case 0: {
      const length = (upper < 60 ? upper : littleEndian(reader, upper - 59)) + 1;
      reader.skip(length);
      return length;
    }
    case 1:
      checkOffset(reader, ((tag >>> 5) << 8) | reader.bytes[reader.skip(1)], made);
      return (upper & 7) + 4;
    case 2:
      checkOffset(reader, readU16(reader.bytes, reader.skip(2)), made);
      return upper + 1;
    default:
      checkOffset(reader, readU32(reader.bytes, reader.skip(4)), made);
      return upper + 1;
  }
}

function littleEndian(reader: ByteReader, count: number): number {
  const start = reader.skip(count);
  let value = 0;
  for (let i = count - 1; i >= 0; i--) value = value * 256 + reader.bytes[start + i];
  return value;
}

function checkOffset(reader: ByteReader, offset: number, made: number): void {
  if (offset === 0 || offset > made)
    throw reader.fault(`a copy from ${offset} bytes back, where ${made} are`);
}
