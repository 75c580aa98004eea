import { mix32 } from '../bytes/hash.ts';

/**
 * Says of most keys that are not in a memtable that they are not, for the price of one memory access: most
 * lookups are for keys that left the memtables long ago, and a search among 50,000 entries costs 1 us. A
 * bloom filter of four bits a key, all of them in one word.
 *
 * Invariant: the bits of a key are set before its first node can be reached, and never cleared but by
 * `clear`. So a thread that may see an entry never gets a "no" for its key.
 */
export class KeyFilter {
  readonly #words: Int32Array;

  /** What the filter of a memtable of that capacity takes: a word for every 512 bytes, 1 in 128. */
  static bytesFor(capacity: number): number {
    return 4 * Math.max(1, Math.floor(capacity / 512));
  }

  /** The filter in this memory, which is shared with that of other threads. */
  constructor(words: Int32Array) {
    this.#words = words;
  }

  add(hash: number): void {
    Atomics.or(this.#words, this.#wordOf(hash), maskOf(hash));
  }

  /** False only if no key with this hash was added. */
  mayContain(hash: number): boolean {
    const mask = maskOf(hash);
    return (Atomics.load(this.#words, this.#wordOf(hash)) & mask) === mask;
  }

  /** The caller proves that no thread is using it. */
  clear(): void {
    this.#words.fill(0);
  }

  #wordOf(hash: number): number {
    return Math.floor((hash * this.#words.length) / TWO_TO_32);
  }
}

const TWO_TO_32 = 0x1_0000_0000;

/** Not the bits that pick the word, which are the high ones of the hash itself. */
function maskOf(hash: number): number {
  const bits = mix32(hash);
  return (1 << bits) | (1 << (bits >>> 5)) | (1 << (bits >>> 10)) | (1 << (bits >>> 15));
}
