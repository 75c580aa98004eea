/**
 * Memory of data blocks that the cache has dropped, for the blocks that take their place. Fresh memory costs
 * a lookup that misses the cache about as much as reading the block: page faults, and garbage that only a
 * full collection finds.
 *
 * Invariant: nobody reads memory that was given back. So only data blocks are lent memory, whose holders are
 * known: a point lookup, which has copied what it found before anything else is read, and cursors, which
 * pin the block they stand in. A block that is pinned when the cache drops it keeps its memory for good.
 */
import { allocateUninitialised } from '#platform';
import type { Block } from './block.ts';

/** Pieces differ in size by this much, bytes. */
const GRAIN_BYTES = 256;

/** Larger blocks, of single large entries, are too rare to keep memory for. */
const LARGEST_BYTES = 32 * 1024;

/** Pieces of one size that are kept; eviction and reading go in step, so there are few. */
const MOST_KEPT = 16;

export class BlockMemory {
  /** Pieces that nobody uses, by their size in grains. */
  private readonly free: ArrayBufferLike[][] = [];

  /** Memory of arbitrary content. */
  take(length: number): Uint8Array {
    if (length > LARGEST_BYTES) return allocateUninitialised(length);
    const grains = Math.ceil(length / GRAIN_BYTES);
    const piece = this.free[grains]?.pop() ?? allocateUninitialised(grains * GRAIN_BYTES).buffer;
    return new Uint8Array(piece, 0, length);
  }

  /** The cache has dropped this block. */
  reclaim(block: Block): void {
    const piece = block.bytes.buffer;
    if (!block.lent || block.pins > 0 || piece.byteLength > LARGEST_BYTES) return;
    const grains = piece.byteLength / GRAIN_BYTES;
    this.free[grains] ??= [];
    const kept = this.free[grains];
    if (kept.length < MOST_KEPT) kept.push(piece);
  }
}
