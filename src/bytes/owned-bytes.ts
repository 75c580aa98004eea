/**
 * Makes copies that the caller of the database owns. V8 keeps an array of up to 64 bytes in its own heap,
 * which is cheap; a larger one costs an allocation outside it, about ten times as much as cutting it from
 * a larger piece (Node 20). So middle-sized copies share slabs, as Node's small `Buffer`s do, and a slab is
 * marked so that `postMessage` never takes it away from its other owners.
 */
import { allocateUninitialised, forbidTransfer } from '#platform';
import { copyBytes } from './compare.ts';

const ON_HEAP_LIMIT = 64;
const SLAB_BYTES = 16 * 1024;
/** A copy of more than this has an allocation of its own, so that it pins no slab. */
const SHARED_LIMIT = SLAB_BYTES / 8;
const NO_SLAB: ArrayBufferLike = new ArrayBuffer(0);

export class OwnedBytes {
  /** The slab of the last copy that went into one. */
  slab: ArrayBufferLike = NO_SLAB;
  readonly #slabBytes: number;
  #bytes: Uint8Array = new Uint8Array(NO_SLAB);
  #used = 0;

  constructor(slabBytes: number = SLAB_BYTES) {
    this.#slabBytes = slabBytes;
  }

  /** A copy of a range. Its `buffer` may be larger than it is. */
  copy(from: Uint8Array, start: number, length: number): Uint8Array {
    const copy = this.#allocate(length);
    copyBytes(from, start, length, copy, 0);
    return copy;
  }

  /**
   * Copies a range of at most `slabBytes` bytes into {@link slab} and returns where it starts there: for callers who
   * cut many copies from it, as long as each may pin the slab.
   */
  copyToSlab(from: Uint8Array, start: number, length: number): number {
    const at = this.#reserve(length);
    this.#bytes.set(from.subarray(start, start + length), at);
    return at;
  }

  #allocate(length: number): Uint8Array {
    if (length <= ON_HEAP_LIMIT) return new Uint8Array(length);
    if (length > SHARED_LIMIT) return allocateUninitialised(length);
    const start = this.#reserve(length);
    return new Uint8Array(this.slab, start, length);
  }

  #reserve(length: number): number {
    if (this.#used + length > this.#bytes.length) {
      // Not zeroed, as Node's own pool of small Buffers is not: that takes four times as long.
      this.#bytes = allocateUninitialised(this.#slabBytes);
      this.slab = this.#bytes.buffer;
      forbidTransfer(this.slab);
      this.#used = 0;
    }
    const start = this.#used;
    this.#used = (start + length + 7) & ~7;
    return start;
  }
}
