/**
 * Writes a table from entries that come in internal order, in one pass: data blocks go to the file, some at
 * a time, as they are full. Held in memory are those and the current block, one separator for each finished
 * block, and four bytes for each user key (for the filter).
 *
 *     data block* | index block, leaves first, the root last | bloom filter | properties | footer
 *
 * A block is cut when the next entry would make it larger than `blockBytes`; one larger entry has a block to
 * itself. Nothing may read the file before {@link TableBuilder.finish} has returned: only then is it synced,
 * and only a finished file has a footer.
 */
import { DATABASE_ID_BYTES, fileSeed } from '../bytes/checksum.ts';
import { commonPrefixLength, copyBytes } from '../bytes/compare.ts';
import type { Compression } from '../bytes/compression.ts';
import { EMPTY } from '../cursor/cursor.ts';
import { assertInvariant } from '../errors.ts';
import type { FileSystem, WritableFile } from '../fs/file-system.ts';
import {
  isEntryKind,
  KIND_DELETE,
  MAX_KEY_BYTES,
  MAX_SEQUENCE,
  MAX_VALUE_BYTES,
} from '../keys/internal-key.ts';
import { BlockBuilder } from './block-builder.ts';
import { BlockPacker } from './block-codec.ts';
import { BloomFilterBuilder, tableKeyHash } from './bloom-filter.ts';
import { encodeFooter, FOOTER_BYTES, type Handle, type TableIdentity } from './format.ts';
import { IndexBuilder } from './index-builder.ts';
import { PieceWriter } from './piece-writer.ts';
import { buildProperties, TABLE_CREATOR } from './properties.ts';
import { shortestSeparator } from './separator.ts';
import type { TableSummary } from './table-summary.ts';

/** How a table is laid out; plain data. */
export interface TableOptions {
  /** Size of a data block with its checksum before it is packed, bytes. */
  readonly blockBytes: number;
  /** Bits of bloom filter for each user key; 0 for no filter. */
  readonly bloomBitsPerKey: number;
  /** How data blocks are packed that become smaller by it. */
  readonly compression: Compression;
  /** Whether LZ4 is packed by the package lz4-napi. Default `false`. */
  readonly nativeLz4?: boolean | undefined;
}

const MAX_BLOOM_BITS_PER_KEY = 64;

export class TableBuilder {
  readonly #fs: FileSystem;
  readonly #path: string;
  readonly #identity: TableIdentity;
  readonly #options: TableOptions;
  readonly #seed: number;
  readonly #file: WritableFile;
  readonly #writer: PieceWriter;
  readonly #block: BlockBuilder = new BlockBuilder();
  readonly #packer: BlockPacker | undefined;
  readonly #index: IndexBuilder;
  readonly #filter: BloomFilterBuilder;
  #state: 'building' | 'finished' | 'abandoned' = 'building';

  #entries = 0;
  #tombstones = 0;
  #keys = 0;
  #dataBytes = 0;
  #minSequence = MAX_SEQUENCE;
  #maxSequence = 0;
  #smallest: Uint8Array = EMPTY;

  /** The entry added last. */
  #last: Uint8Array = new Uint8Array(64);
  #lastLength = 0;
  #lastSequence = 0;
  /** How much of it its key has in common with the first one of its block. */
  #shared = 0;
  /** The separator before the current block. */
  #separator: Uint8Array = EMPTY;
  #separatorSequence = MAX_SEQUENCE;

  /** Creates the file, which must not exist. */
  constructor(fs: FileSystem, path: string, identity: TableIdentity, options: TableOptions) {
    assertInvariant(identity.databaseId.length === DATABASE_ID_BYTES, 'a database id has 16 bytes');
    assertInvariant(Number.isSafeInteger(identity.fileNumber), 'a file number is a safe integer');
    assertInvariant(options.blockBytes >= 1, 'a block has a size');
    const bits = options.bloomBitsPerKey;
    assertInvariant(bits >= 0 && bits <= MAX_BLOOM_BITS_PER_KEY, 'bits of bloom filter are within 0 to 64');
    this.#fs = fs;
    this.#path = path;
    this.#identity = identity;
    this.#options = options;
    this.#seed = fileSeed(identity.databaseId, identity.fileNumber);
    this.#packer =
      options.compression === 'none' ? undefined : new BlockPacker(options.compression, options.nativeLz4);
    this.#index = new IndexBuilder(options.blockBytes);
    this.#filter = new BloomFilterBuilder(bits);
    this.#file = fs.createFile(path);
    this.#writer = new PieceWriter(this.#file);
  }

  get entryCount(): number {
    return this.#entries;
  }

  /** Bytes the file would have if it were finished now, within a few hundred and what packing the last block saves. */
  get fileBytes(): number {
    const pending = this.#block.count === 0 ? 0 : this.#block.size;
    return this.#writer.size + pending + this.#index.size + this.#filter.size + FOOTER_BYTES;
  }

  /** Adds the next entry in internal order. Nothing of the arrays passed is kept. */
  add(
    key: Uint8Array,
    keyStart: number,
    keyLength: number,
    sequence: number,
    kind: number,
    value: Uint8Array,
    valueStart: number,
    valueLength: number,
  ): void {
    assertInvariant(this.#state === 'building', 'entries are added to a table that is being built');
    assertInvariant(
      keyLength <= MAX_KEY_BYTES && valueLength <= MAX_VALUE_BYTES,
      'entries keep to their limits',
    );
    assertInvariant(
      sequence >= 0 && sequence <= MAX_SEQUENCE && isEntryKind(kind),
      'entries have a known kind',
    );
    assertInvariant(kind !== KIND_DELETE || valueLength === 0, 'a tombstone has no value');
    const last = this.#last;
    const lastLength = this.#lastLength;
    const common = commonPrefixLength(last, 0, lastLength, key, keyStart, keyLength);
    const isNewKey = this.#entries === 0 || common < keyLength;
    const inOrder =
      this.#entries === 0 ||
      (common < keyLength
        ? common === lastLength || last[common] < key[keyStart + common]
        : common === lastLength && sequence < this.#lastSequence);
    assertInvariant(inOrder, 'entries come to a table in internal order');

    const block = this.#block;
    // Of three keys in order, the first and the third have in common what each has with the second.
    let shared = block.count === 0 ? 0 : Math.min(this.#shared, common);
    if (block.count > 0 && block.sizeWith(keyLength, shared, valueLength) > this.#options.blockBytes) {
      this.#flushBlock();
      this.#startBlock(key, keyStart, keyLength, sequence);
      shared = 0;
    }
    this.#shared = block.count === 0 ? keyLength : shared;
    block.add(key, keyStart, keyLength, shared, sequence, kind, value, valueStart, valueLength);

    this.#entries += 1;
    if (kind === KIND_DELETE) this.#tombstones += 1;
    this.#dataBytes += keyLength + valueLength;
    if (sequence < this.#minSequence) this.#minSequence = sequence;
    if (sequence > this.#maxSequence) this.#maxSequence = sequence;
    this.#lastSequence = sequence;
    if (isNewKey) this.#rememberKey(key, keyStart, keyLength, common);
  }

  /** Writes what follows the data, syncs and closes the file. The caller syncs the directory. */
  finish(): TableSummary {
    assertInvariant(this.#state === 'building' && this.#entries > 0, 'a finished table has entries');
    const file = this.#file;
    const writer = this.#writer;
    const seed = this.#seed;
    const smallest = this.#smallest;
    const minSequence = this.#minSequence;
    const maxSequence = this.#maxSequence;
    this.#flushBlock();
    const { root, height } = this.#index.finish((block) => this.#append(block));
    const filterBytes = this.#filter.finish(seed, writer.size);
    const filter: Handle = { offset: writer.size, length: filterBytes.length };
    if (filterBytes.length > 0) writer.append(filterBytes);
    const largest = this.#last.slice(0, this.#lastLength);
    const dataBytes = this.#dataBytes;
    const properties = this.#append(
      buildProperties({ ...this.#options, creator: TABLE_CREATOR, dataBytes, smallest, largest }),
    );
    const counts = { entryCount: this.#entries, tombstoneCount: this.#tombstones, keyCount: this.#keys };
    const footer = { root, filter, properties, indexHeight: height, ...counts, minSequence, maxSequence };
    writer.append(encodeFooter(footer, this.#identity, writer.size));
    const fileBytes = writer.size;
    writer.flush();
    file.sync();
    file.close();
    this.#state = 'finished';
    const { fileNumber } = this.#identity;
    return {
      fileNumber,
      fileBytes,
      ...counts,
      dataBytes,
      smallest,
      largest,
      minSequence,
      maxSequence,
    };
  }

  /** Closes and removes the file of a table that was not finished; idempotent. */
  abandon(): void {
    if (this.#state !== 'building') return;
    this.#state = 'abandoned';
    this.#file.close();
    this.#fs.remove(this.#path);
  }

  /** A new user key: the filter has to know it, and the next entries are compared with it. */
  #rememberKey(key: Uint8Array, start: number, length: number, common: number): void {
    let intact = common;
    if (this.#last.length < length) {
      this.#last = new Uint8Array(2 * length);
      intact = 0;
    }
    copyBytes(key, start + intact, length - intact, this.#last, intact);
    this.#lastLength = length;
    if (this.#entries === 1) this.#smallest = copyOf(key, start, length);
    this.#keys += 1;
    this.#filter.add(tableKeyHash(key, start, length));
  }

  /** Sets the separator of the block that starts with this entry; `last` is still the entry before it. */
  #startBlock(key: Uint8Array, start: number, length: number, sequence: number): void {
    const found = shortestSeparator(this.#last, this.#lastLength, key, start, length, sequence);
    this.#separator = copyOf(key, start, found.length);
    this.#separatorSequence = found.sequence;
  }

  #flushBlock(): void {
    const { offset, length } = this.#append(this.#block, this.#packer);
    const separator = this.#separator;
    this.#index.add(separator, 0, separator.length, this.#separatorSequence, offset, length);
    this.#block.clear();
  }

  #append(block: BlockBuilder, packer?: BlockPacker): Handle {
    const offset = this.#writer.size;
    const bytes = block.finish(this.#seed, offset, packer);
    this.#writer.append(bytes);
    return { offset, length: bytes.length };
  }
}

/** Not `slice`, which for a Node.js `Buffer` gives a view. */
function copyOf(bytes: Uint8Array, start: number, length: number): Uint8Array {
  return new Uint8Array(bytes.subarray(start, start + length));
}
