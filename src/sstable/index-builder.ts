/**
 * Builds the index of a table: a tree of blocks whose values are handles.
 *
 *     value of an index entry:  | offset u64 | length u32 |     of a block that stands before this one
 *
 * The key of entry i separates child i - 1 from child i (see separator.ts): it is after everything in the
 * children before it and not after anything in child i. The first entry of an index block separates
 * nothing, so its key is free; it is the common prefix of the others, which makes all of them short. It is
 * also what keeps the tree low: as the first key is short whatever the user's keys are, two entries always
 * fit a block, although an entry has to start within its first 65,535 bytes and a key may be that long.
 *
 * The separators are held in memory, packed, until the last block is known; then the levels are written
 * from the leaves to the root, each twice as small as the one below or smaller.
 */
import { ByteWriter } from '../bytes/byte-writer.ts';
import { commonPrefixLength } from '../bytes/compare.ts';
import { readU16, readU32, readU64 } from '../bytes/integers.ts';
import { KIND_PUT, MAX_SEQUENCE } from '../keys/internal-key.ts';
import { BlockBuilder } from './block-builder.ts';
import {
  ENTRY_HEADER_BYTES,
  HANDLE_BYTES,
  type Handle,
  MAX_BLOCK_ENTRIES,
  MAX_ENTRY_START,
  writeHandle,
} from './format.ts';

/** The first key of an index block is at most this long. */
const MAX_FIRST_KEY = 1024;

/** Index blocks are this much larger than data blocks: fewer levels, and they are seldom read from disk. */
const INDEX_BLOCK_FACTOR = 8;

/** Packed: key length u16 | sequence u64 | offset u64 | length u32 | key. */
const PACKED_HEADER = 2 + 8 + 8 + 4;

/** Appends a finished block to the file and says where it stands. */
export type AppendBlock = (block: BlockBuilder) => Handle;

export interface BuiltIndex {
  readonly root: Handle;
  readonly height: number;
}

export class IndexBuilder {
  readonly #blockBytes: number;
  #level: PackedEntries = new PackedEntries();

  constructor(dataBlockBytes: number) {
    this.#blockBytes = Math.min(dataBlockBytes * INDEX_BLOCK_FACTOR, MAX_ENTRY_START);
  }

  /** About the bytes of the index if it were finished now. */
  get size(): number {
    return this.#level.bytes.length;
  }

  /** Adds the handle of the next data block with the key that separates it from the one before. */
  add(
    key: Uint8Array,
    start: number,
    length: number,
    sequence: number,
    offset: number,
    blockLength: number,
  ): void {
    this.#level.add(key, start, length, sequence, offset, blockLength);
  }

  finish(append: AppendBlock): BuiltIndex {
    const block = new BlockBuilder();
    for (let height = 1; ; height++) {
      const parents = new PackedEntries();
      let handle: Handle = { offset: 0, length: 0 };
      let first = 0;
      while (first < this.#level.count) {
        const end = this.#endOfBlock(first);
        this.#fill(block, first, end);
        handle = append(block);
        const { bytes } = this.#level.bytes;
        const keyAt = this.#level.keyAt(first);
        const sequence = this.#level.sequence(first);
        parents.add(bytes, keyAt, this.#level.keyLength(first), sequence, handle.offset, handle.length);
        first = end;
      }
      if (parents.count === 1) return { root: handle, height };
      this.#level = parents;
    }
  }

  /** Where the block that starts with entry `first` ends: it has two entries at least, if there are two. */
  #endOfBlock(first: number): number {
    const level = this.#level;
    let end = first + 1;
    // As if the first key were empty. A longer one is a prefix of all others and shortens them as much.
    let size = ENTRY_HEADER_BYTES + HANDLE_BYTES;
    while (end < level.count) {
      const entryBytes = ENTRY_HEADER_BYTES + HANDLE_BYTES + level.keyLength(end);
      const count = end - first;
      const isFull =
        size > MAX_ENTRY_START || size + entryBytes > this.#blockBytes || count === MAX_BLOCK_ENTRIES;
      if (count >= 2 && isFull) break;
      size += entryBytes;
      end++;
    }
    return end;
  }

  #fill(block: BlockBuilder, first: number, end: number): void {
    const level = this.#level;
    const { bytes } = level.bytes;
    const value = new Uint8Array(HANDLE_BYTES);
    block.clear();
    for (let entry = first; entry < end; entry++) {
      const isFirst = entry === first;
      const keyAt = level.keyAt(isFirst ? Math.min(first + 1, end - 1) : entry);
      const keyLength = isFirst ? this.#firstKeyLength(first, end) : level.keyLength(entry);
      const sequence = isFirst ? MAX_SEQUENCE : level.sequence(entry);
      const shared = block.shared(bytes, keyAt, keyLength);
      writeHandle(value, 0, level.offset(entry), level.blockLength(entry));
      block.add(bytes, keyAt, keyLength, shared, sequence, KIND_PUT, value, 0, HANDLE_BYTES);
    }
  }

  /** How many bytes of the second key make the first: it has to sort before the second internal key. */
  #firstKeyLength(first: number, end: number): number {
    const level = this.#level;
    const { bytes } = level.bytes;
    if (end - first === 1) return 0;
    const second = first + 1;
    const secondLength = level.keyLength(second);
    const common = commonPrefixLength(
      bytes,
      level.keyAt(second),
      secondLength,
      bytes,
      level.keyAt(end - 1),
      level.keyLength(end - 1),
    );
    const length = Math.min(common, MAX_FIRST_KEY);
    return length === secondLength && level.sequence(second) === MAX_SEQUENCE ? length - 1 : length;
  }
}

/** The entries of one level, one after another in one array. */
class PackedEntries {
  readonly bytes: ByteWriter = new ByteWriter(4096);
  readonly #starts: number[] = [];

  get count(): number {
    return this.#starts.length;
  }

  add(
    key: Uint8Array,
    start: number,
    length: number,
    sequence: number,
    offset: number,
    blockLength: number,
  ): void {
    const { bytes } = this;
    this.#starts.push(bytes.length);
    bytes.u16(length);
    bytes.u64(sequence);
    bytes.u64(offset);
    bytes.u32(blockLength);
    bytes.append(key, start, length);
  }

  keyLength(entry: number): number {
    return readU16(this.bytes.bytes, this.#starts[entry]);
  }

  sequence(entry: number): number {
    return readU64(this.bytes.bytes, this.#starts[entry] + 2);
  }

  offset(entry: number): number {
    return readU64(this.bytes.bytes, this.#starts[entry] + 10);
  }

  blockLength(entry: number): number {
    return readU32(this.bytes.bytes, this.#starts[entry] + 18);
  }

  keyAt(entry: number): number {
    return this.#starts[entry] + PACKED_HEADER;
  }
}
