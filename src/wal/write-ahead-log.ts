import { assertInvariant } from '../errors.ts';
import type { FileSystem } from '../fs/file-system.ts';
import type { LogIdentity } from '../log/log-format.ts';
import { LogWriter } from '../log/log-writer.ts';
import { BATCH_START, type WriteBatch } from './write-batch.ts';

/**
 * The file that makes writes durable before they reach the memtable: one log record a batch. There is one
 * such log a memtable, and it is finished before the next one takes over.
 *
 * Batches that were synced have a seal behind them (see LogWriter), as edits of the manifest have.
 */
export class WriteAheadLog {
  /** The file number. */
  readonly number: number;
  readonly #writer: LogWriter;

  private constructor(number: number, writer: LogWriter) {
    this.number = number;
    this.#writer = writer;
  }

  /** A new, empty log whose header is on the disk; the caller syncs the directory. */
  static create(fs: FileSystem, path: string, identity: LogIdentity): WriteAheadLog {
    assertInvariant(identity.kind === 'wal', 'a write-ahead log is a log of the kind wal');
    return new WriteAheadLog(identity.fileNumber, LogWriter.create(fs, path, identity));
  }

  /** The same with its header in the file, and not on the disk before {@link syncHeader}. */
  static begin(fs: FileSystem, path: string, identity: LogIdentity): WriteAheadLog {
    assertInvariant(identity.kind === 'wal', 'a write-ahead log is a log of the kind wal');
    return new WriteAheadLog(identity.fileNumber, LogWriter.begin(fs, path, identity));
  }

  get path(): string {
    return this.#writer.path;
  }

  /** Bytes written so far. */
  get size(): number {
    return this.#writer.size;
  }

  /** Bytes known to be on the disk. */
  get syncedSize(): number {
    return this.#writer.syncedSize;
  }

  /** Stamps the batch with the sequence number of its first entry, and appends it. */
  append(batch: WriteBatch, sequence: number): void {
    batch.stamp(sequence);
    this.#writer.append(batch.buffer, BATCH_START, batch.byteLength);
  }

  /** Brings the header of a log that was begun to the disk, before its first batch. */
  syncHeader(): void {
    this.#writer.sync();
  }

  /** Brings every batch to the disk, with a seal behind the last; nothing is done when all are there. */
  sync(): void {
    this.#writer.sync();
    this.#writer.seal();
  }

  /** The same for the batches so far, while the caller's thread goes on; no seal if others came meanwhile. */
  async startSync(): Promise<void> {
    await this.#writer.startSync();
    this.#writer.seal();
  }

  /** Ends the log with its trailer, on the disk, and closes it. */
  finish(): void {
    this.#writer.finish();
  }

  /** Closes the file as it is, as a crash would leave it. Idempotent. */
  close(): void {
    this.#writer.close();
  }
}
