/**
 * Reads the sections of a table: footer and properties when it is opened, filter, index and data on demand.
 *
 * What comes on demand comes through the block cache, and only after its checksum and structure were
 * checked. For the filter and the root of the index the reader keeps the cache's own entries, so that a
 * lookup does not search the cache for them and they can be evicted all the same. It has no state of whoever
 * uses it, and can be used for as long as the file exists, whether or not the file is open at the moment.
 */
import { fileSeed } from '../bytes/checksum.ts';
import type { BlockCache, CacheEntry } from '../cache/block-cache.ts';
import { assertInvariant } from '../errors.ts';
import { KeyRuler } from '../keys/key-ruler.ts';
import { Block, type BlockRole } from './block.ts';
import { BlockFrames, DEFAULT_FRAMED_BYTES } from './block-frames.ts';
import { type BlockAllocator, BlockMemory, FRESH_MEMORY } from './block-memory.ts';
import { BloomFilter, decodeBloomFilter } from './bloom-filter.ts';
import { CHILD_BYTES, type Children } from './children.ts';
import type { Footer, TableIdentity } from './format.ts';
import { readProperties } from './properties.ts';
import {
  isIntact,
  mappedBlock,
  readBlock,
  readFooter,
  readSection,
  type TableFile,
} from './section-reader.ts';
import type { TableMapping } from './table-mapping.ts';
import type { TableSummary } from './table-summary.ts';

/** What a cache for tables holds: `new BlockCache<CachedBlock>(bytes)`. */
export type CachedBlock = Block | BloomFilter;

/** In place of a frame: the block was found right and lies in the mapping. */
const IN_PLACE = -1;

/** What a table knows of itself. */
export interface TableProperties extends TableSummary {
  readonly blockBytes: number;
  readonly bloomBitsPerKey: number;
  /** Whether data blocks may be packed, and how: `'none'`, `'lz4'` or `'zstd'`. */
  readonly compression: string;
  readonly creator: string;
  /** Levels of the index; 1 when the root names data blocks. */
  readonly indexHeight: number;
  /** Length of the filter, bytes. */
  readonly filterBytes: number;
}

export class TableReader {
  readonly file: TableFile;
  readonly identity: TableIdentity;
  readonly footer: Footer;
  readonly properties: TableProperties;
  /** Start of every checksum in the file. */
  readonly seed: number;
  readonly blocks: BlockCache<CachedBlock>;
  readonly memory: BlockMemory;
  /** The file in memory; undefined if it is read. */
  readonly mapping: TableMapping | undefined;
  readonly #frames: BlockFrames;
  /** What shows point lookups a block that lies in the mapping. */
  readonly #inPlace: Block | undefined;
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
    frames: BlockFrames = new BlockFrames(DEFAULT_FRAMED_BYTES, blocks.capacityBytes),
    mapping?: TableMapping,
  ) {
    this.file = file;
    this.identity = identity;
    this.blocks = blocks;
    this.memory = memory;
    this.#frames = frames;
    this.mapping = mapping;
    this.#inPlace = mapping === undefined ? undefined : emptyBlock();
    this.seed = fileSeed(identity.databaseId, identity.fileNumber);
    this.footer = readFooter(file, identity);
    const { root: _root, filter, properties: handle, ...counts } = this.footer;
    const block = readBlock(file, this.seed, 'data', handle.offset, handle.length);
    const stored = readProperties(block, file.path, handle.offset);
    const { fileNumber } = identity;
    const filterBytes = filter.length;
    this.properties = { fileNumber, fileBytes: file.size, filterBytes, ...counts, ...stored };
  }

  /** The root of the index. */
  root(): Block {
    const cached = this.blocks.touch(this.#rootEntry);
    if (cached instanceof Block) return cached;
    const { offset, length } = this.footer.root;
    const block = this.#readIndex(offset, length);
    this.#rootEntry = this.#keep(offset, block, indexCharge(block));
    return block;
  }

  /** The index block that an entry of an index block names, `level` above the data. */
  child(parent: Block, index: number, level: number): Block {
    assertInvariant(level > 1, 'the children of the lowest index blocks are data');
    const { entries, offsets } = childrenOf(parent);
    const known = this.blocks.touch(entries[index] as CacheEntry<CachedBlock> | undefined);
    if (known instanceof Block) return known;
    const offset = offsets[index];
    const block = this.#readIndex(offset, parent.childLength(index));
    entries[index] = this.#keep(offset, block, indexCharge(block));
    return block;
  }

  /** An object in which a cursor is shown its data block. */
  newView(): Block {
    return this.#frames.newView();
  }

  /**
   * The data block that an entry of an index block names, if it is in the cache. `view` may show it: by default
   * the one of all point lookups, so that it is good until the next of them.
   */
  cachedData(parent: Block, index: number, view?: Block, part = 0): Block | undefined {
    const { fileNumber } = this.identity;
    const { offsets, frames } = childrenOf(parent);
    const offset = offsets[index];
    const frame = frames[index];
    const shown = frame <= 0 ? undefined : this.#frames.show(frame, fileNumber, offset, view, part);
    if (shown !== undefined) {
      this.blocks.countHit();
      return shown;
    }
    if (this.mapping !== undefined) {
      const lying = this.#dataInPlace(this.mapping, parent, index, view !== undefined);
      if (lying !== undefined) return lying;
    }
    const cached = this.blocks.get(fileNumber, offset);
    if (!(cached instanceof Block && cached.role === 'data')) return undefined;
    frames[index] = cached.frame;
    return cached;
  }

  /**
   * About the memory of a data block of that length in the file, before it is read. Most packed blocks were
   * cut at the block size; were they taken for as small as in the file, a full cache would admit all of them.
   */
  chargeOf(length: number): number {
    const { compression, blockBytes } = this.properties;
    return this.#charge(compression === 'none' ? length : Math.max(length, blockBytes));
  }

  /** Reads the data block that an entry of an index block names and brings it into the cache. */
  readIntoCache(parent: Block, index: number): Block {
    const { fileNumber } = this.identity;
    const { offsets, frames } = childrenOf(parent);
    const offset = offsets[index];
    const length = parent.childLength(index);
    const block = this.#readData(offset, length);
    const charge = this.#charge(block.bytes.length);
    if (charge > this.blocks.largestCharge) {
      // It was packed and is larger than it looked.
      block.bytes = new Uint8Array(block.bytes);
      return block;
    }
    if (this.#frames.fits(block.bytes.length)) this.#frames.keep(block, fileNumber, offset);
    else this.memory.keep(block);
    this.blocks.set(fileNumber, offset, block, charge);
    frames[index] = block.frame;
    return block;
  }

  /** A data block for a point lookup, good until the next one; `part` as in {@link BlockFrames.show}. */
  dataBlock(parent: Block, index: number, part = 0): Block {
    const cached = this.cachedData(parent, index, undefined, part);
    if (cached !== undefined) return cached;
    const offset = childrenOf(parent).offsets[index];
    const length = parent.childLength(index);
    if (this.blocks.admits(this.identity.fileNumber, offset, this.chargeOf(length))) {
      return this.readIntoCache(parent, index);
    }
    return this.#readData(offset, length);
  }

  /**
   * The filter; undefined if the table has none, or if it is too large for the cache: reading all of it for
   * a lookup would cost more than the block it may save.
   */
  filter(): BloomFilter | undefined {
    const { offset, length } = this.footer.filter;
    if (length === 0) return undefined;
    if (length > this.blocks.largestCharge && this.mapping === undefined) return undefined;
    const cached = this.blocks.touch(this.#filterEntry);
    if (cached instanceof BloomFilter) return cached;
    const mapped = this.mapping?.stored(offset, length);
    const bytes =
      mapped !== undefined && isIntact(mapped, this.seed, offset)
        ? mapped
        : readSection(this.file, this.seed, offset, length);
    const filter = decodeBloomFilter(bytes, this.file.path, offset);
    this.#filterEntry = this.#keep(offset, filter, length);
    return filter;
  }

  /**
   * The data block where it lies in the mapping, checked when it is first met; undefined if it is packed or damaged.
   * Each cursor is given an object of its own.
   */
  #dataInPlace(mapping: TableMapping, parent: Block, index: number, forCursor: boolean): Block | undefined {
    const { offsets, frames } = childrenOf(parent);
    const offset = offsets[index];
    // The next block starts where this one ends: the handles themselves lie further away.
    const length = index + 1 < parent.count ? offsets[index + 1] - offset : parent.childLength(index);
    if (frames[index] !== IN_PLACE) {
      if (mapping.isPacked(offset, length)) return undefined;
      const { file, seed, memory } = this;
      if (mappedBlock(mapping, file, seed, 'data', offset, length, memory.scratch) === undefined)
        return undefined;
      frames[index] = IN_PLACE;
    }
    const view = forCursor || this.#inPlace === undefined ? emptyBlock() : this.#inPlace;
    mapping.show(view, offset, length);
    return view;
  }

  /** Reads a data block for whoever looks at it at once. */
  #readData(offset: number, length: number): Block {
    return this.#read('data', offset, length, this.memory.scratch);
  }

  #read(role: BlockRole, offset: number, length: number, allocator: BlockAllocator): Block {
    const { file, seed, mapping } = this;
    if (mapping !== undefined) {
      const block = mappedBlock(mapping, file, seed, role, offset, length, allocator);
      if (block !== undefined) return block;
    }
    return readBlock(file, seed, role, offset, length, allocator);
  }

  /**
   * Brings an index block or a filter into the cache, or, where it lies in the mapping, keeps it for as long as the
   * table: what it takes beyond the file is little, and what the cache would charge for it is not the cache's.
   */
  #keep(offset: number, block: CachedBlock, charge: number): CacheEntry<CachedBlock> | undefined {
    const file = this.identity.fileNumber;
    if (this.mapping === undefined) return this.blocks.set(file, offset, block, charge);
    const entry = { file, offset, charge: 0, block, used: true, slot: -1, next: undefined };
    this.mapping.keep(entry);
    return entry;
  }

  #charge(unpacked: number): number {
    return this.#frames.fits(unpacked) ? this.#frames.frameBytes : unpacked;
  }

  #readIndex(offset: number, length: number): Block {
    const block = this.#read('index', offset, length, FRESH_MEMORY);
    block.addRuler();
    return block;
  }
}

/** What an index block costs the cache, bytes. */
function indexCharge(block: Block): number {
  return block.bytes.length + block.count * (KeyRuler.KEY_BYTES + CHILD_BYTES);
}

/** An object that shows no block yet. */
function emptyBlock(): Block {
  return new Block(NO_ENTRY, 'data', 0, 0);
}

const NO_ENTRY: Uint8Array = new Uint8Array(4);

function childrenOf(block: Block): Children {
  assertInvariant(block.children !== undefined, 'an index block has children');
  return block.children;
}
