/**
 * Reads the fragments of a LevelDB log, one block at a time (LevelDB's doc/log_format.md).
 *
 *     block (32 KiB) = fragment* | fewer than 7 bytes that mean nothing
 *
 *     fragment = masked CRC-32C of kind and data u32 | length u16 | kind 1 | data
 *                kind: 1 a whole record, 2 its first part, 3 one in the middle, 4 its last part
 *
 * The log of a process that died may end within a fragment, or in zeros that the system had set aside for
 * it. LevelDB takes any length that reaches beyond the end of the file for such a tear. Here it is one only
 * if the fragment is not whole with another length: a length that was changed is damage, and to take it for
 * the end would lose what follows.
 */
import { readU16, readU32 } from '../bytes/integers.ts';
import type { ReadableFile } from '../fs/file-system.ts';
import { crc32c, masked } from './crc32c.ts';
import { type Damage, damagedPart } from './damage.ts';

export const FULL = 1;
export const FIRST = 2;
export const LAST = 4;

const BLOCK_BYTES = 32_768;
const HEADER_BYTES = 7;
const LENGTH_AT = 4;
const KIND_AT = 6;

const TORN = 'torn';

export class LogFragments {
  /** The data is `block[dataStart, dataStart + dataLength)`, until the next `next`. */
  readonly block: Uint8Array = new Uint8Array(BLOCK_BYTES);
  dataStart = 0;
  dataLength = 0;
  kind = 0;
  /** After the end: how many bytes before it are no fragment. */
  tornBytes = 0;

  readonly #file: ReadableFile;
  readonly #damage: Damage;
  /** `block[0, #blockLength)` is the file from `#blockOffset` on. */
  #blockOffset = 0;
  #blockLength = 0;
  /** Where the next fragment stands in the block. */
  #at = 0;
  /** At this place of the file or after it is a byte that is not zero: so a log of zeros is read through once. */
  #notOnlyZerosFrom = -1;

  constructor(file: ReadableFile, damage: Damage) {
    this.#file = file;
    this.#damage = damage;
  }

  /** Where the fragment stands in the file. */
  get offset(): number {
    return this.#blockOffset + this.dataStart - HEADER_BYTES;
  }

  /**
   * Moves to the next fragment. `skipped` says that the rest of a block was left out instead.
   * @throws LsmError `LSM_CORRUPTION`, unless salvaging.
   */
  next(): 'fragment' | 'skipped' | 'end' {
    while (this.#blockLength - this.#at < HEADER_BYTES) {
      const end = this.#blockOffset + this.#blockLength;
      const isFiller = this.#blockLength === BLOCK_BYTES;
      if (end === this.#file.size) return this.#end(isFiller ? 0 : this.#blockLength - this.#at);
      this.#loadBlock(end);
    }
    const header = this.#at;
    const length = readU16(this.block, header + LENGTH_AT);
    const kind = this.block[header + KIND_AT];
    const fault = this.#faultOf(header, length, kind);
    if (fault === TORN) return this.#end(this.#file.size - this.#blockOffset - header);
    if (fault !== undefined) return this.#skipBlock(fault);
    this.kind = kind;
    this.dataStart = header + HEADER_BYTES;
    this.dataLength = length;
    this.#at = this.dataStart + length;
    return 'fragment';
  }

  #loadBlock(offset: number): void {
    const length = Math.min(BLOCK_BYTES, this.#file.size - offset);
    this.#blockOffset = offset;
    this.#blockLength = 0;
    this.#at = 0;
    this.#file.read(this.block, 0, length, offset);
    this.#blockLength = length;
  }

  /** What is wrong with a fragment; undefined if nothing is. */
  #faultOf(header: number, length: number, kind: number): string | undefined {
    if (kind === 0 && length === 0 && this.#restIsZero()) return TORN;
    const end = header + HEADER_BYTES + length;
    if (end > BLOCK_BYTES) return 'a length reaches beyond its block';
    if (end > this.#blockLength)
      return this.#isWholeWithAnotherLength(header) ? 'a length was changed' : TORN;
    const expected = readU32(this.block, header);
    if (masked(crc32c(this.block, header + KIND_AT, length + 1)) !== expected) return 'a checksum is wrong';
    return kind < FULL || kind > LAST ? `a record of the unknown kind ${kind}` : undefined;
  }

  /**
   * Whether the checksum is right for a shorter piece of data, with the end of the file or something like
   * a header behind it.
   */
  #isWholeWithAnotherLength(header: number): boolean {
    const expected = readU32(this.block, header);
    let crc = crc32c(this.block, header + KIND_AT, 1);
    for (let end = header + HEADER_BYTES; ; end++) {
      if (masked(crc) === expected && this.#mayFollow(end)) return true;
      if (end >= this.#blockLength) return false;
      crc = crc32c(this.block, end, 1, crc);
    }
  }

  #mayFollow(at: number): boolean {
    if (this.#blockLength - at < HEADER_BYTES) return true;
    const end = at + HEADER_BYTES + readU16(this.block, at + LENGTH_AT);
    return this.block[at + KIND_AT] <= LAST && end <= BLOCK_BYTES;
  }

  /** Whether nothing but zeros follows in the file. */
  #restIsZero(): boolean {
    if (this.#blockOffset + this.#at <= this.#notOnlyZerosFrom) return false;
    if (!isZero(this.block, this.#at, this.#blockLength)) return false;
    const bytes = new Uint8Array(BLOCK_BYTES);
    for (let offset = this.#blockOffset + this.#blockLength; offset < this.#file.size; ) {
      const length = Math.min(BLOCK_BYTES, this.#file.size - offset);
      this.#file.read(bytes, 0, length, offset);
      if (!isZero(bytes, 0, length)) {
        this.#notOnlyZerosFrom = offset;
        return false;
      }
      offset += length;
    }
    return true;
  }

  #end(tornBytes: number): 'end' {
    this.tornBytes = tornBytes;
    this.#blockOffset = this.#file.size;
    this.#blockLength = 0;
    this.#at = 0;
    return 'end';
  }

  /** Leaves out the rest of a block: no length in it can be trusted. */
  #skipBlock(what: string): 'skipped' {
    const { path } = this.#file;
    const offset = this.#blockOffset + this.#at;
    const bytes = this.#blockLength - this.#at;
    this.#at = this.#blockLength;
    this.#damage.met(damagedPart(path, offset, what), path, offset, bytes);
    return 'skipped';
  }
}

function isZero(bytes: Uint8Array, start: number, end: number): boolean {
  for (let at = start; at < end; at++) if (bytes[at] !== 0) return false;
  return true;
}
