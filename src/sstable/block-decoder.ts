/**
 * From the bytes of a file to a Block: the checks that a Block's readers rely on, made once for each block that
 * is read. Damage shows in the checksum, which comes before; what is refused here was written wrong or made up.
 */
import { readU16, readU32 } from '../bytes/integers.ts';
import { corruption, LsmError } from '../errors.ts';
import { isEntryKind, KIND_DELETE, MAX_KEY_BYTES, TRAILER_BYTES } from '../keys/internal-key.ts';
import { Block, type BlockRole, REST_AT } from './block.ts';
import { Children } from './children.ts';
import {
  CODEC_NONE,
  ENTRY_HEADER_BYTES,
  HANDLE_BYTES,
  isBlockLength,
  MIN_BLOCK_BYTES,
  SECTION_TRAILER_BYTES,
} from './format.ts';

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
  let last = 0;
  for (let index = 0; index < count; index++) {
    last = at;
    if (block.entryAt(index) !== at) throw corruption(file, offset, 'an entry starts where none ends');
    at = endOfEntry(block, at, file, offset);
  }
  if (at !== entriesEnd) throw corruption(file, offset, 'the entries do not fill their block');
  // What the keys share with the first one never grows, as they ascend.
  if (count > 1) block.prefixLength = readU16(bytes, last);
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
  const children = new Children(block.count);
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
    children.offsets[index] = start;
    expected = start + length;
    if (!(start >= 0 && expected <= offset))
      throw corruption(file, offset, 'an index entry that points astray');
  }
  block.children = children;
}

/** Whether a range can hold a block at all; checked before anything is allocated for it. */
export function isBlockRange(offset: number, length: number, limit: number): boolean {
  return length >= MIN_BLOCK_BYTES && isBlockLength(length) && offset >= 0 && offset + length <= limit;
}
