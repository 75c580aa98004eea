/**
 * The blocks of a LevelDB table (LevelDB's doc/table_format.md).
 *
 *     table   = data block* | other blocks | index block | footer
 *     block   = contents | compression 1 | masked CRC-32C of both u32      compression: 0 none, 1 Snappy
 *     handle  = varint: offset | varint: bytes of the contents
 *     footer  = handle of a block of other blocks | handle of the index | zeros up to 40 bytes | magic 8
 *
 * The index is a block with an entry for each data block, whose value is the handle. Filters and other
 * blocks are of no use to a reader that reads everything.
 */
import { readU32 } from '../bytes/integers.ts';
import { LsmError } from '../errors.ts';
import type { FileSystem, ReadableFile } from '../fs/file-system.ts';
import { FileWindow } from '../log/file-window.ts';
import { BlockEntries } from './block-entries.ts';
import { ByteReader } from './byte-reader.ts';
import { crc32c, masked } from './crc32c.ts';
import { damagedPart } from './damage.ts';
import { uncompress } from './snappy.ts';

const FOOTER_BYTES = 48;
const HANDLES_BYTES = 40;
const MAGIC_LOW = 0x8b80fb57;
const MAGIC_HIGH = 0xdb477524;

/** Compression and checksum behind the contents of a block. */
const BLOCK_TRAILER_BYTES = 5;

const NOT_COMPRESSED = 0;
const SNAPPY = 1;

/** A block may have this many bytes, in the file or uncompressed: the longest value and something around it. */
const MAX_BLOCK_BYTES: number = 2 ** 31 - 2 ** 20;

/** Where a block is; its trailer follows. */
export interface BlockHandle {
  readonly offset: number;
  readonly bytes: number;
}

/** The contents of a block are `bytes[start, start + length)`, until the next block is read. */
export interface BlockContents {
  readonly bytes: Uint8Array;
  readonly start: number;
  readonly length: number;
}

export class LevelDbTable {
  readonly path: string;
  /** Of the data blocks, ascending. */
  readonly dataBlocks: readonly BlockHandle[];
  readonly #file: ReadableFile;
  readonly #window: FileWindow;
  readonly #bytes: number;

  /** @throws LsmError `LSM_CORRUPTION`, `LSM_UNSUPPORTED_FORMAT`, `LSM_NOT_FOUND`, `LSM_IO`. */
  constructor(fs: FileSystem, path: string, bytes: number) {
    this.path = path;
    this.#bytes = bytes;
    this.#file = fs.openFile(path);
    try {
      this.#window = new FileWindow(this.#file);
      if (this.#file.size < bytes) {
        throw damagedPart(path, this.#file.size, `it ends there, and should have ${bytes} bytes`);
      }
      this.dataBlocks = this.#readIndex(this.#readFooter());
    } catch (error) {
      this.#file.close();
      throw error;
    }
  }

  /** Reads a block and checks it. */
  read({ offset, bytes: length }: BlockHandle): BlockContents {
    const start = this.#window.load(offset, length + BLOCK_TRAILER_BYTES);
    const { bytes } = this.#window;
    const compressionAt = start + length;
    if (masked(crc32c(bytes, start, length + 1)) !== readU32(bytes, compressionAt + 1)) {
      throw damagedPart(this.path, offset, `the checksum of the ${length} bytes there is wrong`);
    }
    const compression = bytes[compressionAt];
    if (compression === NOT_COMPRESSED) return { bytes, start, length };
    if (compression !== SNAPPY) throw unknownCompression(this.path, offset, compression);
    const fault = (what: string): LsmError => damagedPart(this.path, offset, `in a Snappy block: ${what}`);
    const contents = uncompress(bytes, start, length, MAX_BLOCK_BYTES, fault);
    return { bytes: contents, start: 0, length: contents.length };
  }

  /** Idempotent. */
  close(): void {
    this.#file.close();
  }

  /** The handle of the index. */
  #readFooter(): BlockHandle {
    const offset = this.#bytes - FOOTER_BYTES;
    if (offset < 0) throw damagedPart(this.path, 0, `${this.#bytes} bytes are too few for a table`);
    const footer = new Uint8Array(FOOTER_BYTES);
    this.#file.read(footer, 0, FOOTER_BYTES, offset);
    const high = readU32(footer, HANDLES_BYTES + 4);
    if (readU32(footer, HANDLES_BYTES) !== MAGIC_LOW || high !== MAGIC_HIGH) {
      throw damagedPart(this.path, offset + HANDLES_BYTES, 'it does not end as a table does');
    }
    const fault = (what: string): LsmError => damagedPart(this.path, offset, `in the footer: ${what}`);
    const reader = new ByteReader(fault).attach(footer, 0, HANDLES_BYTES);
    reader.varint64();
    reader.varint64();
    return this.#handle(reader, 0);
  }

  #readIndex(handle: BlockHandle): readonly BlockHandle[] {
    const fault = (what: string): LsmError => damagedPart(this.path, handle.offset, `in the index: ${what}`);
    const { bytes, start, length } = this.read(handle);
    const entries = new BlockEntries(fault);
    const reader = new ByteReader(fault);
    const handles: BlockHandle[] = [];
    let least = 0;
    entries.attach(bytes, start, length);
    while (entries.next()) {
      reader.attach(bytes, entries.valueStart, entries.valueLength);
      // Blocks stand in the order of the index; going back would let a small file keep a reader busy for ever.
      const block = this.#handle(reader, least);
      handles.push(block);
      least = block.offset + block.bytes + BLOCK_TRAILER_BYTES;
    }
    return handles;
  }

  #handle(reader: ByteReader, least: number): BlockHandle {
    const offset = reader.varint64();
    const bytes = reader.varint64();
    const room = this.#bytes - FOOTER_BYTES - BLOCK_TRAILER_BYTES - offset;
    if (offset < least || bytes > Math.min(room, MAX_BLOCK_BYTES)) {
      throw reader.fault(`a block of ${bytes} bytes at ${offset} is out of place`);
    }
    return { offset, bytes };
  }
}

function unknownCompression(path: string, offset: number, compression: number): LsmError {
  const message =
    `${path} has a block at offset ${offset} with compression ${compression}, and only none and Snappy can ` +
    'be read (2 and 4 are what other editions of LevelDB use for zlib or Zstandard); write the data anew ' +
    'without compression, with the program that wrote it';
  return new LsmError('LSM_UNSUPPORTED_FORMAT', message, { file: path, offset });
}
