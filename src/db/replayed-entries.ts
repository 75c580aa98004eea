/**
 * What logs hold, in memory until it becomes a table: the batches as they were read, and where the key of each entry
 * stands in them. Nobody looks for a key here, so that nothing has to be in order before all of it is there: to sort
 * 58,000 entries of 116 bytes takes a fifth of what it takes to put each in its place in a skiplist (25 ms instead of 130).
 */
import { ByteWriter } from '../bytes/byte-writer.ts';
import { readU32 } from '../bytes/integers.ts';
import type { ForwardWalk } from '../cursor/cursor.ts';
import { keyOrder } from '../keys/key-order.ts';
import type { BatchReader } from '../wal/batch-reader.ts';

const FIRST_BYTES = 64 * 1024;
const FIRST_ENTRIES = 1024;

export class ReplayedEntries {
  readonly #batches = new ByteWriter(FIRST_BYTES);
  #keyStarts = new Uint32Array(FIRST_ENTRIES);
  #keyLengths = new Uint16Array(FIRST_ENTRIES);
  #sequences = new Float64Array(FIRST_ENTRIES);
  #count = 0;

  /** Bytes of the batches. */
  get byteSize(): number {
    return this.#batches.length;
  }

  /** Entries, every version and tombstone counted. */
  get entryCount(): number {
    return this.#count;
  }

  /** Adds a batch, which is copied; its sequence numbers are above all before. */
  add(batch: BatchReader): void {
    const moved = this.#batches.length - batch.byteStart;
    this.#batches.append(batch.buffer, batch.byteStart, batch.byteLength);
    this.#reserve(batch.count);
    for (let sequence = batch.sequence; batch.next(); sequence++) {
      this.#keyStarts[this.#count] = batch.keyStart + moved;
      this.#keyLengths[this.#count] = batch.keyLength;
      this.#sequences[this.#count] = sequence;
      this.#count += 1;
    }
  }

  /** Over what was added so far, in internal order. */
  cursor(): ForwardWalk {
    const { bytes } = this.#batches;
    const keys = { bytes, starts: this.#keyStarts, lengths: this.#keyLengths, count: this.#count };
    return new ReplayedCursor(bytes, this.#keyStarts, this.#keyLengths, this.#sequences, keyOrder(keys));
  }

  #reserve(entries: number): void {
    const needed = this.#count + entries;
    if (needed <= this.#keyStarts.length) return;
    const capacity = Math.max(needed, 2 * this.#keyStarts.length);
    const [starts, lengths, sequences] = [this.#keyStarts, this.#keyLengths, this.#sequences];
    this.#keyStarts = new Uint32Array(capacity);
    this.#keyStarts.set(starts);
    this.#keyLengths = new Uint16Array(capacity);
    this.#keyLengths.set(lengths);
    this.#sequences = new Float64Array(capacity);
    this.#sequences.set(sequences);
  }
}

class ReplayedCursor implements ForwardWalk {
  valid = false;
  readonly key: Uint8Array;
  keyStart = 0;
  keyLength = 0;
  sequence = 0;
  kind = 0;
  readonly value: Uint8Array;
  valueStart = 0;
  valueLength = 0;
  readonly #keyStarts: Uint32Array;
  readonly #keyLengths: Uint16Array;
  readonly #sequences: Float64Array;
  readonly #order: Uint32Array;
  #at = 0;

  constructor(
    bytes: Uint8Array,
    keyStarts: Uint32Array,
    keyLengths: Uint16Array,
    sequences: Float64Array,
    order: Uint32Array,
  ) {
    this.key = bytes;
    this.value = bytes;
    this.#keyStarts = keyStarts;
    this.#keyLengths = keyLengths;
    this.#sequences = sequences;
    this.#order = order;
  }

  seekToFirst(): void {
    this.#moveTo(0);
  }

  next(): void {
    this.#moveTo(this.#at + 1);
  }

  close(): void {
    this.valid = false;
  }

  /** What surrounds a key is an entry of a batch: see batch-format.ts. */
  #moveTo(at: number): void {
    this.#at = at;
    this.valid = at < this.#order.length;
    if (!this.valid) return;
    const entry = this.#order[at];
    const keyStart = this.#keyStarts[entry];
    const keyEnd = keyStart + this.#keyLengths[entry];
    this.keyStart = keyStart;
    this.keyLength = keyEnd - keyStart;
    this.sequence = this.#sequences[entry];
    this.kind = this.key[keyStart - 3];
    this.valueStart = keyEnd + 4;
    this.valueLength = readU32(this.value, keyEnd);
  }
}
