/**
 * The properties of a table that are not in the footer: a block like any other, whose keys are names in
 * ASCII (in bytewise order, sequence 0, kind put) and whose values are:
 *
 *     block-bytes          u64    the size at which data blocks were cut
 *     bloom-bits-per-key   u64    0 when there is no filter
 *     compression          ASCII  how data blocks may be packed: "lz4" or "zstd"; not there if none is
 *     creator              ASCII  the program that wrote the table
 *     data-bytes           u64    bytes of all user keys and values
 *     user-key-range       smallest_len u16 | smallest | largest
 *
 * Names that a reader does not know are skipped, so a later version can add some. The range has the last
 * name because it can be longer than an entry may start.
 */
import { compareKeys, copyBytes } from '../bytes/compare.ts';
import { readU16, readU64, writeU16, writeU64 } from '../bytes/integers.ts';
import { corruption } from '../errors.ts';
import { KIND_PUT, MAX_KEY_BYTES } from '../keys/internal-key.ts';
import type { Block } from './block.ts';
import { BlockBuilder } from './block-builder.ts';
import { BlockCursor } from './block-cursor.ts';

export interface StoredProperties {
  readonly blockBytes: number;
  readonly bloomBitsPerKey: number;
  /** `'none'` if the table does not say. */
  readonly compression: string;
  readonly creator: string;
  readonly dataBytes: number;
  readonly smallest: Uint8Array;
  readonly largest: Uint8Array;
}

export const TABLE_CREATOR = 'mini-lsm';

/** A block of these properties, to be finished where it will stand. */
export function buildProperties(properties: StoredProperties): BlockBuilder {
  const builder = new BlockBuilder();
  addProperty(builder, 'block-bytes', numberBytes(properties.blockBytes));
  addProperty(builder, 'bloom-bits-per-key', numberBytes(properties.bloomBitsPerKey));
  if (properties.compression !== 'none') {
    addProperty(builder, 'compression', asciiBytes(properties.compression));
  }
  addProperty(builder, 'creator', asciiBytes(properties.creator));
  addProperty(builder, 'data-bytes', numberBytes(properties.dataBytes));
  addProperty(builder, 'user-key-range', rangeBytes(properties.smallest, properties.largest));
  return builder;
}

/** @throws LsmError `LSM_CORRUPTION` if one is missing or cannot be what was written. */
export function readProperties(block: Block, file: string, offset: number): StoredProperties {
  const values = new Map<string, Uint8Array>();
  const cursor = new BlockCursor();
  cursor.attach(block);
  for (cursor.seekToFirst(); cursor.valid; cursor.next()) {
    const name = String.fromCharCode(
      ...cursor.key.subarray(cursor.keyStart, cursor.keyStart + cursor.keyLength),
    );
    values.set(name, cursor.value.slice(cursor.valueStart, cursor.valueStart + cursor.valueLength));
  }
  const value = (name: string): Uint8Array => {
    const bytes = values.get(name);
    if (bytes === undefined) throw corruption(file, offset, `the property ${name} is missing`);
    return bytes;
  };
  const number = (name: string): number => {
    const bytes = value(name);
    const read = bytes.length === 8 ? readU64(bytes, 0) : Number.NaN;
    if (!Number.isSafeInteger(read)) throw corruption(file, offset, `the property ${name} is not a number`);
    return read;
  };
  const text = (name: string): string => String.fromCharCode(...value(name).subarray(0, 1024));
  const range = value('user-key-range');
  const smallestLength = range.length < 2 ? MAX_KEY_BYTES + 1 : readU16(range, 0);
  const largestLength = range.length - 2 - smallestLength;
  if (largestLength < 0 || largestLength > MAX_KEY_BYTES) {
    throw corruption(file, offset, 'the property user-key-range has impossible lengths');
  }
  const smallest = range.slice(2, 2 + smallestLength);
  const largest = range.slice(2 + smallestLength);
  if (compareKeys(smallest, largest) > 0) throw corruption(file, offset, 'the key range is upside down');
  return {
    blockBytes: number('block-bytes'),
    bloomBitsPerKey: number('bloom-bits-per-key'),
    compression: values.has('compression') ? text('compression') : 'none',
    creator: text('creator'),
    dataBytes: number('data-bytes'),
    smallest,
    largest,
  };
}

function addProperty(builder: BlockBuilder, name: string, value: Uint8Array): void {
  const key = asciiBytes(name);
  const shared = builder.shared(key, 0, key.length);
  builder.add(key, 0, key.length, shared, 0, KIND_PUT, value, 0, value.length);
}

function numberBytes(value: number): Uint8Array {
  const bytes = new Uint8Array(8);
  writeU64(bytes, 0, value);
  return bytes;
}

function asciiBytes(text: string): Uint8Array {
  return Uint8Array.from(text, (letter) => letter.charCodeAt(0));
}

function rangeBytes(smallest: Uint8Array, largest: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(2 + smallest.length + largest.length);
  writeU16(bytes, 0, smallest.length);
  copyBytes(smallest, 0, smallest.length, bytes, 2);
  copyBytes(largest, 0, largest.length, bytes, 2 + smallest.length);
  return bytes;
}
