/**
 * A table, open for reading: point lookups, cursors, verification.
 *
 * It holds its footer and properties; everything else (filter, index, data) comes through the block cache,
 * and only after its checksum and structure were checked. For the filter and the root of the index it keeps
 * the cache's own entries, so that a lookup does not search the cache for them and they can be evicted all
 * the same. A table is immutable and has no state of a reader; it can be used for as long as its file
 * exists, whether or not the file is open at the moment.
 */
import { fileSeed } from '../bytes/checksum.ts';
import { readU32 } from '../bytes/integers.ts';
import type { BlockCache, CacheEntry } from '../cache/block-cache.ts';
import type { Cursor, LookupResult } from '../cursor/cursor.ts';
import { assertInvariant } from '../errors.ts';
import { TRAILER_BYTES } from '../keys/internal-key.ts';
import { Block, sequenceAt } from './block.ts';
import { BlockMemory } from './block-memory.ts';
import { BloomFilter, decodeBloomFilter } from './bloom-filter.ts';
import type { Footer, TableIdentity } from './format.ts';
import { readProperties } from './properties.ts';
import { readBlock, readFooter, readSection, type TableFile } from './section-reader.ts';
import { TableCursor, type TableCursorOptions } from './table-cursor.ts';
import type { TableSummary } from './table-summary.ts';
import { type TableCounts, verifyTable } from './table-verifier.ts';

/** What a cache for tables holds: `new BlockCache<CachedBlock>(bytes)`. */
export type CachedBlock = Block | BloomFilter;

/** What a table knows of itself. */
export interface TableProperties extends TableSummary {
  readonly blockBytes: number;
  readonly bloomBitsPerKey: number;
  readonly creator: string;
  /** Levels of the index; 1 when the root names data blocks. */
  readonly indexHeight: number;
  /** Length of the filter, bytes. */
  readonly filterBytes: number;
}

export class Table {
  readonly file: TableFile;
  readonly identity: TableIdentity;
  readonly footer: Footer;
  readonly properties: TableProperties;
  /** Start of every checksum in the file. */
  readonly seed: number;
  readonly blocks: BlockCache<CachedBlock>;
  readonly memory: BlockMemory;
  readonly #takeMemory: (length: number) => Uint8Array;
  readonly #scratchMemory: (length: number) => Uint8Array;
  #rootEntry: CacheEntry<CachedBlock> | undefined = undefined;
  #filterEntry: CacheEntry<CachedBlock> | undefined = undefined;

  /**
   * Reads and checks the footer and the properties.
   * @throws LsmError `LSM_CORRUPTION`, `LSM_UNSUPPORTED_FORMAT`
   */
  constructor(
    file: TableFile,
    identity: TableIdentity,
    blocks: BlockCache<CachedBlock>,
    memory: BlockMemory = new BlockMemory(),
  ) {
    this.file = file;
    this.identity = identity;
    this.blocks = blocks;
    this.memory = memory;
    this.#takeMemory = (length) => memory.take(length);
    this.#scratchMemory = (length) => memory.scratch(length);
    this.seed = fileSeed(identity.databaseId, identity.fileNumber);
    this.footer = readFooter(file, identity);
    const { root: _root, filter, properties: handle, ...counts } = this.footer;
    const block = readBlock(file, this.seed, 'data', handle.offset, handle.length);
    const stored = readProperties(block, file.path, handle.offset);
    const { fileNumber } = identity;
    const filterBytes = filter.length;
    this.properties = { fileNumber, fileBytes: file.size, filterBytes, ...counts, ...stored };
  }

  /**
   * Finds the newest version of a user key whose sequence is not above `sequence`. `hash` is the key's
   * `tableKeyHash`. Fills `result` and returns true if there is one, a tombstone included; otherwise leaves
   * `result` alone. The value in `result` is good until the next read of any table of this cache.
   */
  get(
    key: Uint8Array,
    start: number,
    length: number,
    sequence: number,
    hash: number,
    result: LookupResult,
  ): boolean {
    if (sequence < this.footer.minSequence) return false;
    const filter = this.#filter();
    if (filter !== undefined && !filter.mayContain(hash)) return false;

    // The deepest index entry on the way down that has a right neighbour: what follows the data block.
    let neighbourBlock: Block | undefined;
    let neighbour = 0;
    let neighbourLevel = 0;
    let block = this.root();
    for (let level = this.footer.indexHeight; level > 0; level--) {
      const child = block.floor(key, start, length, sequence);
      if (child + 1 < block.count) {
        neighbourBlock = block;
        neighbour = child + 1;
        neighbourLevel = level;
      }
      block = level === 1 ? this.#dataBlock(block, child) : this.child(block, child, level);
    }
    let index = block.lowerBound(key, start, length, sequence);
    if (index === block.count) {
      // The next block can only have an answer if versions of this very key go on there.
      if (neighbourBlock === undefined || !block.keyEquals(index - 1, key, start, length)) return false;
      block = neighbourBlock;
      for (let level = neighbourLevel; level > 1; level--) {
        block = this.child(block, level === neighbourLevel ? neighbour : 0, level);
      }
      block = this.#dataBlock(block, neighbourLevel === 1 ? neighbour : 0);
      index = 0;
    }
    if (!block.keyEquals(index, key, start, length)) return false;
    const bytes = block.bytes;
    const trailer = block.trailerAt(block.entryAt(index));
    result.kind = bytes[trailer];
    result.sequence = sequenceAt(bytes, trailer);
    result.value = bytes;
    result.valueStart = trailer + TRAILER_BYTES + 4;
    result.valueLength = readU32(bytes, trailer + TRAILER_BYTES);
    return true;
  }

  /** A cursor over all versions in the table. */
  cursor(options: TableCursorOptions = {}): Cursor {
    return new TableCursor(this, options);
  }

  /**
   * Reads every byte of the file, past the cache, and checks it: checksums, structure, order, bounds,
   * counts, filter.
   * @throws LsmError `LSM_CORRUPTION` at the first thing that is wrong
   */
  verify(): TableCounts {
    return verifyTable(this);
  }

  /** The root of the index. */
  root(): Block {
    const cached = this.blocks.touch(this.#rootEntry);
    if (cached instanceof Block) return cached;
    const { offset, length } = this.footer.root;
    const block = readBlock(this.file, this.seed, 'index', offset, length);
    this.#rootEntry = this.blocks.set(this.identity.fileNumber, offset, block, length);
    return block;
  }

  /** The index block that an entry of an index block names, `level` above the data. */
  child(parent: Block, index: number, level: number): Block {
    assertInvariant(level > 1, 'the children of the lowest index blocks are data');
    const offset = parent.childOffset(index);
    const cached = this.blocks.get(this.identity.fileNumber, offset);
    if (cached instanceof Block && cached.role === 'index') return cached;
    const length = parent.childLength(index);
    const block = readBlock(this.file, this.seed, 'index', offset, length);
    this.blocks.set(this.identity.fileNumber, offset, block, length);
    return block;
  }

  /** The data block there, if it is in the cache. */
  cachedData(offset: number): Block | undefined {
    const cached = this.blocks.get(this.identity.fileNumber, offset);
    return cached instanceof Block && cached.role === 'data' ? cached : undefined;
  }

  /** Reads a data block and brings it into the cache. */
  readIntoCache(offset: number, length: number): Block {
    const block = readBlock(this.file, this.seed, 'data', offset, length, this.#takeMemory);
    block.lent = true;
    this.blocks.set(this.identity.fileNumber, offset, block, length);
    return block;
  }

  /** A data block for a point lookup, good until the next one. */
  #dataBlock(parent: Block, index: number): Block {
    const offset = parent.childOffset(index);
    const cached = this.cachedData(offset);
    if (cached !== undefined) return cached;
    const length = parent.childLength(index);
    if (this.blocks.admits(this.identity.fileNumber, offset, length)) {
      return this.readIntoCache(offset, length);
    }
    return readBlock(this.file, this.seed, 'data', offset, length, this.#scratchMemory);
  }

  /**
   * The filter; undefined if the table has none, or if it is too large for the cache: reading all of it for
   * a lookup would cost more than the block it may save.
   */
  #filter(): BloomFilter | undefined {
    const { offset, length } = this.footer.filter;
    if (length === 0 || length > this.blocks.largestCharge) return undefined;
    const cached = this.blocks.touch(this.#filterEntry);
    if (cached instanceof BloomFilter) return cached;
    const filter = decodeBloomFilter(
      readSection(this.file, this.seed, offset, length),
      this.file.path,
      offset,
    );
    this.#filterEntry = this.blocks.set(this.identity.fileNumber, offset, filter, length);
    return filter;
  }
}
