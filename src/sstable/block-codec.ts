/**
 * How a block is packed on its way to the file, and unpacked on its way back.
 *
 *     as it is:  | rows | codec u8 = 0 | crc32 u32 |
 *     packed:    | LZ4 block of the columns | bytes of the columns u32 | codec u8 = 2 | crc32 u32 |
 *                | Zstandard frame of them  | bytes of the columns u32 | codec u8 = 3 | crc32 u32 |
 *
 * The rows are everything up to and including num_entries, the columns the same in another order (see
 * block-columns.ts). The checksum covers what is stored, so that nothing is unpacked that was not found whole.
 * In memory every block has the first form.
 */
import { nativeZstd } from '#platform';
import { checksumAt } from '../bytes/checksum.ts';
import type { Compression } from '../bytes/compression.ts';
import { readU32, writeU32 } from '../bytes/integers.ts';
import { decodeLz4 } from '../bytes/lz4-decoder.ts';
import { Lz4Encoder } from '../bytes/lz4-encoder.ts';
import { decodeZstd, ZstdEncoder } from '../bytes/zstd.ts';
import { assertInvariant, corruption, LsmError } from '../errors.ts';
import type { Zstd } from '../platform/zstd.ts';
import { mostRows, toColumns, toRows } from './block-columns.ts';
import type { BlockAllocator } from './block-memory.ts';
import {
  CODEC_LZ4,
  CODEC_NONE,
  CODEC_ZSTD,
  ENTRY_HEADER_BYTES,
  MIN_BLOCK_BYTES,
  MOST_EXPANSION,
  SECTION_TRAILER_BYTES,
} from './format.ts';
import { NativeLz4Encoder } from './native-lz4.ts';

/** What stands behind packed bytes. */
const PACKED_TRAILER_BYTES = 4 + SECTION_TRAILER_BYTES;

/** A block stays as it is unless packing saves one byte in so many: reading it would cost more than it gives. */
const LEAST_SAVING = 8;

/** Larger contents, of single large entries, stay as they are: a writer's memory is bounded. */
const LARGEST_CONTENT = 64 * 1024 * 1024;

/** The shortest columns: one entry with an empty key and an empty value. */
const LEAST_COLUMNS: number = ENTRY_HEADER_BYTES + 2;

/** Larger blocks are packed in memory of their own, so that one of them costs nothing for good. */
const KEPT_BYTES = 256 * 1024;

/** Packs one block after another in the same memory. */
export class BlockPacker {
  readonly #lz4: Lz4Encoder | NativeLz4Encoder;
  readonly #zstd: ZstdEncoder | undefined;
  /** The rows and behind them their columns. */
  readonly #workspace: Workspace = new Workspace();
  readonly #packed: Workspace = new Workspace();

  /** Whoever asks for `'zstd'` or for native LZ4 has seen that it is there. */
  constructor(compression: Exclude<Compression, 'none'>, nativeLz4 = false, zstd: Zstd | null = nativeZstd) {
    this.#lz4 = nativeLz4 ? new NativeLz4Encoder() : new Lz4Encoder();
    if (compression === 'zstd') {
      assertInvariant(zstd !== null, 'nothing is packed by a zstd that is not there');
      this.#zstd = new ZstdEncoder(zstd);
    }
  }

  /**
   * The packed block, for `offset` in the file with that seed, of the first `length` bytes of `rows`; undefined
   * if that would not save enough. Valid until the next call.
   */
  pack(rows: Uint8Array, length: number, seed: number, offset: number): Uint8Array | undefined {
    if (length > LARGEST_CONTENT) return undefined;
    const most = length - Math.ceil(length / LEAST_SAVING) - 4;
    const workspace = this.#workspace.take(2 * length);
    workspace.set(rows.subarray(0, length));
    const columnsLength = toColumns(workspace, length);
    const columns = workspace.subarray(length, length + columnsLength);
    const memory = this.#packed.take(most + PACKED_TRAILER_BYTES);
    let codec = CODEC_ZSTD;
    let packed = this.#zstd?.encode(columns, columnsLength, memory, most);
    if (packed === undefined || (packed > 0 && columnsLength > packed * MOST_EXPANSION)) {
      codec = CODEC_LZ4;
      packed = this.#lz4.encode(columns, columnsLength, memory, most);
    }
    if (packed === 0 || packed + PACKED_TRAILER_BYTES < MIN_BLOCK_BYTES) return undefined;
    writeU32(memory, packed, columnsLength);
    memory[packed + 4] = codec;
    writeU32(memory, packed + 5, checksumAt(seed, offset, memory, 0, packed + 5));
    return memory.subarray(0, packed + PACKED_TRAILER_BYTES);
  }
}

/** Memory for one block after another; what a large one needed is let go after it. */
class Workspace {
  #bytes: Uint8Array = new Uint8Array(8192);

  take(length: number): Uint8Array {
    if (length > KEPT_BYTES) return new Uint8Array(length);
    if (length > this.#bytes.length) this.#bytes = new Uint8Array(KEPT_BYTES);
    return this.#bytes;
  }
}

/**
 * The block as it is in memory, of stored bytes whose checksum was found right: those bytes themselves if
 * they are not packed. A packed block has no checksum behind it afterwards. Memory for it and for its columns is taken
 * from `allocator`. Unknown codecs are left to `decodeBlock`.
 * @throws LsmError `LSM_CORRUPTION`; `LSM_UNSUPPORTED_FORMAT` for Zstandard on a runtime without it.
 */
export function unpackBlock(
  stored: Uint8Array,
  allocator: BlockAllocator,
  file: string,
  offset: number,
  zstd: Zstd | null = nativeZstd,
): Uint8Array {
  const codecAt = stored.length - SECTION_TRAILER_BYTES;
  const codec = stored[codecAt];
  if (codec !== CODEC_LZ4 && codec !== CODEC_ZSTD) return stored;
  const packed = codecAt - 4;
  const length = readU32(stored, packed);
  if (length < LEAST_COLUMNS || length > LARGEST_CONTENT || length > packed * MOST_EXPANSION) {
    throw corruption(file, offset, `${packed} packed bytes cannot hold the ${length} they are said to hold`);
  }
  const memory = allocator.take(length + mostRows(length) + SECTION_TRAILER_BYTES);
  const isWhole =
    codec === CODEC_LZ4
      ? decodeLz4(stored, packed, memory, length)
      : decodeZstd(zstd ?? noZstd(file, offset), stored, packed, memory, length);
  if (!isWhole) {
    throw corruption(file, offset, `a packed block does not hold the ${length} bytes it is said to hold`);
  }
  const rows = toRows(memory, length);
  if (rows === 0) throw corruption(file, offset, 'the columns of a packed block do not fit each other');
  const bytes = memory.subarray(length, length + rows + SECTION_TRAILER_BYTES);
  bytes[rows] = CODEC_NONE;
  bytes.fill(0, rows + 1);
  return bytes;
}

function noZstd(file: string, offset: number): never {
  const what = `${file} holds a block packed by zstd, which this runtime does not have: read it with Node.js 22.15 or later`;
  throw new LsmError('LSM_UNSUPPORTED_FORMAT', what, { file, offset });
}
