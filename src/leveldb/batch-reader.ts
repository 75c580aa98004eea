/**
 * A record of LevelDB's write-ahead log: a batch of writes.
 *
 *     batch = sequence u64 | entry count u32 | entry*
 *     entry = 1 | varint: key length | key | varint: value length | value        a value
 *           | 0 | varint: key length | key                                       a deletion
 */
import { readU32 } from '../bytes/integers.ts';
import type { LsmError } from '../errors.ts';
import { type EntryKind, KIND_DELETE, KIND_PUT } from '../keys/internal-key.ts';
import { ByteReader } from './byte-reader.ts';
import { damagedPart } from './damage.ts';
import { kindOf } from './internal-key.ts';

const COUNT_AT = 8;
const HEADER_BYTES = 12;

export class LevelDbBatchReader {
  bytes: Uint8Array = new Uint8Array(0);
  kind: EntryKind = KIND_PUT;
  /** The key is `bytes[keyStart, keyStart + keyLength)`. */
  keyStart = 0;
  keyLength = 0;
  /** The value is `bytes[valueStart, valueStart + valueLength)`; empty for a deletion. */
  valueStart = 0;
  valueLength = 0;

  readonly #reader: ByteReader;
  #file = '';
  #offset = 0;

  constructor() {
    this.#reader = new ByteReader((what) => this.#fault(what));
  }

  /**
   * Starts on a record that stands in `file` at `offset`, after a walk through all of it: half of a bad batch
   * is never seen.
   * @throws LsmError `LSM_CORRUPTION`
   */
  reset(bytes: Uint8Array, start: number, length: number, file: string, offset: number): void {
    this.bytes = bytes;
    this.#file = file;
    this.#offset = offset;
    if (length < HEADER_BYTES) throw this.#fault(`${length} bytes are too few for it`);
    const count = readU32(bytes, start + COUNT_AT);
    this.#reader.attach(bytes, start + HEADER_BYTES, length - HEADER_BYTES);
    let found = 0;
    while (this.next()) found++;
    if (found !== count) throw this.#fault(`it announces ${count} entries and has ${found}`);
    this.#reader.attach(bytes, start + HEADER_BYTES, length - HEADER_BYTES);
  }

  /** Moves to the next entry; false after the last. */
  next(): boolean {
    const reader = this.#reader;
    if (reader.remaining === 0) return false;
    const levelDbKind = this.bytes[reader.skip(1)];
    const kind = kindOf(levelDbKind);
    if (kind === undefined) throw this.#fault(`entry kind ${levelDbKind} does not exist`);
    this.kind = kind;
    this.keyStart = reader.lengthPrefixed();
    this.keyLength = reader.position - this.keyStart;
    this.valueStart = kind === KIND_DELETE ? reader.position : reader.lengthPrefixed();
    this.valueLength = reader.position - this.valueStart;
    return true;
  }

  #fault(what: string): LsmError {
    return damagedPart(this.#file, this.#offset, `in a batch: ${what}`);
  }
}
