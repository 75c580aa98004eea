/**
 * Writes one block after another into the same memory.
 *
 *     entry:  | shared u16 | rest_len u16 | rest | trailer u64 | value_len u32 | value |
 *     block:  | entry 0 | entry 1 | ... | offset u16 of each entry | num_entries u16 | codec u8 | crc32 u32 |
 *
 * `shared` is how many bytes the user key has in common with the user key of entry 0, whose own is 0;
 * `rest` is what follows them. The checksum is of everything before it and starts from the file's seed and
 * the block's offset in the file. That is a block as it is in memory; block-codec.ts has the packed form.
 *
 * The caller adds entries in internal order and asks {@link BlockBuilder.sizeWith} before each.
 */
import { ByteWriter } from '../bytes/byte-writer.ts';
import { checksumAt } from '../bytes/checksum.ts';
import { commonPrefixLength, copyBytes } from '../bytes/compare.ts';
import { writeU16, writeU32 } from '../bytes/integers.ts';
import { assertInvariant } from '../errors.ts';
import { TRAILER_BYTES, trailerHigh, trailerLow } from '../keys/internal-key.ts';
import { REST_AT } from './block.ts';
import type { BlockPacker } from './block-codec.ts';
import {
  CODEC_NONE,
  ENTRY_HEADER_BYTES,
  MAX_BLOCK_ENTRIES,
  MAX_ENTRY_START,
  SECTION_TRAILER_BYTES,
} from './format.ts';

/** Memory that a larger block needed is let go after it. */
const KEPT_CAPACITY = 256 * 1024;

export class BlockBuilder {
  #writer: ByteWriter = new ByteWriter(8192);
  #offsets: Uint16Array = new Uint16Array(256);
  #firstLength = 0;
  count = 0;

  /** Bytes of the block if it were finished now. */
  get size(): number {
    return this.#writer.length + 2 * this.count + 2 + SECTION_TRAILER_BYTES;
  }

  /** How many bytes this user key has in common with the first one of the block. */
  shared(key: Uint8Array, start: number, length: number): number {
    if (this.count === 0) return 0;
    return commonPrefixLength(this.#writer.bytes, REST_AT, this.#firstLength, key, start, length);
  }

  /** Bytes of the block if one more entry joined it, or Infinity if the format has no room for it. */
  sizeWith(keyLength: number, shared: number, valueLength: number): number {
    if (this.#writer.length > MAX_ENTRY_START || this.count === MAX_BLOCK_ENTRIES) {
      return Number.POSITIVE_INFINITY;
    }
    return this.size + 2 + ENTRY_HEADER_BYTES + keyLength - shared + valueLength;
  }

  /** Adds an entry; `shared` is what {@link BlockBuilder.shared} says of its key. */
  add(
    key: Uint8Array,
    keyStart: number,
    keyLength: number,
    shared: number,
    sequence: number,
    kind: number,
    value: Uint8Array,
    valueStart: number,
    valueLength: number,
  ): void {
    const restLength = keyLength - shared;
    const at = this.#writer.reserve(ENTRY_HEADER_BYTES + restLength + valueLength);
    assertInvariant(
      at <= MAX_ENTRY_START && this.count < MAX_BLOCK_ENTRIES,
      'a block has room for its entries',
    );
    if (this.count === 0) this.#firstLength = keyLength;
    const bytes = this.#writer.bytes;
    writeU16(bytes, at, shared);
    writeU16(bytes, at + 2, restLength);
    copyBytes(key, keyStart + shared, restLength, bytes, at + REST_AT);
    const trailer = at + REST_AT + restLength;
    writeU32(bytes, trailer, trailerLow(sequence, kind));
    writeU32(bytes, trailer + 4, trailerHigh(sequence));
    writeU32(bytes, trailer + TRAILER_BYTES, valueLength);
    copyBytes(value, valueStart, valueLength, bytes, trailer + TRAILER_BYTES + 4);
    this.#writer.length = trailer + TRAILER_BYTES + 4 + valueLength;
    if (this.count === this.#offsets.length) this.#growOffsets();
    this.#offsets[this.count] = at;
    this.count += 1;
  }

  /**
   * The bytes of the block, complete, that will stand at `offset` of the file with that seed; packed if a
   * packer is given and it pays. Valid until the next `add`, and the packer's next block.
   */
  finish(seed: number, offset: number, packer?: BlockPacker): Uint8Array {
    assertInvariant(this.count > 0, 'a block has an entry');
    const writer = this.#writer;
    const offsets = this.#offsets;
    for (let index = 0; index < this.count; index++) writer.u16(offsets[index]);
    writer.u16(this.count);
    const packed = packer?.pack(writer.bytes, writer.length, seed, offset);
    if (packed !== undefined) return packed;
    writer.u8(CODEC_NONE);
    writer.u32(checksumAt(seed, offset, writer.bytes, 0, writer.length));
    return writer.view();
  }

  /** Starts the next block. */
  clear(): void {
    if (this.#writer.bytes.length > KEPT_CAPACITY) this.#writer = new ByteWriter(8192);
    this.#writer.clear();
    this.count = 0;
    this.#firstLength = 0;
  }

  #growOffsets(): void {
    const grown = new Uint16Array(this.#offsets.length * 2);
    grown.set(this.#offsets);
    this.#offsets = grown;
  }
}
