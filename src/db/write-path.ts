/**
 * Writes, in the order that makes them durable before they are visible: room in the memtable, record in the
 * write-ahead log, fsync if asked, entries in the memtable, and only then the new sequence number.
 *
 * A memtable and its log belong together: a batch goes whole into one of each, and both are changed at once
 * when the memtable is full.
 *
 * At most one batch is in the log and not yet in the memtable: one whose fsync was started and is not done.
 * Whatever comes then and has to come after it settles it first, by an fsync of its own.
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
import type { Steps } from './steps.ts';
import { tryAll } from './try-all.ts';

/**
 * After so many bytes the log is brought to the disk ahead of the sync that ends it: 8 MiB at once keep the writer
 * waiting for 10 to 20 ms at every change of logs (RocksDB's `wal_bytes_per_sync`).
 */
const WRITE_BACK_BYTES = 2 * 1024 * 1024;

export class WritePath {
  readonly #core: Core;
  readonly #maintenance: Maintenance;
  readonly #pressure: BackPressure;
  readonly #reader = new BatchReader();
  #log: WriteAheadLog;
  /** Up to where the log was or is being brought to the disk without waiting for it. */
  #writtenBack = 0;
  /** In the log, and visible as soon as the disk has it. */
  #unsettled: WriteBatch | undefined;
  #closed = false;

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

  /** Commits a batch that is not empty; blocks as long as it takes. Whatever it throws, the batch is not visible. */
  commit(batch: WriteBatch, sync: boolean): void {
    this.#maintenance.collect();
    const admission = this.#pressure.admission(batch.byteLength);
    if (admission !== undefined) this.#maintenance.steps.block(admission);
    this.#append(batch);
    if (sync) this.#core.orReadOnly(() => this.#log.sync());
    this.#show(batch);
  }

  /**
   * What has to be awaited before {@link commitPrepared}, so that it need not block for room (unless a blocking
   * write takes it meanwhile); undefined, which is the rule, if there is nothing.
   */
  prepare(batch: WriteBatch): Promise<void> | undefined {
    this.#maintenance.collect();
    const admission = this.#pressure.admission(batch.byteLength);
    const full = !this.#hasRoom(batch);
    return admission === undefined && !full ? undefined : this.#makeRoom(admission, full);
  }

  /**
   * Commits a prepared batch. The promise that comes back if it is to be durable resolves when it is, and
   * visible; the batch may not be changed before.
   */
  commitPrepared(batch: WriteBatch, sync: boolean): Promise<void> | undefined {
    if (this.#closed) throw new LsmError('LSM_CLOSED', 'the database is closed; open it again');
    this.#append(batch);
    if (sync) return this.#showWhenDurable(batch);
    this.#show(batch);
    return undefined;
  }

  /** Brings every committed write to the disk. */
  sync(): void {
    this.#core.checkWritable();
    this.#settle();
    this.#core.orReadOnly(() => this.#log.sync());
  }

  /** Freezes the active memtable, if there is anything in it, and has all that is frozen flushed. */
  *flush(): Steps {
    this.#core.checkWritable();
    this.#settle();
    if (this.#core.view.active.table.entryCount > 0) {
      const slot = this.#pressure.frozenSlot();
      if (slot !== undefined) yield* slot;
      this.rotate(0);
    }
    yield* this.#maintenance.flushFrozen();
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
    this.#settle();
    const slot = this.#pressure.frozenSlot();
    if (slot !== undefined) this.#maintenance.steps.block(slot);
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
    this.#writtenBack = 0;
    this.#maintenance.pump();
  }

  /** Ends the log so that the next open knows that nothing is missing; false after a failure, which forbids it. */
  close(): boolean {
    this.#closed = true;
    const complete = this.#core.failure === undefined;
    tryAll(
      () => {
        if (!complete) return;
        this.#settle();
        this.#log.finish();
      },
      () => this.#log.close(),
    );
    this.#unsettled = undefined;
    return complete;
  }

  #hasRoom(batch: WriteBatch): boolean {
    return this.#core.view.active.table.hasRoom(memtableBytes(batch));
  }

  async #makeRoom(admission: Steps | undefined, full: boolean): Promise<void> {
    if (admission !== undefined) await this.#maintenance.steps.follow(admission);
    if (!full) return;
    const slot = this.#pressure.frozenSlot();
    if (slot !== undefined) await this.#maintenance.steps.follow(slot);
    // The rotation to come syncs this log; most of it is on the disk by then.
    await this.#log.startSync().catch((error: unknown) => this.#core.fail(error));
  }

  /** Puts a batch into the log, where the next memtable begins if it has no room in this one. */
  #append(batch: WriteBatch): void {
    const core = this.#core;
    core.checkWritable();
    this.#settle();
    if (!this.#hasRoom(batch)) this.rotate(memtableBytes(batch));
    if (core.lastSequence + batch.count >= MAX_SEQUENCE) {
      throw new LsmError('LSM_TOO_LARGE', 'the database has no sequence numbers left');
    }
    core.orReadOnly(() => this.#log.append(batch, core.lastSequence + 1));
    if (this.#log.size - this.#writtenBack >= WRITE_BACK_BYTES) {
      this.#writtenBack = this.#log.size;
      this.#maintenance.writeBack(this.#log.number);
    }
  }

  async #showWhenDurable(batch: WriteBatch): Promise<void> {
    const core = this.#core;
    this.#unsettled = batch;
    try {
      await this.#log.startSync();
    } catch (error) {
      if (this.#unsettled === batch) this.#unsettled = undefined;
      core.fail(error);
      throw error;
    }
    if (this.#unsettled === batch) {
      this.#unsettled = undefined;
      this.#show(batch);
    }
  }

  /** Makes the batch visible that waits for the disk. */
  #settle(): void {
    const batch = this.#unsettled;
    if (batch === undefined) return;
    this.#core.orReadOnly(() => this.#log.sync());
    this.#unsettled = undefined;
    this.#show(batch);
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

  /** Puts the entries of a batch into the memtable, and lets reads see them. */
  #show(batch: WriteBatch): void {
    const core = this.#core;
    const table = core.view.active.table;
    const entries = this.#reader;
    entries.attach(batch.buffer, BATCH_START);
    let sequence = core.lastSequence;
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
      if (!added) throw core.failWith('a memtable with room for a batch takes it');
    }
    core.lastSequence = sequence;
    core.counters.userBytes += batch.dataBytes;
  }
}

/** At most what a batch takes in a memtable. */
function memtableBytes(batch: WriteBatch): number {
  return batch.byteLength + batch.count * MemTable.entryBytes(0, 0);
}
