import { readU16, readU32, readU64 } from '../bytes/integers.ts';
import { corruption } from '../errors.ts';
import { KIND_DELETE, KIND_PUT, MAX_SEQUENCE, MAX_VALUE_BYTES } from '../keys/internal-key.ts';
import { BATCH_COUNT_AT, BATCH_HEADER_BYTES, ENTRY_OVERHEAD_BYTES } from './batch-format.ts';

/**
 * Walks the entries of an encoded batch in place. `reset` checks the whole batch before the first entry
 * comes out, so that half of a bad batch is never applied; the walk itself checks nothing. The fields are
 * good until the next move, and as long as the buffer keeps its bytes. One reader serves any number of
 * batches and allocates nothing.
 */
export class BatchReader {
  buffer: Uint8Array = new Uint8Array(0);
  /** The sequence number of the first entry; each further entry has the next one. */
  sequence = 0;
  count = 0;
  /** Where the whole batch starts in the buffer. */
  byteStart = 0;
  /** Length of the whole batch, after {@link reset}; bytes. */
  byteLength = 0;

  kind = 0;
  /** The key is `buffer[keyStart, keyStart + keyLength)`. */
  keyStart = 0;
  keyLength = 0;
  /** The value is `buffer[valueStart, valueStart + valueLength)`; empty for a delete. */
  valueStart = 0;
  valueLength = 0;

  #position = 0;
  #remaining = 0;

  /**
   * Starts on bytes that come from a disk: `file` and `offset` are where they stand there.
   * @throws LsmError `LSM_CORRUPTION` unless they are one whole batch and nothing else.
   */
  reset(buffer: Uint8Array, start: number, length: number, file: string, offset: number): void {
    validate(buffer, start, length, file, offset);
    this.attach(buffer, start);
    this.byteLength = length;
  }

  /** Starts on a batch that is known to be whole, such as the bytes of a `WriteBatch`. */
  attach(buffer: Uint8Array, start: number): void {
    this.buffer = buffer;
    this.byteStart = start;
    this.sequence = readU64(buffer, start);
    this.count = readU32(buffer, start + BATCH_COUNT_AT);
    this.#position = start + BATCH_HEADER_BYTES;
    this.#remaining = this.count;
  }

  /** Moves to the next entry; false after the last. */
  next(): boolean {
    if (this.#remaining === 0) return false;
    this.#remaining--;
    const buffer = this.buffer;
    const at = this.#position;
    this.kind = buffer[at];
    this.keyStart = at + 3;
    this.keyLength = readU16(buffer, at + 1);
    const valueLengthAt = this.keyStart + this.keyLength;
    this.valueStart = valueLengthAt + 4;
    this.valueLength = readU32(buffer, valueLengthAt);
    this.#position = this.valueStart + this.valueLength;
    return true;
  }
}

function validate(buffer: Uint8Array, start: number, length: number, file: string, offset: number): void {
  const end = start + length;
  if (length < BATCH_HEADER_BYTES) throw corruption(file, offset, 'the batch is shorter than its header');
  const sequence = readU64(buffer, start);
  const count = readU32(buffer, start + BATCH_COUNT_AT);
  if (count > (length - BATCH_HEADER_BYTES) / ENTRY_OVERHEAD_BYTES) {
    throw corruption(file, offset + BATCH_COUNT_AT, `${count} entries do not fit the batch`);
  }
  if (sequence > MAX_SEQUENCE - count) throw corruption(file, offset, 'a sequence number is out of range');

  let at = start + BATCH_HEADER_BYTES;
  for (let i = 0; i < count; i++) {
    const entryOffset = offset + (at - start);
    if (end - at < ENTRY_OVERHEAD_BYTES)
      throw corruption(file, entryOffset, 'the batch ends within an entry');
    const kind = buffer[at];
    if (kind !== KIND_PUT && kind !== KIND_DELETE) {
      throw corruption(file, entryOffset, `entry kind ${kind} does not exist`);
    }
    const keyLength = readU16(buffer, at + 1);
    if (keyLength > end - at - ENTRY_OVERHEAD_BYTES) {
      throw corruption(file, entryOffset, 'a key is longer than its batch');
    }
    const valueLength = readU32(buffer, at + 3 + keyLength);
    at += ENTRY_OVERHEAD_BYTES + keyLength;
    if (valueLength > end - at) throw corruption(file, entryOffset, 'a value is longer than its batch');
    if (valueLength > (kind === KIND_DELETE ? 0 : MAX_VALUE_BYTES)) {
      throw corruption(file, entryOffset, `a value of ${valueLength} bytes is over the limit`);
    }
    at += valueLength;
  }
  if (at !== end) throw corruption(file, offset + (at - start), 'there are bytes after the last entry');
}
