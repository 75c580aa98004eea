/**
 * Reads the records of a LevelDB log: a write-ahead log or a manifest (LevelDB's doc/log_format.md).
 *
 *     block (32 KiB) = fragment* | fewer than 7 bytes that mean nothing
 *
 *     fragment = masked CRC-32C of kind and data u32 | length u16 | kind 1 | data
 *                kind: 1 a whole record, 2 its first part, 3 one in the middle, 4 its last part
 *
 * The log of a process that died may end within a fragment or a record, or in zeros that the system had
 * set aside for it: that was never promised to anybody, and is cut off and counted. LevelDB takes any length
 * that reaches beyond the end of the file for such a tear. Here it is one only if the fragment is not whole
 * with another length: a length that was changed is damage, and cutting it off would lose what follows.
 */
import { readU16, readU32 } from '../bytes/integers.ts';
import type { FileSystem, ReadableFile } from '../fs/file-system.ts';
import { MAX_BATCH_BYTES } from '../wal/batch-format.ts';
import { crc32c, masked } from './crc32c.ts';
import { type Damage, damagedPart } from './damage.ts';

export const LOG_BLOCK_BYTES = 32_768;
export const FRAGMENT_HEADER_BYTES = 7;

const LENGTH_AT = 4;
const KIND_AT = 6;

const FULL = 1;
const FIRST = 2;
const LAST = 4;

const TORN = 'torn';

export interface LogTail {
  /** Whether the log may end in a record that was being written. */
  readonly mayBeTorn: boolean;
}

export class LevelDbLogReader {
  /** The record is `payload[payloadStart, payloadStart + payloadLength)`, until the next `next`. */
  payload: Uint8Array = new Uint8Array(0);
  payloadStart = 0;
  payloadLength = 0;
  /** Where the record starts in the file. */
  recordOffset = 0;
  /** Bytes at the end that are no whole record. */
  discardedBytes = 0;

  readonly file: ReadableFile;
  readonly #damage: Damage;
  readonly #mayBeTorn: boolean;
  readonly #block: Uint8Array = new Uint8Array(LOG_BLOCK_BYTES);
  /** `#block[0, #blockLength)` is the file from `#blockOffset` on. */
  #blockOffset = 0;
  #blockLength = 0;
  /** The next fragment, as an index into the block. */
  #at = 0;
  /** Of the last fragment: its kind and its data in the block. */
  #kind = 0;
  #dataStart = 0;
  #dataLength = 0;
  /** The parts of a record so far are `#parts[0, #partsLength)`. */
  #parts: Uint8Array = new Uint8Array(0);
  #partsLength = 0;
  #inRecord = false;
  /** After a part was left out, the rest of its record means nothing. */
  #resuming = false;

  constructor(fs: FileSystem, path: string, damage: Damage, { mayBeTorn }: LogTail) {
    this.file = fs.openFile(path);
    this.#damage = damage;
    this.#mayBeTorn = mayBeTorn;
  }

  /** Moves to the next record; false at the end. @throws LsmError `LSM_CORRUPTION`, unless salvaging. */
  next(): boolean {
    while (this.#nextFragment()) {
      const kind = this.#kind;
      if (kind === FULL || kind === FIRST) {
        this.#endUnfinished();
        this.#resuming = false;
        this.recordOffset = this.#fragmentOffset();
        if (kind === FULL) return this.#show(this.#block, this.#dataStart, this.#dataLength);
        this.#inRecord = true;
        this.#partsLength = 0;
        this.#append();
      } else if (this.#inRecord) {
        if (!this.#append()) continue;
        if (kind !== LAST) continue;
        this.#inRecord = false;
        return this.#show(this.#parts, 0, this.#partsLength);
      } else if (!this.#resuming) {
        this.#skip(this.#fragmentOffset(), this.#dataLength, 'a record lacks its first part');
      }
    }
    return false;
  }

  close(): void {
    this.file.close();
  }

  #show(bytes: Uint8Array, start: number, length: number): true {
    this.payload = bytes;
    this.payloadStart = start;
    this.payloadLength = length;
    return true;
  }

  #fragmentOffset(): number {
    return this.#blockOffset + this.#dataStart - FRAGMENT_HEADER_BYTES;
  }

  /** Early versions of LevelDB could leave an empty first part at the end of a block: only that is harmless. */
  #endUnfinished(): void {
    const unfinished = this.#inRecord && this.#partsLength > 0;
    this.#inRecord = false;
    if (unfinished) this.#skip(this.recordOffset, this.#partsLength, 'a record lacks its last part');
  }

  /** Adds a part to the record; false if the record got too long and is left out. */
  #append(): boolean {
    const length = this.#partsLength + this.#dataLength;
    if (length > MAX_BATCH_BYTES) {
      this.#inRecord = false;
      this.#resuming = true;
      this.#skip(this.recordOffset, length, `a record of more than ${MAX_BATCH_BYTES} bytes`);
      return false;
    }
    if (length > this.#parts.length) {
      const room = Math.min(this.file.size, Math.max(2 * length, 2 * LOG_BLOCK_BYTES));
      const grown = new Uint8Array(room);
      grown.set(this.#parts.subarray(0, this.#partsLength));
      this.#parts = grown;
    }
    const data = this.#block.subarray(this.#dataStart, this.#dataStart + this.#dataLength);
    this.#parts.set(data, this.#partsLength);
    this.#partsLength = length;
    return true;
  }

  /** Moves to the next whole fragment; false at the end of the file. */
  #nextFragment(): boolean {
    for (;;) {
      const left = this.#blockLength - this.#at;
      if (left < FRAGMENT_HEADER_BYTES) {
        const end = this.#blockOffset + this.#blockLength;
        if (end === this.file.size && (left === 0 || this.#blockLength < LOG_BLOCK_BYTES)) {
          return this.#end(left);
        }
        if (!this.#loadBlock(end)) return this.#end(0);
        continue;
      }
      const header = this.#at;
      const length = readU16(this.#block, header + LENGTH_AT);
      const kind = this.#block[header + KIND_AT];
      if (kind === 0 && length === 0 && this.#restIsZero()) return this.#end(this.file.size - this.#offset());
      const fault = this.#faultOf(header, length, kind, left);
      if (fault === TORN) return this.#end(left);
      if (fault !== undefined) {
        this.#skipBlock(left, fault);
        continue;
      }
      this.#kind = kind;
      this.#dataStart = header + FRAGMENT_HEADER_BYTES;
      this.#dataLength = length;
      this.#at = this.#dataStart + length;
      return true;
    }
  }

  #offset(): number {
    return this.#blockOffset + this.#at;
  }

  #loadBlock(offset: number): boolean {
    const length = Math.min(LOG_BLOCK_BYTES, this.file.size - offset);
    this.#blockOffset = offset;
    this.#blockLength = 0;
    this.#at = 0;
    if (length === 0) return false;
    this.file.read(this.#block, 0, length, offset);
    this.#blockLength = length;
    return true;
  }

  /** What is wrong with a fragment; undefined if nothing is. */
  #faultOf(header: number, length: number, kind: number, left: number): string | undefined {
    if (header + FRAGMENT_HEADER_BYTES + length > LOG_BLOCK_BYTES) return 'a length reaches beyond its block';
    if (FRAGMENT_HEADER_BYTES + length > left) {
      return this.#isWholeWithAnotherLength(header) ? 'a length was changed' : TORN;
    }
    const expected = readU32(this.#block, header);
    if (masked(crc32c(this.#block, header + KIND_AT, length + 1)) !== expected) return 'a checksum is wrong';
    return kind < FULL || kind > LAST ? `a record of the unknown kind ${kind}` : undefined;
  }

  /**
   * Whether the checksum is right for a shorter piece of data, with the end of the file or something like
   * a header behind it.
   */
  #isWholeWithAnotherLength(header: number): boolean {
    const bytes = this.#block;
    const expected = readU32(bytes, header);
    let crc = crc32c(bytes, header + KIND_AT, 1);
    for (let end = header + FRAGMENT_HEADER_BYTES; ; end++) {
      if (masked(crc) === expected && this.#mayFollow(end)) return true;
      if (end >= this.#blockLength) return false;
      crc = crc32c(bytes, end, 1, crc);
    }
  }

  #mayFollow(at: number): boolean {
    const left = this.#blockLength - at;
    if (left < FRAGMENT_HEADER_BYTES) return true;
    const kind = this.#block[at + KIND_AT];
    return kind <= LAST && at + readU16(this.#block, at + LENGTH_AT) <= LOG_BLOCK_BYTES;
  }

  /** Whether nothing but zeros follows in the file. */
  #restIsZero(): boolean {
    if (!isZero(this.#block, this.#at, this.#blockLength)) return false;
    const bytes = new Uint8Array(LOG_BLOCK_BYTES);
    for (let offset = this.#blockOffset + this.#blockLength; offset < this.file.size; ) {
      const length = Math.min(LOG_BLOCK_BYTES, this.file.size - offset);
      this.file.read(bytes, 0, length, offset);
      if (!isZero(bytes, 0, length)) return false;
      offset += length;
    }
    return true;
  }

  /** The end of the file, with so many bytes before it that are no fragment. */
  #end(left: number): false {
    const from = this.#inRecord ? this.recordOffset : this.file.size - left;
    const bytes = this.file.size - from;
    this.#inRecord = false;
    this.#blockOffset = this.file.size;
    this.#blockLength = 0;
    this.#at = 0;
    if (bytes === 0) return false;
    if (this.#mayBeTorn) this.discardedBytes = bytes;
    else this.#skip(from, bytes, 'it ends within a record, though a newer log follows');
    return false;
  }

  /** Leaves out the rest of a block: no length in it can be trusted. */
  #skipBlock(left: number, what: string): void {
    const offset = this.#offset();
    const from = this.#inRecord ? this.recordOffset : offset;
    this.#inRecord = false;
    this.#resuming = true;
    this.#at = this.#blockLength;
    this.#skip(offset, offset + left - from, what);
  }

  #skip(offset: number, bytes: number, what: string): void {
    const path = this.file.path;
    this.#damage.met(damagedPart(path, offset, what), path, offset, bytes);
  }
}

function isZero(bytes: Uint8Array, start: number, end: number): boolean {
  for (let at = start; at < end; at++) if (bytes[at] !== 0) return false;
  return true;
}
