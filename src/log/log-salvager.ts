import { checksumAt, fileSeed } from '../bytes/checksum.ts';
import { readU32 } from '../bytes/integers.ts';
import type { FileSystem } from '../fs/file-system.ts';
import { readWholeFile } from '../fs/file-system.ts';
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
} from './log-format.ts';
import type { LogLimits } from './log-reader.ts';
import { findRecordHeader } from './torn-or-damaged.ts';

/**
 * Which log a file says it is, whatever it is called; undefined if its header is not valid.
 * @throws LsmError `LSM_UNSUPPORTED_FORMAT` for another format version.
 */
export function readLogIdentity(fs: FileSystem, path: string): LogIdentity | undefined {
  return decodeLogHeader(readWholeFile(fs, path, LOG_HEADER_BYTES), path);
}

/**
 * Reads what is left of a log: every record that stands whole at its place, whatever is between them. Where a
 * `LogReader` stops or throws, this one goes on with the next record; a record's checksums start from its
 * offset and from the file's identity, so nothing is taken for one by chance.
 */
export class LogSalvager {
  /** The payload is `payload[payloadStart, payloadStart + payloadLength)`, until the next `next`. */
  payload: Uint8Array = new Uint8Array(0);
  payloadStart = 0;
  payloadLength = 0;
  /** Where the record stands in the file. */
  recordOffset = 0;

  readonly #window: FileWindow;
  readonly #seed: number;
  readonly #maxRecordBytes: number;
  readonly #onGap: (offset: number, bytes: number) => void;
  #position = 0;
  /** Kind of the record that was found last. */
  #kind = 0;
  /**
   * Bytes of what stands at the offset looked at last: a record, also one whose header alone is right, or one byte
   * of something else. In a damaged payload nothing is searched for: what looks like a record there was never one.
   */
  #extent = 1;

  private constructor(
    window: FileWindow,
    seed: number,
    maxRecordBytes: number,
    onGap: (offset: number, bytes: number) => void,
  ) {
    this.#window = window;
    this.#seed = seed;
    this.#maxRecordBytes = maxRecordBytes;
    this.#onGap = onGap;
  }

  /** `onGap` is told of bytes that belong to no whole record. The header is not looked at. */
  static open(
    fs: FileSystem,
    path: string,
    identity: Omit<LogIdentity, 'kind'>,
    limits: LogLimits,
    onGap: (offset: number, bytes: number) => void,
  ): LogSalvager {
    const window = new FileWindow(fs.openFile(path));
    const seed = fileSeed(identity.databaseId, identity.fileNumber);
    const salvager = new LogSalvager(window, seed, limits.maxRecordBytes, onGap);
    salvager.#position = Math.min(LOG_HEADER_BYTES, window.file.size);
    return salvager;
  }

  /** Whether the last record that was found is the one that ends a complete log. */
  get sawEnd(): boolean {
    return this.#kind === RECORD_END;
  }

  /** Moves to the next whole record; false at the end. */
  next(): boolean {
    const { size } = this.#window.file;
    while (this.#position < size) {
      const offset = this.#position;
      if (!this.#readRecord(offset)) {
        this.#position = this.#findRecord(offset + this.#extent);
        this.#onGap(offset, this.#position - offset);
        continue;
      }
      this.#position = offset + this.#extent;
      if (this.#kind === RECORD_DATA) return true;
    }
    return false;
  }

  /** Idempotent. */
  close(): void {
    this.#window.file.close();
  }

  /** Whether there is a whole record, whose payload is then in place. `#extent` is its length either way. */
  #readRecord(offset: number): boolean {
    const window = this.#window;
    this.#extent = 1;
    const remaining = window.file.size - offset - RECORD_HEADER_BYTES;
    if (remaining < 0) return false;
    const header = window.load(offset, RECORD_HEADER_BYTES);
    if (!isRecordHeader(window.bytes, header, this.#seed, offset)) return false;
    const kind = window.bytes[header];
    const length = readU32(window.bytes, header + RECORD_LENGTH_AT);
    if (kind !== RECORD_DATA && kind !== RECORD_END) return false;
    if (length > remaining || length > (kind === RECORD_END ? 0 : this.#maxRecordBytes)) return false;
    this.#extent = RECORD_HEADER_BYTES + length;
    const start = window.load(offset, RECORD_HEADER_BYTES + length);
    const bytes = window.bytes;
    const crc = readU32(bytes, start + RECORD_PAYLOAD_CRC_AT);
    if (checksumAt(this.#seed, offset, bytes, start + RECORD_HEADER_BYTES, length) !== crc) return false;
    this.payload = bytes;
    this.payloadStart = start + RECORD_HEADER_BYTES;
    this.payloadLength = length;
    this.recordOffset = offset;
    this.#kind = kind;
    return true;
  }

  /** The offset of the first whole record at `from` or after it; the end of the file if there is none. */
  #findRecord(from: number): number {
    for (let at = from; ; at += this.#extent) {
      at = findRecordHeader(this.#window, this.#seed, at, -1);
      if (at < 0) return this.#window.file.size;
      if (this.#readRecord(at)) return at;
    }
  }
}
