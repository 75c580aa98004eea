/**
 * How a block is packed on its way to the file, and unpacked on its way back.
 *
 *     as it is:  | content | codec u8 = 0 | crc32 u32 |
 *     packed:    | LZ4 block | bytes of the content u32 | codec u8 = 1 | crc32 u32 |
 *
 * The content is everything up to and including num_entries. The checksum covers what is stored, so that
 * nothing is unpacked that was not found whole. In memory every block has the first form.
 */
import { checksumAt } from '../bytes/checksum.ts';
import { readU32, writeU32 } from '../bytes/integers.ts';
import { decodeLz4 } from '../bytes/lz4-decoder.ts';
import { Lz4Encoder } from '../bytes/lz4-encoder.ts';
import { LZ4_MOST_EXPANSION } from '../bytes/lz4-format.ts';
import { corruption } from '../errors.ts';
import type { BlockAllocator } from './block-memory.ts';
import { CODEC_LZ4, CODEC_NONE, isBlockLength, MIN_BLOCK_BYTES, SECTION_TRAILER_BYTES } from './format.ts';

/** What stands behind packed bytes. */
const PACKED_TRAILER_BYTES = 4 + SECTION_TRAILER_BYTES;

/** A block stays as it is unless packing saves one byte in so many: reading it would cost more than it gives. */
const LEAST_SAVING = 8;

/** Larger contents, of single large entries, stay as they are: a writer's memory is bounded. */
const LARGEST_CONTENT = 64 * 1024 * 1024;

/** Memory that a larger block needed is let go after it. */
const KEPT_BYTES = 256 * 1024;

/** Packs one block after another in the same memory. */
export class BlockPacker {
  readonly #encoder: Lz4Encoder = new Lz4Encoder();
  #memory: Uint8Array = new Uint8Array(8192);

  /**
   * The packed block, for `offset` in the file with that seed, of the first `length` bytes of `content`;
   * undefined if that would not save enough. Valid until the next call.
   */
  pack(content: Uint8Array, length: number, seed: number, offset: number): Uint8Array | undefined {
    if (length > LARGEST_CONTENT) return undefined;
    const most = length - Math.ceil(length / LEAST_SAVING) - 4;
    if (most <= 0) return undefined;
    const memory = this.#room(most + PACKED_TRAILER_BYTES);
    const packed = this.#encoder.encode(content, length, memory, most);
    if (packed === 0 || packed + PACKED_TRAILER_BYTES < MIN_BLOCK_BYTES) return undefined;
    writeU32(memory, packed, length);
    memory[packed + 4] = CODEC_LZ4;
    writeU32(memory, packed + 5, checksumAt(seed, offset, memory, 0, packed + 5));
    return memory.subarray(0, packed + PACKED_TRAILER_BYTES);
  }

  #room(length: number): Uint8Array {
    if (length > KEPT_BYTES) return new Uint8Array(length);
    if (length > this.#memory.length) this.#memory = new Uint8Array(KEPT_BYTES);
    return this.#memory;
  }
}

/**
 * The block as it is in memory, of stored bytes whose checksum was found right: those bytes themselves if
 * they are not packed. A packed block has no checksum behind it afterwards. Unknown codecs are left to
 * `decodeBlock`.
 * @throws LsmError `LSM_CORRUPTION`
 */
export function unpackBlock(
  stored: Uint8Array,
  allocator: BlockAllocator,
  file: string,
  offset: number,
): Uint8Array {
  const codecAt = stored.length - SECTION_TRAILER_BYTES;
  if (stored[codecAt] !== CODEC_LZ4) return stored;
  const packed = codecAt - 4;
  const content = readU32(stored, packed);
  const length = content + SECTION_TRAILER_BYTES;
  if (!isBlockLength(length) || content > packed * LZ4_MOST_EXPANSION) {
    throw corruption(file, offset, `${packed} packed bytes cannot hold the ${content} they are said to hold`);
  }
  const bytes = allocator.take(length);
  if (!decodeLz4(stored, packed, bytes, content)) {
    throw corruption(file, offset, `a packed block does not hold the ${content} bytes it is said to hold`);
  }
  bytes[content] = CODEC_NONE;
  bytes.fill(0, content + 1);
  return bytes;
}
