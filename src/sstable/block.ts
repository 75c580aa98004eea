/**
 * A block: a sorted run of entries that is searched where it lies, without copying or unpacking anything.
 *
 *     entry* | offset u16[] | num_entries u16 | codec u8 | crc32 u32
 *     entry = shared u16 | rest_len u16 | rest | trailer u64 | value_len u32 | value
 *
 * `shared` counts the bytes a key has in common with the block's *first* key, so every entry can be read
 * without its neighbours, and a search compares key bytes only in entries whose `shared` is the same as
 * the target's own; all others are decided by two numbers (see {@link Block.lowerBound}).
 *
 * Invariant: a Block is made by {@link decodeBlock} alone, which checks every offset and length once; that
 * is why nothing here checks them again. Whether the keys are in order is vouched for by the checksum, and
 * by `verify`.
 */
import { readU16, readU32, readU64 } from '../bytes/integers.ts';
import { corruption, LsmError } from '../errors.ts';
import { isEntryKind, KIND_DELETE, MAX_KEY_BYTES, TRAILER_BYTES } from '../keys/internal-key.ts';
import {
  CODEC_NONE,
  ENTRY_HEADER_BYTES,
  HANDLE_BYTES,
  isBlockLength,
  MIN_BLOCK_BYTES,
  SECTION_TRAILER_BYTES,
} from './format.ts';

/** Where the rest of an entry's key starts, from the start of the entry. */
export const REST_AT = 4;

const TWO_TO_24 = 0x100_0000;

/** What the values of a block are: those of the user, or handles of blocks that stand before it. */
export type BlockRole = 'data' | 'index';

export class Block {
  readonly bytes: Uint8Array;
  readonly role: BlockRole;
  readonly count: number;
  /** Where the entries end and their offsets start. */
  readonly entriesEnd: number;
  /** Length of the first key, which stands at `REST_AT`. */
  readonly firstLength: number;
  /** How many cursors stand in it. */
  pins = 0;
  /** Whether its bytes are memory of a `BlockMemory`, to which they go back when the cache drops it. */
  lent = false;

  constructor(bytes: Uint8Array, role: BlockRole, count: number, entriesEnd: number) {
    this.bytes = bytes;
    this.role = role;
    this.count = count;
    this.entriesEnd = entriesEnd;
    this.firstLength = readU16(bytes, 2);
  }

  /** Where entry `index` starts. */
  entryAt(index: number): number {
    const at = this.entriesEnd + 2 * index;
    return this.bytes[at] | (this.bytes[at + 1] << 8);
  }

  /**
   * The first entry at or after (user key, sequence), or `count` if there is none.
   *
   * Let c be the length of the common prefix of target and first key. When the target is after the first
   * key, an entry that shares more than c with the first key is like it where the target is larger, so it
   * is before the target; one that shares less is larger than the first key where the target is like it,
   * so it is after the target. Bytes are compared only where the entry shares exactly c.
   */
  lowerBound(key: Uint8Array, start: number, length: number, sequence: number): number {
    const bytes = this.bytes;
    const firstLength = this.firstLength;
    const shorter = Math.min(length, firstLength);
    let common = 0;
    while (common < shorter && key[start + common] === bytes[REST_AT + common]) common++;
    if (common < firstLength) {
      if (common === length || key[start + common] < bytes[REST_AT + common]) return 0;
    } else if (length === firstLength && sequenceAt(bytes, REST_AT + firstLength) <= sequence) {
      return 0;
    }
    let low = 1;
    let high = this.count;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const at = this.entryAt(middle);
      const shared = bytes[at] | (bytes[at + 1] << 8);
      const before =
        shared === common
          ? isRestBefore(bytes, at, key, start + common, length - common, sequence)
          : shared > common;
      if (before) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /**
   * The last entry at or before (user key, sequence), or 0: the child of an index block where that internal
   * key has its place. Sequences are whole numbers, so "after s" is "at or after s - 1".
   */
  floor(key: Uint8Array, start: number, length: number, sequence: number): number {
    const after = this.lowerBound(key, start, length, sequence - 1);
    return after === 0 ? 0 : after - 1;
  }

  /** Whether the user key of entry `index` is this one. */
  keyEquals(index: number, key: Uint8Array, start: number, length: number): boolean {
    const bytes = this.bytes;
    const at = this.entryAt(index);
    const shared = readU16(bytes, at);
    if (shared + readU16(bytes, at + 2) !== length) return false;
    // From the end: keys of one block differ there first.
    for (let i = length - 1, rest = at + REST_AT - shared; i >= shared; i--) {
      if (bytes[rest + i] !== key[start + i]) return false;
    }
    for (let i = shared - 1; i >= 0; i--) if (bytes[REST_AT + i] !== key[start + i]) return false;
    return true;
  }

  /** Where the trailer of the entry that starts at `at` stands. */
  trailerAt(at: number): number {
    return at + REST_AT + (this.bytes[at + 2] | (this.bytes[at + 3] << 8));
  }

  /** The offset in the handle of entry `index` of an index block. */
  childOffset(index: number): number {
    return readU64(this.bytes, this.trailerAt(this.entryAt(index)) + TRAILER_BYTES + 4);
  }

  /** The length in the handle of entry `index` of an index block. */
  childLength(index: number): number {
    return readU32(this.bytes, this.trailerAt(this.entryAt(index)) + TRAILER_BYTES + 12);
  }
}

/** The sequence number of the trailer at `at`. */
export function sequenceAt(bytes: Uint8Array, at: number): number {
  const low24 = bytes[at + 1] | (bytes[at + 2] << 8) | (bytes[at + 3] << 16);
  return readU32(bytes, at + 4) * TWO_TO_24 + low24;
}

/** Whether the rest of the entry at `at`, with its sequence, sorts before the end of the target. */
function isRestBefore(
  bytes: Uint8Array,
  at: number,
  key: Uint8Array,
  start: number,
  length: number,
  sequence: number,
): boolean {
  const restLength = bytes[at + 2] | (bytes[at + 3] << 8);
  const rest = at + REST_AT;
  const shorter = Math.min(restLength, length);
  for (let i = 0; i < shorter; i++) {
    const difference = bytes[rest + i] - key[start + i];
    if (difference !== 0) return difference < 0;
  }
  if (restLength !== length) return restLength < length;
  return sequenceAt(bytes, rest + restLength) > sequence;
}

/**
 * Makes a Block of bytes whose checksum was found right, after checking everything its readers rely on.
 * `offset` is where it stands in `file`.
 * @throws LsmError `LSM_CORRUPTION`, `LSM_UNSUPPORTED_FORMAT` for an unknown codec.
 */
export function decodeBlock(bytes: Uint8Array, role: BlockRole, file: string, offset: number): Block {
  if (!isBlockLength(bytes.length)) throw corruption(file, offset, 'a block of impossible length');
  const countAt = bytes.length - SECTION_TRAILER_BYTES - 2;
  checkCodec(bytes[countAt + 2], file, offset);
  const count = readU16(bytes, countAt);
  const entriesEnd = countAt - 2 * count;
  if (count === 0 || entriesEnd < ENTRY_HEADER_BYTES * count) {
    throw corruption(file, offset, 'a block too short for the number of its entries');
  }
  const block = new Block(bytes, role, count, entriesEnd);
  let at = 0;
  for (let index = 0; index < count; index++) {
    if (block.entryAt(index) !== at) throw corruption(file, offset, 'an entry starts where none ends');
    at = endOfEntry(block, at, file, offset);
  }
  if (at !== entriesEnd) throw corruption(file, offset, 'the entries do not fill their block');
  if (role === 'index') checkHandles(block, file, offset);
  return block;
}

/** @throws LsmError `LSM_UNSUPPORTED_FORMAT` for a codec that this version does not know. */
export function checkCodec(codec: number, file: string, offset: number): void {
  if (codec === CODEC_NONE) return;
  const what = `${file} holds a block packed with codec ${codec}, which this program cannot unpack: use the program that wrote it`;
  throw new LsmError('LSM_UNSUPPORTED_FORMAT', what, { file, offset });
}

/** Checks every number of the entry at `at` and returns where it ends. */
function endOfEntry(block: Block, at: number, file: string, offset: number): number {
  const { bytes, entriesEnd, firstLength } = block;
  if (at + ENTRY_HEADER_BYTES > entriesEnd) throw corruption(file, offset, 'an entry that is cut off');
  const shared = readU16(bytes, at);
  const restLength = readU16(bytes, at + 2);
  const trailer = at + REST_AT + restLength;
  if (trailer + TRAILER_BYTES + 4 > entriesEnd) throw corruption(file, offset, 'a key that is cut off');
  if (at === 0 ? shared !== 0 : shared > firstLength || shared + restLength > MAX_KEY_BYTES) {
    throw corruption(file, offset, 'an entry shares more than its block has');
  }
  // A search relies on `shared` being all that the two keys have in common, and on the first key being first.
  if (
    at !== 0 &&
    shared < firstLength &&
    (restLength === 0 || bytes[at + REST_AT] <= bytes[REST_AT + shared])
  ) {
    throw corruption(
      file,
      offset,
      'an entry that sorts before the first one or shares less with it than it could',
    );
  }
  const kind = bytes[trailer];
  const valueLength = readU32(bytes, trailer + TRAILER_BYTES);
  if (!isEntryKind(kind) || (kind === KIND_DELETE && valueLength !== 0)) {
    throw corruption(file, offset, 'an entry of an impossible kind');
  }
  if (readU32(bytes, trailer + 4) >= 2 ** 29) throw corruption(file, offset, 'an impossible sequence number');
  return trailer + TRAILER_BYTES + 4 + valueLength;
}

/** The children of an index block touch each other, and all stand before it: a walk down always ends. */
function checkHandles(block: Block, file: string, offset: number): void {
  let expected = -1;
  for (let index = 0; index < block.count; index++) {
    if (readU32(block.bytes, block.trailerAt(block.entryAt(index)) + TRAILER_BYTES) !== HANDLE_BYTES) {
      throw corruption(file, offset, 'an index entry that is no handle');
    }
    const start = block.childOffset(index);
    const length = block.childLength(index);
    if (!isBlockLength(length) || (expected !== -1 && start !== expected)) {
      throw corruption(file, offset, 'an index entry that points between blocks');
    }
    expected = start + length;
    if (!(start >= 0 && expected <= offset))
      throw corruption(file, offset, 'an index entry that points astray');
  }
}

/** Whether a range can hold a block at all; checked before anything is allocated for it. */
export function isBlockRange(offset: number, length: number, limit: number): boolean {
  return length >= MIN_BLOCK_BYTES && isBlockLength(length) && offset >= 0 && offset + length <= limit;
}
