/**
 * Reads the records of a LevelDB log, a write-ahead log or a manifest: puts together what stands in several
 * fragments (see log-fragments.ts). A record that a dying process did not finish was never promised to
 * anybody: at the end of a log that may be torn it is left out, and its bytes are counted.
 */
import type { FileSystem, ReadableFile } from '../fs/file-system.ts';
import { MAX_BATCH_BYTES } from '../wal/batch-format.ts';
import { type Damage, damagedPart } from './damage.ts';
import { FIRST, FULL, LAST, LogFragments } from './log-fragments.ts';

const FIRST_CAPACITY = 65_536;

export class LevelDbLogReader {
  /** The record is `payload[payloadStart, payloadStart + payloadLength)`, until the next `next`. */
  payload: Uint8Array = new Uint8Array(0);
  payloadStart = 0;
  payloadLength = 0;
  /** Where the record starts in the file. */
  recordOffset = 0;
  /** Bytes at the end that are no whole record, after the last record. */
  discardedBytes = 0;

  readonly file: ReadableFile;
  readonly #fragments: LogFragments;
  readonly #damage: Damage;
  readonly #mayBeTorn: boolean;
  /** The parts of a record so far are `#parts[0, #partsLength)`. */
  #parts: Uint8Array = new Uint8Array(0);
  #partsLength = 0;
  #inRecord = false;
  /** After something was left out, the rest of the record there means nothing. */
  #resuming = false;

  /** `mayBeTorn` says whether the log may end in a record that was being written. */
  constructor(fs: FileSystem, path: string, damage: Damage, { mayBeTorn }: { readonly mayBeTorn: boolean }) {
    this.file = fs.openFile(path);
    this.#fragments = new LogFragments(this.file, damage);
    this.#damage = damage;
    this.#mayBeTorn = mayBeTorn;
  }

  /** Moves to the next record; false at the end. @throws LsmError `LSM_CORRUPTION`, unless salvaging. */
  next(): boolean {
    for (;;) {
      const found = this.#fragments.next();
      if (found === 'end') return this.#end();
      if (found === 'skipped') this.#resume();
      else if (this.#take()) return true;
    }
  }

  /** Idempotent. */
  close(): void {
    this.file.close();
  }

  /** Adds the fragment to what is there; true if a record is whole now. */
  #take(): boolean {
    const { kind, block, dataStart, dataLength, offset } = this.#fragments;
    if (kind === FULL || kind === FIRST) {
      this.#checkFinished();
      this.#inRecord = kind === FIRST;
      this.#resuming = false;
      this.#partsLength = 0;
      this.recordOffset = offset;
    } else if (!this.#inRecord) {
      if (!this.#resuming) this.#skip(offset, dataLength, 'a record lacks its first part');
      return false;
    }
    if (kind === FULL) return this.#show(block, dataStart, dataLength);
    if (!this.#append() || kind !== LAST) return false;
    this.#inRecord = false;
    return this.#show(this.#parts, 0, this.#partsLength);
  }

  #show(bytes: Uint8Array, start: number, length: number): true {
    this.payload = bytes;
    this.payloadStart = start;
    this.payloadLength = length;
    return true;
  }

  /** Early versions of LevelDB could leave an empty first part at the end of a block: only that is harmless. */
  #checkFinished(): void {
    if (!this.#inRecord || this.#partsLength === 0) return;
    this.#inRecord = false;
    this.#skip(this.recordOffset, this.#partsLength, 'a record lacks its last part');
  }

  /** Adds a part to the record; false if the record got too long and is left out. */
  #append(): boolean {
    const { block, dataStart, dataLength } = this.#fragments;
    const length = this.#partsLength + dataLength;
    if (length > MAX_BATCH_BYTES) {
      this.#resume();
      this.#skip(this.recordOffset, length, `a record of more than ${MAX_BATCH_BYTES} bytes`);
      return false;
    }
    if (length > this.#parts.length) {
      const room = Math.min(this.file.size, Math.max(2 * length, FIRST_CAPACITY));
      const grown = new Uint8Array(room);
      grown.set(this.#parts.subarray(0, this.#partsLength));
      this.#parts = grown;
    }
    this.#parts.set(block.subarray(dataStart, dataStart + dataLength), this.#partsLength);
    this.#partsLength = length;
    return true;
  }

  #resume(): void {
    this.#inRecord = false;
    this.#resuming = true;
  }

  #end(): false {
    const { size } = this.file;
    const from = this.#inRecord ? this.recordOffset : size - this.#fragments.tornBytes;
    this.#inRecord = false;
    if (from === size) return false;
    if (this.#mayBeTorn) this.discardedBytes = size - from;
    else this.#skip(from, size - from, 'it ends within a record, though a newer log follows');
    return false;
  }

  #skip(offset: number, bytes: number, what: string): void {
    const { path } = this.file;
    this.#damage.met(damagedPart(path, offset, what), path, offset, bytes);
  }
}
