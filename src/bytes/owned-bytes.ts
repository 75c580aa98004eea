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

export class OwnedBytes {
  #slab: ArrayBufferLike | undefined;
  #used = SLAB_BYTES;

  /** A copy of a range. Its `buffer` may be larger than it is. */
  copy(from: Uint8Array, start: number, length: number): Uint8Array {
    const copy = this.#allocate(length);
    copyBytes(from, start, length, copy, 0);
    return copy;
  }

  #allocate(length: number): Uint8Array {
    if (length <= ON_HEAP_LIMIT) return new Uint8Array(length);
    if (length > SHARED_LIMIT) return allocateUninitialised(length);
    if (this.#slab === undefined || this.#used + length > SLAB_BYTES) {
      this.#slab = new ArrayBuffer(SLAB_BYTES);
      forbidTransfer(this.#slab);
      this.#used = 0;
    }
    const start = this.#used;
    this.#used = (start + length + 7) & ~7;
    return new Uint8Array(this.#slab, start, length);
  }
}
