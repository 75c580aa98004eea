/**
 * Writes, in the order that makes them durable before they are visible: room in the memtable, record in the
 * write-ahead log, fsync if asked, entries in the memtable, and only then the new sequence number.
 *
 * A memtable and its log belong together: a batch goes whole into one of each, and both are changed at once
 * when the memtable is full.
 */
import { LsmError } from '../errors.ts';
import { MAX_SEQUENCE } from '../keys/internal-key.ts';
import { MAX_ARENA_BYTES } from '../memtable/arena.ts';
import { MemTable } from '../memtable/mem-table.ts';
import { BatchReader } from '../wal/batch-reader.ts';
import type { WriteAheadLog } from '../wal/write-ahead-log.ts';
import { BATCH_START, type WriteBatch } from '../wal/write-batch.ts';
import type { BackPressure } from './back-pressure.ts';
import type { Core } from './core.ts';
import { createLog } from './log-files.ts';
import type { Maintenance } from './maintenance.ts';
import { tryAll } from './try-all.ts';

export class WritePath {
  readonly #core: Core;
  readonly #maintenance: Maintenance;
  readonly #pressure: BackPressure;
  readonly #reader = new BatchReader();
  #log: WriteAheadLog;

  constructor(core: Core, maintenance: Maintenance, pressure: BackPressure, log: WriteAheadLog) {
    this.#core = core;
    this.#maintenance = maintenance;
    this.#pressure = pressure;
    this.#log = log;
  }

  /** Bytes in the live log. */
  get logBytes(): number {
    return this.#log.size;
  }

  /** Commits a batch that is not empty. Whatever it throws, the batch is not visible. */
  commit(batch: WriteBatch, sync: boolean): void {
    const core = this.#core;
    this.#maintenance.collect();
    this.#pressure.admit(batch.byteLength);
    core.checkWritable();
    const needed = batch.byteLength + batch.count * MemTable.entryBytes(0, 0);
    if (!core.view.active.table.hasRoom(needed)) this.rotate(needed);

    const first = core.lastSequence + 1;
    const last = core.lastSequence + batch.count;
    if (last >= MAX_SEQUENCE)
      throw new LsmError('LSM_TOO_LARGE', 'the database has no sequence numbers left');
    core.orReadOnly(() => {
      this.#log.append(batch, first);
      if (sync) this.#log.sync();
    });
    this.#insert(batch);
    core.lastSequence = last;
    core.counters.userBytes += batch.dataBytes;
  }

  /** Brings every committed write to the disk. */
  sync(): void {
    this.#core.checkWritable();
    this.#core.orReadOnly(() => this.#log.sync());
  }

  /** Freezes the active memtable and begins a new one, with a new log, for a batch of that size. */
  rotate(batchBytes: number): void {
    const core = this.#core;
    if (MemTable.overheadBytes + batchBytes > MAX_ARENA_BYTES) {
      throw new LsmError(
        'LSM_TOO_LARGE',
        'a batch is too large to be held in memory; write it in several parts',
      );
    }
    this.#pressure.awaitFrozenSlot();
    core.checkWritable();
    // Memory and the new log first: if they can't be had (a full disk), nothing has changed yet.
    const table = this.#maintenance.takeMemTable(batchBytes);
    const log = this.#createLog(table);
    try {
      core.orReadOnly(() => {
        this.#log.finish();
        this.#maintenance.freeze(log.number, table);
      });
    } catch (error) {
      log.close();
      throw error;
    }
    core.counters.logBytes += this.#log.size;
    this.#log = log;
    this.#maintenance.pump();
  }

  /** Ends the log so that the next open knows that nothing is missing. */
  close(): void {
    tryAll(
      () => {
        if (this.#core.failure === undefined) this.#log.finish();
      },
      () => this.#log.close(),
    );
  }

  #createLog(table: MemTable): WriteAheadLog {
    const { fs, directory, databaseId, fileNumbers } = this.#core;
    try {
      return createLog(fs, directory, databaseId, fileNumbers.allocate());
    } catch (error) {
      this.#maintenance.giveMemTable(table);
      throw error;
    }
  }

  #insert(batch: WriteBatch): void {
    const table = this.#core.view.active.table;
    const entries = this.#reader;
    entries.attach(batch.buffer, BATCH_START);
    let sequence = this.#core.lastSequence;
    const bytes = entries.buffer;
    while (entries.next()) {
      sequence += 1;
      const added = table.add(
        sequence,
        entries.kind,
        bytes,
        entries.keyStart,
        entries.keyLength,
        bytes,
        entries.valueStart,
        entries.valueLength,
      );
      if (!added) throw this.#core.failWith('a memtable with room for a batch takes it');
    }
  }
}
