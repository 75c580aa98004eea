/**
 * Walks a whole table: a block cursor that gets itself the next block when it runs off the end of one. It
 * keeps the path of index blocks from the root to its data block, and so holds them in memory whatever the
 * cache evicts.
 */
import { corruption } from '../errors.ts';
import { PART_MASK, PLACE_BITS } from '../keys/key-ruler.ts';
import type { Block } from './block.ts';
import { BlockCursor } from './block-cursor.ts';
import { BlockReader } from './block-reader.ts';
import type { TableMapping } from './table-mapping.ts';
import type { TableReader } from './table-reader.ts';

export interface TableCursorOptions {
  /**
   * Whether data blocks that it reads may enter the cache, as far as that admits them. Default true; false
   * for scans that go by once.
   */
  readonly fillCache?: boolean | undefined;
  /**
   * Reads data in pieces of this many bytes, past the cache, for whoever is known to walk far in one
   * direction. Default 0: block by block, through the cache; only when it has walked through some blocks and
   * the cache is full, in pieces past the cache.
   */
  readonly readAheadBytes?: number | undefined;
}

/** After so many blocks in one direction a walk is taken to go on. */
const WALK_BLOCKS = 3;

/** Pieces that such a walk reads: each twice as large as the one before, bytes. */
const FIRST_PIECE = 16 * 1024;
const LARGEST_PIECE = 128 * 1024;

export class TableCursor extends BlockCursor {
  #table: TableReader;
  #height: number;
  readonly #fillCache: boolean;
  readonly #readAheadBytes: number;
  /**
   * Shows it blocks that lie in frames, which the index knows without asking the cache: a sixth off the row
   * seekrandom. Its own, since others are shown theirs while it stands in one.
   */
  readonly #view: Block;
  /** What it has pinned, for as long as it is open. */
  #mapping: TableMapping | undefined;
  #reader: BlockReader | undefined = undefined;
  /** Blocks that it came by since it last was sent somewhere or turned round. */
  #walked = 0;
  #walksForward = true;
  #pieceBytes = 0;
  /** Index blocks from the root down, and in each the entry that leads to the current data block. */
  readonly #path: Block[] = [];
  readonly #steps: number[] = [];

  constructor(table: TableReader, options: TableCursorOptions) {
    super();
    this.#table = table;
    this.#mapping = table.mapping;
    this.#mapping?.pin();
    this.#view = table.newView();
    this.#height = table.footer.indexHeight;
    this.#fillCache = options.fillCache ?? true;
    this.#readAheadBytes = options.readAheadBytes ?? 0;
  }

  /** Walks a table again after it was closed, perhaps another one of the same cache. */
  reopen(table: TableReader): this {
    this.#table = table;
    this.#mapping = table.mapping;
    this.#mapping?.pin();
    this.#height = table.footer.indexHeight;
    this.#reader = undefined;
    return this;
  }

  override seekToFirst(): void {
    this.valid = false;
    this.#walked = 0;
    this.#descend(0, 'first');
    this.moveTo(0);
  }

  override seekToLast(): void {
    this.valid = false;
    this.#walked = 0;
    this.moveTo(this.#descend(0, 'last').count - 1);
  }

  override seek(key: Uint8Array, start: number, length: number, sequence: number): void {
    this.valid = false;
    this.#walked = 0;
    let block = this.#table.root();
    for (let depth = 0; depth < this.#height; depth++) {
      this.#path[depth] = block;
      const place = block.place(key, start, length, sequence);
      this.#steps[depth] = place >> PLACE_BITS;
      block = this.#load(depth, 'first', place & PART_MASK);
    }
    this.attach(block);
    const index = block.lowerBound(key, start, length, sequence);
    if (index < block.count) this.moveTo(index);
    else this.#nextBlock();
  }

  override next(): void {
    const block = this.block;
    if (block !== undefined && this.index + 1 < block.count) this.moveTo(this.index + 1);
    else this.#nextBlock();
  }

  override prev(): void {
    if (this.index > 0) this.moveTo(this.index - 1);
    else this.#previousBlock();
  }

  override close(): void {
    super.close();
    this.#path.length = 0;
    this.#reader?.close();
    this.#mapping?.unpin();
    this.#mapping = undefined;
  }

  #nextBlock(): void {
    this.valid = false;
    this.#walk(true);
    for (let depth = this.#height - 1; depth >= 0; depth--) {
      if (this.#steps[depth] + 1 < this.#path[depth].count) {
        this.#steps[depth] += 1;
        this.#descend(depth + 1, 'first');
        this.moveTo(0);
        return;
      }
    }
  }

  #previousBlock(): void {
    this.valid = false;
    this.#walk(false);
    for (let depth = this.#height - 1; depth >= 0; depth--) {
      if (this.#steps[depth] > 0) {
        this.#steps[depth] -= 1;
        this.moveTo(this.#descend(depth + 1, 'last').count - 1);
        return;
      }
    }
  }

  /** Goes down from the index block at `depth - 1`, along the first or last entries, to a data block. */
  #descend(depth: number, side: 'first' | 'last'): Block {
    let block = depth === 0 ? this.#table.root() : this.#load(depth - 1, side);
    for (let at = depth; at < this.#height; at++) {
      if (depth > 0) this.#checkNeighbour(this.#path[at], block, side);
      this.#path[at] = block;
      this.#steps[at] = side === 'first' ? 0 : block.count - 1;
      block = this.#load(at, side);
    }
    this.attach(block);
    return block;
  }

  /**
   * What an index block names follows what its neighbour names: one that leads back would let the index of a
   * small file be walked for ever.
   */
  #checkNeighbour(left: Block, entered: Block, side: 'first' | 'last'): void {
    const [before, after] = side === 'first' ? [left, entered] : [entered, left];
    const last = before.count - 1;
    if (before.childOffset(last) + before.childLength(last) === after.childOffset(0)) return;
    throw corruption(
      this.#table.file.path,
      entered.childOffset(0),
      'the index leads to this block out of turn',
    );
  }

  #walk(forward: boolean): void {
    if (forward !== this.#walksForward) this.#walked = 0;
    this.#walksForward = forward;
    this.#walked += 1;
    if (this.#walked === 1) this.#pieceBytes = 0;
  }

  /**
   * The block that the path leads to below `depth`; a piece read ahead reaches away from the side it came to.
   * What is looked for seems to stand `part` 64ths of the way through it.
   */
  #load(depth: number, side: 'first' | 'last', part = side === 'first' ? 0 : PART_MASK): Block {
    const parent = this.#path[depth];
    const step = this.#steps[depth];
    const level = this.#height - depth;
    if (level > 1) return this.#table.child(parent, step, level);
    return this.#loadData(parent, step, side, part);
  }

  #loadData(parent: Block, step: number, side: 'first' | 'last', part: number): Block {
    const table = this.#table;
    // Before another block is shown in its place.
    this.detach();
    const readAheadBytes = this.#readAheadBytes;
    if (readAheadBytes > 0 || this.#isInPiece(parent, step)) {
      return this.#readPast(parent, step, side, readAheadBytes);
    }
    const cached = table.cachedData(parent, step, this.#view, part);
    if (cached !== undefined) return cached;
    const offset = parent.childOffset(step);
    const length = parent.childLength(step);
    const { blocks, identity } = table;
    if (
      this.#walked >= WALK_BLOCKS &&
      !(this.#fillCache && blocks.hasRoom(identity.fileNumber, offset, table.chargeOf(length)))
    ) {
      this.#pieceBytes = Math.min(LARGEST_PIECE, Math.max(FIRST_PIECE, 2 * this.#pieceBytes));
      return this.#readPast(parent, step, side, this.#pieceBytes);
    }
    if (this.#fillCache && blocks.admits(identity.fileNumber, offset, table.chargeOf(length))) {
      return table.readIntoCache(parent, step);
    }
    return this.#readPast(parent, step, side, 0);
  }

  #isInPiece(parent: Block, step: number): boolean {
    return this.#reader?.has(parent.childOffset(step), parent.childLength(step)) ?? false;
  }

  #readPast(parent: Block, step: number, side: 'first' | 'last', ahead: number): Block {
    this.#reader ??= new BlockReader(this.#table);
    return this.#reader.block(parent.childOffset(step), parent.childLength(step), side, ahead);
  }
}
