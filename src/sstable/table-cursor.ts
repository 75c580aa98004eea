/**
 * Walks a whole table: a block cursor that gets itself the next block when it runs off the end of one. It
 * keeps the path of index blocks from the root to its data block, and so holds them in memory whatever the
 * cache evicts.
 */

import type { Block } from './block.ts';
import { BlockCursor } from './block-cursor.ts';
import { ReadAhead } from './read-ahead.ts';
import type { Table } from './table.ts';

export interface TableCursorOptions {
  /** Whether data blocks that it reads enter the cache. Default true; false for scans that go by once. */
  readonly fillCache?: boolean | undefined;
  /**
   * Reads data in pieces of this many bytes, past the cache, for whoever walks far in one direction. Default
   * 0: block by block, through the cache. Blocks read ahead never enter the cache.
   */
  readonly readAheadBytes?: number | undefined;
}

export class TableCursor extends BlockCursor {
  private readonly table: Table;
  private readonly height: number;
  private readonly fillCache: boolean;
  private readonly readAhead: ReadAhead | undefined;
  /** Index blocks from the root down, and in each the entry that leads to the current data block. */
  private readonly path: Block[] = [];
  private readonly steps: number[] = [];

  constructor(table: Table, options: TableCursorOptions) {
    super();
    const readAheadBytes = options.readAheadBytes ?? 0;
    this.table = table;
    this.height = table.footer.indexHeight;
    this.fillCache = options.fillCache ?? true;
    this.readAhead = readAheadBytes > 0 ? new ReadAhead(table, readAheadBytes) : undefined;
  }

  override seekToFirst(): void {
    this.valid = false;
    this.descend(0, 'first');
    this.moveTo(0);
  }

  override seekToLast(): void {
    this.valid = false;
    this.moveTo(this.descend(0, 'last').count - 1);
  }

  override seek(key: Uint8Array, start: number, length: number, sequence: number): void {
    this.valid = false;
    let block = this.table.root();
    for (let depth = 0; depth < this.height; depth++) {
      this.path[depth] = block;
      this.steps[depth] = block.floor(key, start, length, sequence);
      block = this.load(depth, 'first');
    }
    this.attach(block);
    const index = block.lowerBound(key, start, length, sequence);
    if (index < block.count) this.moveTo(index);
    else this.nextBlock();
  }

  override next(): void {
    const block = this.block;
    if (block !== undefined && this.index + 1 < block.count) this.moveTo(this.index + 1);
    else this.nextBlock();
  }

  override prev(): void {
    if (this.index > 0) this.moveTo(this.index - 1);
    else this.previousBlock();
  }

  override close(): void {
    super.close();
    this.path.length = 0;
    this.readAhead?.close();
  }

  private nextBlock(): void {
    this.valid = false;
    for (let depth = this.height - 1; depth >= 0; depth--) {
      if (this.steps[depth] + 1 < this.path[depth].count) {
        this.steps[depth] += 1;
        this.descend(depth + 1, 'first');
        this.moveTo(0);
        return;
      }
    }
  }

  private previousBlock(): void {
    this.valid = false;
    for (let depth = this.height - 1; depth >= 0; depth--) {
      if (this.steps[depth] > 0) {
        this.steps[depth] -= 1;
        this.moveTo(this.descend(depth + 1, 'last').count - 1);
        return;
      }
    }
  }

  /** Goes down from the index block at `depth - 1`, along the first or last entries, to a data block. */
  private descend(depth: number, side: 'first' | 'last'): Block {
    let block = depth === 0 ? this.table.root() : this.load(depth - 1, side);
    for (let at = depth; at < this.height; at++) {
      this.path[at] = block;
      this.steps[at] = side === 'first' ? 0 : block.count - 1;
      block = this.load(at, side);
    }
    this.attach(block);
    return block;
  }

  /** The block that the path leads to below `depth`; a read-ahead reaches away from the side it came to. */
  private load(depth: number, side: 'first' | 'last'): Block {
    const parent = this.path[depth];
    const step = this.steps[depth];
    const level = this.height - depth;
    if (level > 1) return this.table.child(parent, step, level);
    if (this.readAhead === undefined) return this.table.child(parent, step, level, this.fillCache);
    return this.readAhead.block(parent.childOffset(step), parent.childLength(step), side);
  }
}
