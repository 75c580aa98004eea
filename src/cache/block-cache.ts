/**
 * The cache of verified blocks, found by (file number, offset) and bounded in bytes.
 *
 * It is split into shards by a hash of the place, each with an equal share of the capacity and a clock of
 * its own (see cache-shard.ts). A block that is larger than a share is not kept at all, so the bound holds
 * whatever comes; with capacity 0 nothing is kept and every lookup is a miss. A block that is handed out
 * stays valid for as long as its reader holds it: eviction only drops the cache's own reference.
 *
 * File numbers mean something only inside one database, so a cache belongs to one database.
 *
 * Whoever reads a block asks {@link BlockCache.admits} whether to bring it here: a full cache takes only
 * blocks that are asked for again soon, so that reading once through a lot of data replaces nothing.
 */
import { assertInvariant } from '../errors.ts';
import { type CacheEntry, CacheShard, hashOf } from './cache-shard.ts';

export type { CacheEntry } from './cache-shard.ts';

/** Four shares of the default 128 MiB hold the filter of a table with millions of keys. */
const DEFAULT_SHARDS = 4;

/** What the cache did and what it holds. */
export interface BlockCacheStats {
  readonly hits: number;
  readonly misses: number;
  /** Charges of the blocks it holds. */
  readonly bytes: number;
  readonly blocks: number;
  readonly capacityBytes: number;
}

/** Whose blocks the cache holds. */
export interface BlockOwner<T> {
  /** The block has left the cache. Somebody may still hold it. */
  removed(block: T): void;
  /** Whether the block was used past the cache since this was last asked. */
  takeUse(block: T): boolean;
}

const NOBODY: BlockOwner<unknown> = { removed: () => {}, takeUse: () => false };

export class BlockCache<T extends object> {
  /** Bytes of the largest block that is kept. */
  readonly largestCharge: number;
  readonly #capacityBytes: number;
  readonly #shards: readonly CacheShard<T>[];
  readonly #shardCount: number;
  #hits = 0;
  #misses = 0;
  #owner: BlockOwner<T> = NOBODY;
  /** Hashes of places that were refused of late, each in the slot that its low bits name; 0 for none. */
  readonly #refused: Uint32Array;

  constructor(capacityBytes: number, shards: number = DEFAULT_SHARDS) {
    assertInvariant(Number.isSafeInteger(capacityBytes) && capacityBytes >= 0, 'a cache has a size in bytes');
    assertInvariant(
      Number.isInteger(shards) && shards >= 1 && shards <= 1024,
      'a cache has 1 to 1024 shards',
    );
    this.#capacityBytes = capacityBytes;
    this.largestCharge = Math.floor(capacityBytes / shards);
    this.#shardCount = shards;
    this.#refused = new Uint32Array(refusedSlots(capacityBytes));
    this.#shards = Array.from({ length: shards }, () => {
      return new CacheShard<T>(
        this.largestCharge,
        (block) => this.#owner.removed(block),
        (block) => this.#owner.takeUse(block),
      );
    });
  }

  /** Makes somebody the owner of the blocks; a cache has one. */
  attach(owner: BlockOwner<T>): void {
    this.#owner = owner;
  }

  get capacityBytes(): number {
    return this.#capacityBytes;
  }

  /** Counts a hit by whoever found a block that is here without asking. */
  countHit(): void {
    this.#hits += 1;
  }

  get(file: number, offset: number): T | undefined {
    const hash = hashOf(file, offset);
    const entry = this.#shard(hash).find(hash, file, offset);
    if (entry === undefined) {
      this.#misses += 1;
      return undefined;
    }
    this.#hits += 1;
    entry.used = true;
    return entry.block;
  }

  /** {@link get} for somebody who kept the entry: no hashing, the same bookkeeping. */
  touch(entry: CacheEntry<T> | undefined): T | undefined {
    if (entry === undefined || entry.block === undefined) {
      this.#misses += 1;
      return undefined;
    }
    this.#hits += 1;
    entry.used = true;
    return entry.block;
  }

  /**
   * Keeps a block, in place of an older one from the same place. Returns its entry, or undefined when it is
   * too large to be kept.
   */
  set(file: number, offset: number, block: T, charge: number): CacheEntry<T> | undefined {
    assertInvariant(charge >= 0, 'a cached block has a size');
    const hash = hashOf(file, offset);
    const shard = this.#shard(hash);
    const older = shard.find(hash, file, offset);
    if (older !== undefined) shard.remove(older);
    return shard.insert(hash, file, offset, block, charge);
  }

  /** Whether a block would find room without another one leaving. */
  hasRoom(file: number, offset: number, charge: number): boolean {
    return this.#shard(hashOf(file, offset)).hasRoom(charge);
  }

  /**
   * Whether a block that is not here should be set: there is room, or it was refused not long ago. Counts as
   * a refusal if it says no.
   */
  admits(file: number, offset: number, charge: number): boolean {
    const hash = hashOf(file, offset);
    if (this.#shard(hash).hasRoom(charge)) return true;
    const slot = hash & (this.#refused.length - 1);
    if (this.#refused[slot] === hash) {
      this.#refused[slot] = 0;
      return charge <= this.largestCharge;
    }
    this.#refused[slot] = hash;
    return false;
  }

  /** Drops every block of a file that is no longer read. Takes time in proportion to the whole cache. */
  evictFile(file: number): void {
    for (const shard of this.#shards) shard.removeFile(file);
  }

  clear(): void {
    for (const shard of this.#shards) shard.clear();
  }

  stats(): BlockCacheStats {
    let bytes = 0;
    let blocks = 0;
    for (const shard of this.#shards) {
      bytes += shard.bytes;
      blocks += shard.blocks;
    }
    return { hits: this.#hits, misses: this.#misses, bytes, blocks, capacityBytes: this.#capacityBytes };
  }

  /** The shard comes from the high bits of the hash and the bucket in it from the low ones. */
  #shard(hash: number): CacheShard<T> {
    return this.#shards[(hash >>> 16) % this.#shardCount];
  }
}

/** About one for each block of 4 KiB that fits: what comes back later than that would not have stayed. */
function refusedSlots(capacityBytes: number): number {
  const blocks = Math.min(MOST_SLOTS, Math.max(FEWEST_SLOTS, capacityBytes / 4096));
  return 2 ** Math.ceil(Math.log2(blocks));
}

const FEWEST_SLOTS = 64;
const MOST_SLOTS = 1 << 20;
