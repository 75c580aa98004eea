import { checksumAt, fileSeed } from '../bytes/checksum.ts';
import { assertInvariant } from '../errors.ts';
import type { FileSystem, WritableFile } from '../fs/file-system.ts';
import {
  encodeLogHeader,
  encodeMark,
  LOG_HEADER_BYTES,
  type LogIdentity,
  RECORD_DATA,
  RECORD_END,
  RECORD_HEADER_BYTES,
  writeRecordHeader,
} from './log-format.ts';

const MAX_PAYLOAD_BYTES = 0xffff_ffff;

/**
 * Writes a log, record by record. When `append` returns the record survives the process; when `sync`
 * returns it survives the power supply.
 *
 * After the first failure of the file nobody knows what it holds: every later call but `close` throws that
 * first error again, and nothing more is written.
 */
export class LogWriter {
  readonly path: string;
  readonly #file: WritableFile;
  readonly #seed: number;
  #end = 0;
  #synced = 0;
  /** Where the file ends if its last record is a seal; never the end otherwise. */
  #sealedEnd = -1;
  #closed = false;
  #failed = false;
  #failure: unknown;

  private constructor(path: string, file: WritableFile, seed: number) {
    this.path = path;
    this.#file = file;
    this.#seed = seed;
  }

  /** A new log with its header on the disk; the caller syncs the directory. */
  static create(fs: FileSystem, path: string, identity: LogIdentity): LogWriter {
    const writer = LogWriter.begin(fs, path, identity);
    try {
      writer.sync();
    } catch (error) {
      writer.close();
      throw error;
    }
    return writer;
  }

  /**
   * A new log with its header in the file. The caller syncs it before the first record: a file that is longer than a
   * broken header was then never a torn creation. Or before anything names the log: then nobody reads a torn one.
   */
  static begin(fs: FileSystem, path: string, identity: LogIdentity): LogWriter {
    const header = encodeLogHeader(identity);
    const seed = fileSeed(identity.databaseId, identity.fileNumber);
    const writer = new LogWriter(path, fs.createFile(path), seed);
    try {
      writer.#write(header, 0, header.length);
    } catch (error) {
      writer.close();
      throw error;
    }
    return writer;
  }

  /** Bytes written so far. */
  get size(): number {
    return this.#end;
  }

  /** Bytes known to be on the disk. */
  get syncedSize(): number {
    return this.#synced;
  }

  /**
   * Appends one record in one write. The `RECORD_HEADER_BYTES` bytes before the payload belong to the
   * writer, which puts the record's header there.
   */
  append(buffer: Uint8Array, payloadStart: number, payloadLength: number): void {
    this.#check();
    assertInvariant(payloadStart >= RECORD_HEADER_BYTES, 'a log payload has room for its header before it');
    assertInvariant(payloadStart + payloadLength <= buffer.length, 'a log payload lies within its buffer');
    assertInvariant(payloadLength <= MAX_PAYLOAD_BYTES, 'the length of a log payload fits a u32');
    const at = payloadStart - RECORD_HEADER_BYTES;
    const payloadCrc = checksumAt(this.#seed, this.#end, buffer, payloadStart, payloadLength);
    writeRecordHeader(
      buffer,
      at,
      RECORD_DATA,
      payloadLength,
      Math.max(this.#synced, LOG_HEADER_BYTES),
      payloadCrc,
      this.#seed,
      this.#end,
    );
    this.#write(buffer, at, RECORD_HEADER_BYTES + payloadLength);
  }

  /** Brings every record to the disk; nothing is done when all but a seal are there. */
  sync(): void {
    this.#check();
    if (!this.#isSynced) this.#sync();
  }

  /**
   * The same for the records so far, while the caller's thread goes on. A failure is one of the file, also
   * if nobody waits for this any more.
   */
  async startSync(): Promise<void> {
    this.#check();
    const end = this.#end;
    if (this.#isSynced) return;
    try {
      await this.#file.startSync();
    } catch (error) {
      this.#fail(error);
    }
    // What failed meanwhile may have been the report of what this one was to bring to the disk.
    if (this.#failed) throw this.#failure;
    this.#synced = Math.max(this.#synced, end);
  }

  /**
   * Puts a seal behind records that are all on the disk: a record without a payload, whose header says so. It
   * proves that they were whole, so that damage to the last of them is not taken for a torn write. Losing it
   * costs only that, so it is not synced itself. If it can't be written, the file has failed like at any append.
   */
  seal(): void {
    if (this.#closed || this.#synced !== this.#end) return;
    this.#check();
    this.#write(encodeMark(RECORD_DATA, this.#seed, this.#end), 0, RECORD_HEADER_BYTES);
    this.#sealedEnd = this.#end;
  }

  /**
   * Ends the log with its trailer, on the disk, and closes it. The records are synced before the trailer is
   * written, not with it: a power cut between the two could otherwise leave a trailer behind a hole, which
   * a reader has to take for damage.
   */
  finish(): void {
    this.#check();
    if (this.#synced !== this.#end) this.#sync();
    const record = encodeMark(RECORD_END, this.#seed, this.#end);
    this.#write(record, 0, record.length);
    this.#sync();
    this.close();
  }

  /** Closes the file as it is, without a trailer. Idempotent. */
  close(): void {
    this.#closed = true;
    this.#file.close();
  }

  /** Whether every record is on the disk, but for a seal. */
  get #isSynced(): boolean {
    return this.#synced === this.#end || this.#sealedEnd === this.#end;
  }

  #sync(): void {
    try {
      this.#file.sync();
    } catch (error) {
      this.#fail(error);
    }
    this.#synced = this.#end;
  }

  #write(bytes: Uint8Array, start: number, length: number): void {
    try {
      this.#file.append(bytes, start, length);
    } catch (error) {
      this.#fail(error);
    }
    this.#end += length;
  }

  #check(): void {
    if (this.#failed) throw this.#failure;
    assertInvariant(!this.#closed, 'a closed log is not written');
  }

  #fail(error: unknown): never {
    if (!this.#failed) {
      this.#failed = true;
      this.#failure = error;
    }
    throw this.#failure;
  }
}
