/**
 * Keeps the memory of flushed memtables for the next ones: fresh memory costs a page fault for every 4 KiB,
 * and the shared buffers that two threads hold are given back only when both have collected their garbage.
 */
import { LsmError } from '../errors.ts';
import { MemTable } from '../memtable/mem-table.ts';

export class MemTablePool {
  readonly #capacity: number;
  readonly #limit: number;
  readonly #free: MemTable[] = [];

  /** Memtables of `capacity` bytes, of which at most `limit` are kept for reuse. */
  constructor(capacity: number, limit: number) {
    this.#capacity = capacity;
    this.#limit = limit;
  }

  /** An empty memtable in which a batch that needs this many bytes fits. */
  take(batchBytes: number): MemTable {
    const needed = MemTable.overheadBytes + batchBytes;
    if (needed > this.#capacity) return create(needed);
    return this.#free.pop() ?? create(this.#capacity);
  }

  /** Takes back a memtable that nobody reads any more. */
  give(table: MemTable): void {
    if (table.capacity !== this.#capacity || this.#free.length >= this.#limit) return;
    table.reset();
    this.#free.push(table);
  }
}

function create(bytes: number): MemTable {
  try {
    return MemTable.create(bytes);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    const message = `there is no memory for a memtable of ${bytes} bytes; write smaller batches`;
    throw new LsmError('LSM_TOO_LARGE', message, { cause: error });
  }
}
