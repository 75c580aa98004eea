/**
 * Memory of data blocks, used again and again. Fresh memory costs a lookup that misses the cache about as
 * much as reading the block: page faults, and garbage that only a full collection finds.
 *
 * Invariant: nobody reads memory that was given back. So only data blocks have such memory, whose readers are
 * known: point lookups, which have copied what they found before anything else is read, and cursors. There
 * are three kinds of it:
 *
 * - that of a block in the cache goes back when the block is dropped, unless a cursor stands in it (it has
 *   pinned the block); then it is left to the garbage collector;
 * - that of a cursor, for blocks that do not enter the cache, goes back when the cursor is closed;
 * - the scratch memory is for the one block that a point lookup looks at.
 */
import { allocateUninitialised } from '#platform';
import type { Block } from './block.ts';

/** Pieces differ in size by this much, bytes. */
const GRAIN_BYTES = 256;

/** Larger blocks, of single large entries, are too rare to keep memory for. */
const LARGEST_BYTES = 32 * 1024;

/** Pieces of one size that are kept; taking and giving go in step, so there are few. */
const MOST_KEPT = 16;

export class BlockMemory {
  /** Pieces that nobody uses, by their size in grains. */
  readonly #free: ArrayBufferLike[][] = [];
  #scratchPiece: ArrayBufferLike | undefined = undefined;

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

  /** Memory that is good until the next call. */
  scratch(length: number): Uint8Array {
    if (length > LARGEST_BYTES) return allocateUninitialised(length);
    this.#scratchPiece ??= allocateUninitialised(LARGEST_BYTES).buffer;
    return new Uint8Array(this.#scratchPiece, 0, length);
  }

  /** The cache has dropped this block. */
  reclaim(block: Block): void {
    if (block.lent && block.pins === 0) this.give(block.bytes);
  }
}
