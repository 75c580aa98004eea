import type { CacheEntry } from '../cache/block-cache.ts';

/**
 * The children of an index block: their offsets as numbers side by side, since reading a handle where it lies
 * costs a cache miss, and where the cache had them, since finding a block by its place in the file costs some
 * more. Where they were is a hint: whoever follows it checks what is there now.
 */
export class Children {
  readonly offsets: Float64Array;
  /** The frames of children that are data blocks (see block-frames.ts); 0 for none, -1 for one in a mapping. */
  readonly frames: Int32Array;
  /** The cache entries of children that are index blocks. */
  readonly entries: (CacheEntry<object> | undefined)[] = [];

  constructor(count: number) {
    this.offsets = new Float64Array(count);
    this.frames = new Int32Array(count);
  }
}

/** Memory for each child, bytes. */
export const CHILD_BYTES: number = 8 + 4;
