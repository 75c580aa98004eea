/** Writes what logs hold to tables: batch by batch into a memtable, and that to a table when it is full. */
import { runFlush } from '../compaction/flush-job.ts';
import type { JobEnvironment } from '../compaction/job.ts';
import { assertInvariant } from '../errors.ts';
import { MemTable } from '../memtable/mem-table.ts';
import type { TableSummary } from '../sstable/table-summary.ts';
import type { BatchReader } from '../wal/batch-reader.ts';

export class ReplayedTables {
  /** The tables written so far, oldest data first. */
  readonly tables: TableSummary[] = [];
  batches = 0;
  entries = 0;
  readonly #environment: JobEnvironment;
  readonly #memtableBytes: number;
  #memtable: MemTable;

  constructor(environment: JobEnvironment, memtableBytes: number) {
    this.#environment = environment;
    this.#memtableBytes = memtableBytes;
    this.#memtable = MemTable.create(memtableBytes);
  }

  /** Adds a batch, whose sequence numbers are above all before. */
  add(batch: BatchReader): void {
    const needed = batch.byteLength + batch.count * MemTable.entryBytes(0, 0);
    if (!this.#memtable.hasRoom(needed)) {
      this.finish();
      this.#memtable = MemTable.create(Math.max(this.#memtableBytes, MemTable.overheadBytes + needed));
    }
    let sequence = batch.sequence;
    const bytes = batch.buffer;
    while (batch.next()) {
      const { kind, keyStart, keyLength, valueStart, valueLength } = batch;
      const added = this.#memtable.add(
        sequence,
        kind,
        bytes,
        keyStart,
        keyLength,
        bytes,
        valueStart,
        valueLength,
      );
      assertInvariant(added, 'a memtable with room for a batch takes it');
      sequence += 1;
    }
    this.batches += 1;
    this.entries += batch.count;
  }

  /** Writes what is in memory still; nothing can be added afterwards. */
  finish(): void {
    if (this.#memtable.entryCount > 0) {
      this.tables.push(...runFlush(this.#environment, this.#memtable, []).tables);
    }
  }
}
