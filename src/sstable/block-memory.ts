/**
 * Memory of data blocks, used again and again. Fresh memory costs a lookup that misses the cache about as
 * much as reading the block: page faults, and garbage that only a full collection finds.
 *
 * Invariant: nobody reads memory that was given back. So only data blocks have such memory, whose readers are
 * known: point lookups, which have copied what they found before anything else is read, and cursors. There
 * are three kinds of it:
 *
 * - that of a block in the cache goes back when the block is dropped, or, if a cursor stands in it (it
 *   has pinned the block), when that has left; blocks of the usual size lie in frames instead (block-frames.ts);
 * - that of a cursor, for blocks that do not enter the cache, goes back when the cursor is closed;
 * - the scratch memory is for the one block that a point lookup looks at.
 *
 * A packed block needs memory twice: for the bytes of the file, which goes back as soon as they are unpacked, and for
 * its columns with the block behind them.
 */
import { allocateUninitialised } from '#platform';
import { EMPTY } from '../cursor/cursor.ts';
import type { Block, BlockHome } from './block.ts';

/** Pieces differ in size by this much, bytes. */
const GRAIN_BYTES = 256;

/** Larger blocks, of single large entries, are too rare to keep memory for. */
const LARGEST_BYTES = 32 * 1024;

/** What the columns of the largest block take with the block behind them, bytes. */
const SCRATCH_BYTES: number = (9 / 4) * LARGEST_BYTES;

/** Pieces of one size that are kept; taking and giving go in step, so there are few. */
const MOST_KEPT = 16;

/** Where the bytes of a block come to stand. */
export interface BlockAllocator {
  /** Memory of arbitrary content. */
  take(length: number): Uint8Array;
  /** Takes back what `take` gave out; nobody reads it any more. */
  give(bytes: Uint8Array): void;
}

/** New memory every time, which is left to the garbage collector. */
export const FRESH_MEMORY: BlockAllocator = { take: allocateUninitialised, give: () => {} };

export class BlockMemory implements BlockAllocator, BlockHome {
  readonly scratch: BlockAllocator = new ScratchMemory();
  /** Pieces that nobody uses, by their size in grains. */
  readonly #free: ArrayBufferLike[][] = [];

  /** Memory of arbitrary content, alone in its buffer. */
  take(length: number): Uint8Array {
    if (length > LARGEST_BYTES) return allocateUninitialised(length);
    const grains = Math.ceil(length / GRAIN_BYTES);
    const piece = this.#free[grains]?.pop() ?? allocateUninitialised(grains * GRAIN_BYTES).buffer;
    return new Uint8Array(piece, 0, length);
  }

  /** Takes back what `take` gave out; nobody reads it any more. */
  give({ buffer }: Uint8Array): void {
    if (buffer.byteLength > LARGEST_BYTES) return;
    const grains = buffer.byteLength / GRAIN_BYTES;
    this.#free[grains] ??= [];
    const kept = this.#free[grains];
    if (kept.length < MOST_KEPT) kept.push(buffer);
  }

  /** Moves a block out of scratch memory. */
  keep(block: Block): void {
    const bytes = this.take(block.bytes.length);
    bytes.set(block.bytes);
    block.bytes = bytes;
    block.home = this;
  }

  pin(block: Block): void {
    block.pins += 1;
  }

  unpin(block: Block): void {
    block.pins -= 1;
    if (block.dropped && block.pins === 0) this.give(block.bytes);
  }

  drop(block: Block): void {
    block.dropped = true;
    if (block.pins === 0) this.give(block.bytes);
  }
}

/** Two pieces in turn: what it gives out is good until two more were taken, so that a block is unpacked to and fro. */
class ScratchMemory implements BlockAllocator {
  #piece: ArrayBufferLike | undefined = undefined;
  #other: ArrayBufferLike | undefined = undefined;

  take(length: number): Uint8Array {
    if (length > SCRATCH_BYTES) return allocateUninitialised(length);
    const piece = this.#other ?? allocateUninitialised(SCRATCH_BYTES).buffer;
    this.#other = this.#piece;
    this.#piece = piece;
    return new Uint8Array(piece, 0, length);
  }

  give(): void {}
}

/** One piece of another memory, as large as the largest asked for: what it gives out is good until more is taken. */
export class ReusedMemory implements BlockAllocator {
  readonly #owner: BlockAllocator;
  #piece: Uint8Array = EMPTY;

  constructor(owner: BlockAllocator) {
    this.#owner = owner;
  }

  take(length: number): Uint8Array {
    if (length > this.#piece.length) {
      this.release();
      this.#piece = this.#owner.take(length);
    }
    return this.#piece.subarray(0, length);
  }

  give(): void {}

  /** Gives the piece back to its owner. */
  release(): void {
    if (this.#piece.length > 0) this.#owner.give(this.#piece);
    this.#piece = EMPTY;
  }
}
