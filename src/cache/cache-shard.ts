/**
 * One shard of the block cache: a hash table of entries and a clock over them.
 *
 * The clock gives a second chance: the hand passes over an entry that was used since its last visit, once,
 * and evicts the first one that was not. A new entry starts unused, so that blocks which a scan reads once
 * leave before blocks that lookups come back to.
 *
 * Invariant: `bytes` is the sum of the charges of all entries and never exceeds the capacity.
 */

/** A block in the cache. Whoever keeps the entry skips the hash lookup and still sees the eviction. */
export interface CacheEntry<T extends object> {
  readonly file: number;
  readonly offset: number;
  readonly charge: number;
  /** Undefined from the moment the block is evicted. */
  block: T | undefined;
  /** Whether it was used since the hand of the clock last passed. */
  used: boolean;
  /** Its place on the clock. */
  slot: number;
  /** The next entry of the same bucket. */
  next: CacheEntry<T> | undefined;
}

const FIRST_BUCKETS = 64;

export class CacheShard<T extends object> {
  readonly capacity: number;
  bytes = 0;
  blocks = 0;
  #buckets: (CacheEntry<T> | undefined)[] = emptyBuckets(FIRST_BUCKETS);
  readonly #clock: (CacheEntry<T> | undefined)[] = [];
  readonly #freeSlots: number[] = [];
  #hand = 0;
  readonly #onRemoved: (block: T) => void;
  readonly #takeUse: (block: T) => boolean;

  /** `onRemoved` gets every block that leaves; `takeUse` says whether one was used past the cache, once. */
  constructor(capacity: number, onRemoved: (block: T) => void, takeUse: (block: T) => boolean) {
    this.capacity = capacity;
    this.#onRemoved = onRemoved;
    this.#takeUse = takeUse;
  }

  find(hash: number, file: number, offset: number): CacheEntry<T> | undefined {
    let entry = this.#buckets[hash & (this.#buckets.length - 1)];
    while (entry !== undefined && (entry.offset !== offset || entry.file !== file)) entry = entry.next;
    return entry;
  }

  /** Whether a block of that charge would evict nothing. */
  hasRoom(charge: number): boolean {
    return this.bytes + charge <= this.capacity;
  }

  /** Adds a block that is not there, evicting others; undefined if it is larger than the whole shard. */
  insert(hash: number, file: number, offset: number, block: T, charge: number): CacheEntry<T> | undefined {
    if (charge > this.capacity) return undefined;
    while (this.bytes + charge > this.capacity) this.#evictOne();
    if (this.blocks >= this.#buckets.length) this.#growBuckets();
    const slot = this.#freeSlots.pop() ?? this.#clock.length;
    const bucket = hash & (this.#buckets.length - 1);
    const next = this.#buckets[bucket];
    const entry: CacheEntry<T> = { file, offset, charge, block, used: false, slot, next };
    this.#buckets[bucket] = entry;
    this.#clock[slot] = entry;
    this.bytes += charge;
    this.blocks += 1;
    return entry;
  }

  remove(entry: CacheEntry<T>): void {
    const bucket = hashOf(entry.file, entry.offset) & (this.#buckets.length - 1);
    let before: CacheEntry<T> | undefined;
    let at = this.#buckets[bucket];
    while (at !== undefined && at !== entry) {
      before = at;
      at = at.next;
    }
    if (at === undefined) return;
    if (before === undefined) this.#buckets[bucket] = entry.next;
    else before.next = entry.next;
    this.#clock[entry.slot] = undefined;
    this.#freeSlots.push(entry.slot);
    this.bytes -= entry.charge;
    this.blocks -= 1;
    const block = entry.block;
    entry.block = undefined;
    entry.next = undefined;
    if (block !== undefined) this.#onRemoved(block);
  }

  removeFile(file: number): void {
    for (const entry of this.#clock) if (entry !== undefined && entry.file === file) this.remove(entry);
  }

  clear(): void {
    for (const entry of this.#clock) if (entry !== undefined) this.remove(entry);
  }

  /** Ends because every pass of the hand takes the mark off the entries it spares. */
  #evictOne(): void {
    for (;;) {
      if (this.#hand >= this.#clock.length) this.#hand = 0;
      const entry = this.#clock[this.#hand];
      this.#hand += 1;
      if (entry === undefined) continue;
      const usedPast = entry.block !== undefined && this.#takeUse(entry.block);
      if (!entry.used && !usedPast) {
        this.remove(entry);
        return;
      }
      entry.used = false;
    }
  }

  #growBuckets(): void {
    const buckets = emptyBuckets<T>(this.#buckets.length * 2);
    for (const entry of this.#clock) {
      if (entry === undefined) continue;
      const bucket = hashOf(entry.file, entry.offset) & (buckets.length - 1);
      entry.next = buckets[bucket];
      buckets[bucket] = entry;
    }
    this.#buckets = buckets;
  }
}

const TWO_TO_32 = 0x1_0000_0000;

/** Spreads (file, offset) over 32 bits; both may go up to 2^53. Inlined where blocks are looked up. */
export function hashOf(file: number, offset: number): number {
  let hash =
    Math.imul((file / TWO_TO_32) ^ Math.imul(offset / TWO_TO_32, 0x27d4eb2f), 0x165667b1) ^ (file | 0);
  hash = Math.imul(hash, 0x85ebca6b) ^ (offset | 0);
  hash = Math.imul(hash ^ (hash >>> 15), 0xc2b2ae35);
  return (hash ^ (hash >>> 13)) >>> 0;
}

function emptyBuckets<T extends object>(count: number): (CacheEntry<T> | undefined)[] {
  return new Array<CacheEntry<T> | undefined>(count).fill(undefined);
}
