/**
 * What the resident memory of a process with an open database may grow to, by its configuration: memtables,
 * block cache, and an overhead that does not depend on how much is stored.
 *
 * The overhead is what Node.js itself takes (55 to 60 MiB before anything is opened, 30 MiB more for the
 * heap and stack of the worker thread), the young generations of two heaps (up to 48 MiB each while they
 * are busy), the code that is compiled meanwhile, and what a merge holds: a piece of 256 KiB and index
 * blocks of each input, at most 4 MiB of them, and the filter and index of the table it writes. Measured at
 * 10,000,000 entries: 196 MiB.
 */

const MIB = 1024 * 1024;

export const OVERHEAD_BYTES: number = 256 * MIB;

export interface MemoryBound {
  readonly memtableBytes: number;
  readonly cacheBytes: number;
  readonly overheadBytes: number;
  readonly totalBytes: number;
}

export function memoryBound(options: {
  readonly memtableBytes: number;
  readonly maxFrozenMemtables: number;
  readonly cacheBytes: number;
}): MemoryBound {
  // The active one, the frozen ones, and one that a flush has just let go of; each with its key filter.
  const memtables = options.maxFrozenMemtables + 2;
  const memtableBytes = memtables * options.memtableBytes * (1 + 1 / 128);
  const { cacheBytes } = options;
  const totalBytes = memtableBytes + cacheBytes + OVERHEAD_BYTES;
  return { memtableBytes, cacheBytes, overheadBytes: OVERHEAD_BYTES, totalBytes };
}
