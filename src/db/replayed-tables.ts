/** Writes what logs hold to tables: batch by batch into memory, and that to a table when it is enough. */
import { runFlush } from '../compaction/flush-job.ts';
import type { JobEnvironment } from '../compaction/job.ts';
import type { ResolvedOptions } from '../options.ts';
import type { TableSummary } from '../sstable/table-summary.ts';
import type { BatchReader } from '../wal/batch-reader.ts';
import { ReplayedEntries } from './replayed-entries.ts';

/** The most that becomes one table, bytes; a single batch may have more. */
const LARGEST_BYTES: number = 2 ** 30;

export class ReplayedTables {
  /** The tables written so far, oldest data first. */
  readonly tables: TableSummary[] = [];
  batches = 0;
  entries = 0;
  readonly #environment: JobEnvironment;
  readonly #mostBytes: number;
  #memory = new ReplayedEntries();

  /** Takes as much memory as all the memtables of an open database: one that died left no more in its logs. */
  constructor(
    environment: JobEnvironment,
    { memtableBytes, maxFrozenMemtables }: Pick<ResolvedOptions, 'memtableBytes' | 'maxFrozenMemtables'>,
  ) {
    this.#environment = environment;
    this.#mostBytes = Math.min(memtableBytes * (maxFrozenMemtables + 1), LARGEST_BYTES);
  }

  /** Adds a batch, whose sequence numbers are above all before. */
  add(batch: BatchReader): void {
    if (this.#memory.byteSize + batch.byteLength > this.#mostBytes) this.finish();
    this.#memory.add(batch);
    this.batches += 1;
    this.entries += batch.count;
  }

  /** Writes what is in memory still. */
  finish(): void {
    if (this.#memory.entryCount === 0) return;
    this.tables.push(...runFlush(this.#environment, this.#memory, []).tables);
    this.#memory = new ReplayedEntries();
  }
}
