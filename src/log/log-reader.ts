import { checksumAt, DATABASE_ID_BYTES, fileSeed } from '../bytes/checksum.ts';
import { equalBytes } from '../bytes/compare.ts';
import { readU32, readU64 } from '../bytes/integers.ts';
import { assertInvariant, corruption } from '../errors.ts';
import type { FileSystem, ReadableFile } from '../fs/file-system.ts';
import { FileWindow } from './file-window.ts';
import {
  decodeLogHeader,
  isRecordHeader,
  LOG_HEADER_BYTES,
  type LogIdentity,
  RECORD_DATA,
  RECORD_END,
  RECORD_HEADER_BYTES,
  RECORD_LENGTH_AT,
  RECORD_PAYLOAD_CRC_AT,
  RECORD_SYNCED_AT,
} from './log-format.ts';
import { rejectDamage } from './torn-or-damaged.ts';
import { isLostMark, isZeroFrom, type TornReason } from './torn-tail.ts';

/** How a log ends. Whether anything but `finished` may be is for the caller to decide. */
export interface LogEnd {
  /**
   * - `finished`: with its trailer, and nothing after it;
   * - `open`: after a whole record, without a trailer;
   * - `torn`: in bytes that are no whole record and were not known to be on the disk.
   */
  readonly state: 'finished' | 'torn' | 'open';
  /** The length of the part that is whole, bytes. */
  readonly validBytes: number;
  /** Bytes after that part. */
  readonly discardedBytes: number;
}

export interface LogLimits {
  /** The longest payload that the writer of this log makes, bytes. */
  readonly maxRecordBytes: number;
}

/**
 * Reads the records of a log in order, through a window, so that a log of any size takes little memory.
 * What it hands out has passed its checksum; what does not is read once more. Damage is thrown by the call that meets it, as
 * `LSM_CORRUPTION` with the offset; see torn-or-damaged.ts for what counts as that.
 */
export class LogReader {
  /** The payload is `payload[payloadStart, payloadStart + payloadLength)`, until the next `next`. */
  payload: Uint8Array = new Uint8Array(0);
  payloadStart = 0;
  payloadLength = 0;
  /** Where the record stands in the file. */
  recordOffset = 0;

  readonly #window: FileWindow;
  readonly #seed: number;
  readonly #maxRecordBytes: number;
  #position = LOG_HEADER_BYTES;
  /** What the last record said to be synced: it never falls. */
  #synced = LOG_HEADER_BYTES;
  /** Where the file was read a second time. */
  #readAgain = -1;
  #ending: LogEnd | undefined;
  #reason: TornReason | undefined;

  private constructor(window: FileWindow, seed: number, maxRecordBytes: number) {
    this.#window = window;
    this.#seed = seed;
    this.#maxRecordBytes = maxRecordBytes;
  }

  /**
   * @throws LsmError `LSM_CORRUPTION` for a damaged header or the log of another database, number or kind;
   *   `LSM_UNSUPPORTED_FORMAT` for another format version.
   */
  static open(fs: FileSystem, path: string, identity: LogIdentity, limits: LogLimits): LogReader {
    const file = fs.openFile(path);
    try {
      const window = new FileWindow(file);
      const seed = fileSeed(identity.databaseId, identity.fileNumber);
      const reader = new LogReader(window, seed, limits.maxRecordBytes);
      if (!readHeader(window, identity)) {
        reader.#ending = { state: 'torn', validBytes: 0, discardedBytes: file.size };
        reader.#reason = 'short header';
      }
      return reader;
    } catch (error) {
      file.close();
      throw error;
    }
  }

  /** How the log ended; to be asked after `next` returned false. */
  get end(): LogEnd {
    assertInvariant(this.#ending !== undefined, 'the end of a log is known after its last record');
    return this.#ending;
  }

  /** What stands where a torn log stops being readable; undefined for one that is not torn. */
  get tornReason(): TornReason | undefined {
    return this.#reason;
  }

  /** Moves to the next record; false at the end. */
  next(): boolean {
    if (this.#ending !== undefined) return false;
    const offset = this.#position;
    const remaining = this.#window.file.size - offset;
    if (remaining === 0) return this.#endWith('open');
    if (remaining < RECORD_HEADER_BYTES) return this.#tear('short header');
    const header = this.#window.load(offset, RECORD_HEADER_BYTES);
    if (!isRecordHeader(this.#window.bytes, header, this.#seed, offset)) return this.#tear('wrong header');

    const kind = this.#window.bytes[header];
    const length = readU32(this.#window.bytes, header + RECORD_LENGTH_AT);
    const synced = readU64(this.#window.bytes, header + RECORD_SYNCED_AT);
    this.#checkFields(offset, kind, length, synced);
    if (length > remaining - RECORD_HEADER_BYTES) return this.#tear('short record');

    const start = this.#window.load(offset, RECORD_HEADER_BYTES + length);
    const bytes = this.#window.bytes;
    const payloadStart = start + RECORD_HEADER_BYTES;
    const payloadCrc = readU32(bytes, start + RECORD_PAYLOAD_CRC_AT);
    if (checksumAt(this.#seed, offset, bytes, payloadStart, length) !== payloadCrc)
      return this.#tear('wrong payload');

    if (kind === RECORD_END) return this.#endWithTrailer();
    this.#position = offset + RECORD_HEADER_BYTES + length;
    this.#synced = synced;
    this.payload = bytes;
    this.payloadStart = payloadStart;
    this.payloadLength = length;
    this.recordOffset = offset;
    return true;
  }

  /** Idempotent. */
  close(): void {
    this.#window.file.close();
  }

  /** A right checksum over values that no writer writes: never the work of a crash. */
  #checkFields(offset: number, kind: number, length: number, synced: number): void {
    const path = this.#window.file.path;
    if (kind !== RECORD_DATA && kind !== RECORD_END) {
      throw corruption(path, offset, `record kind ${kind} does not exist`);
    }
    if (length > (kind === RECORD_END ? 0 : this.#maxRecordBytes)) {
      throw corruption(path, offset, `a record of ${length} bytes is over the limit`);
    }
    if (synced < this.#synced || synced > offset || (kind === RECORD_END && synced !== offset)) {
      throw corruption(path, offset, 'the synced offset of the record is out of range');
    }
  }

  #endWithTrailer(): false {
    const end = this.#position + RECORD_HEADER_BYTES;
    if (end !== this.#window.file.size) {
      throw corruption(this.#window.file.path, end, 'there are bytes after the trailer');
    }
    this.#position = end;
    return this.#endWith('finished');
  }

  /** What is no record may be one: a bit that flipped on the way from the disk is not damage on the disk. */
  #tear(reason: TornReason): boolean {
    if (this.#readAgain !== this.#position) {
      this.#readAgain = this.#position;
      this.#window.forget();
      return this.next();
    }
    rejectDamage(this.#window, this.#seed, this.#position);
    if (isLostMark(this.#window, this.#seed, this.#position)) this.#reason = 'lost mark';
    else this.#reason = isZeroFrom(this.#window, this.#position) ? 'zeros' : reason;
    return this.#endWith('torn');
  }

  #endWith(state: LogEnd['state']): false {
    const discardedBytes = this.#window.file.size - this.#position;
    this.#ending = { state, validBytes: this.#position, discardedBytes };
    return false;
  }
}

/**
 * False for a header that a crash kept from being written. It is synced before the first record is
 * written, so in a file with anything after it a bad header is damage.
 */
function readHeader(window: FileWindow, expected: LogIdentity): boolean {
  const file: ReadableFile = window.file;
  const length = Math.min(file.size, LOG_HEADER_BYTES);
  const decode = (): LogIdentity | undefined => {
    const start = window.load(0, length);
    return decodeLogHeader(window.bytes.subarray(start, start + length), file.path);
  };
  let found = decode();
  if (found === undefined) {
    window.forget();
    found = decode();
  }
  if (found === undefined) {
    if (file.size > LOG_HEADER_BYTES) throw corruption(file.path, 0, 'the header of the log is not valid');
    return false;
  }
  if (found.kind !== expected.kind) {
    throw corruption(file.path, 12, `it is a ${found.kind} log, and a ${expected.kind} log belongs here`);
  }
  if (!equalBytes(found.databaseId, 0, DATABASE_ID_BYTES, expected.databaseId, 0, DATABASE_ID_BYTES)) {
    throw corruption(file.path, 16, 'it belongs to another database');
  }
  if (found.fileNumber !== expected.fileNumber) {
    const what = `it is file ${found.fileNumber}, and file ${expected.fileNumber} belongs here`;
    throw corruption(file.path, 32, what);
  }
  return true;
}
