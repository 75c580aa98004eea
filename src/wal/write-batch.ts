import { writeU16, writeU32, writeU64 } from '../bytes/integers.ts';
import { isBytes } from '../bytes/is-bytes.ts';
import { utf8Length, writeUtf8 } from '../bytes/utf8.ts';
import { LsmError } from '../errors.ts';
import { KIND_DELETE, KIND_PUT, MAX_KEY_BYTES, MAX_VALUE_BYTES } from '../keys/internal-key.ts';
import { RECORD_HEADER_BYTES } from '../log/log-format.ts';
import { BATCH_COUNT_AT, BATCH_HEADER_BYTES, ENTRY_OVERHEAD_BYTES, MAX_BATCH_BYTES } from './batch-format.ts';

/** Where the encoded batch starts in the buffer; the header of its log record goes before it. */
export const BATCH_START: number = RECORD_HEADER_BYTES;

const FIRST_ENTRY: number = BATCH_START + BATCH_HEADER_BYTES;
const MAX_END: number = BATCH_START + MAX_BATCH_BYTES;
const FIRST_CAPACITY = 512;

/** `clear` gives back a buffer larger than this, so that one huge batch does not pin its memory. */
const KEPT_CAPACITY: number = 2 ** 20;

/** Up to this many characters, a string gets room for three bytes each instead of being measured first. */
const UNMEASURED_CHARACTERS = 16_384;

/** Up to this length a loop copies quicker than `TypedArray.set` of a whole array (measured on Node 20). */
const COPY_LOOP_LIMIT = 12;

/** How much a batch held at some time. */
export interface BatchMark {
  readonly end: number;
  readonly count: number;
}

/**
 * Writes that are applied together or not at all, in the order they were added.
 *
 * Keys and values are strings, stored as UTF-8, or `Uint8Array`s (a `Buffer` is one), and are copied at
 * once. Both may be empty. A key has at most 65,535 bytes, a value 1 GiB, a batch 2 GiB less 1 MiB. A call
 * that throws leaves the batch as it was.
 *
 * The entries are encoded straight into the bytes that the write-ahead log will hold, see batch-format.ts.
 *
 * @example
 * db.write(new WriteBatch().put('a', '1').put('b', '2').delete('c'), { sync: true });
 */
export class WriteBatch {
  #buffer: Uint8Array = new Uint8Array(FIRST_CAPACITY);
  #end: number = FIRST_ENTRY;
  #count = 0;

  /** How many writes it holds. */
  get count(): number {
    return this.#count;
  }

  /** Bytes of the keys and values in it. */
  get dataBytes(): number {
    return this.byteLength - BATCH_HEADER_BYTES - this.count * ENTRY_OVERHEAD_BYTES;
  }

  /** What it takes in the write-ahead log, bytes; 12 when it is empty. */
  get byteLength(): number {
    return this.#end - BATCH_START;
  }

  /**
   * Sets a key to a value.
   * @throws LsmError `LSM_INVALID_ARGUMENT` for anything but strings and `Uint8Array`s, `LSM_TOO_LARGE`
   *   beyond a limit.
   */
  put(key: string | Uint8Array, value: string | Uint8Array): this {
    this.#add(KIND_PUT, key, value);
    return this;
  }

  /**
   * Removes a key; it need not exist.
   * @throws LsmError as `put` does.
   */
  delete(key: string | Uint8Array): this {
    this.#add(KIND_DELETE, key, '');
    return this;
  }

  /** Empties the batch, to be filled again; a usual amount of memory is kept for that. */
  clear(): this {
    if (this.#buffer.length > KEPT_CAPACITY) this.#buffer = new Uint8Array(FIRST_CAPACITY);
    this.#end = FIRST_ENTRY;
    this.#count = 0;
    return this;
  }

  /**
   * For the engine: the encoded batch is `buffer[BATCH_START, BATCH_START + byteLength)`, complete after
   * `stamp`, and replaced by the next write to the batch.
   * @internal
   */
  get buffer(): Uint8Array {
    return this.#buffer;
  }

  /**
   * For the engine: what the batch holds now, to go back to by `rollback`.
   * @internal
   */
  mark(): BatchMark {
    return { end: this.#end, count: this.#count };
  }

  /**
   * For the engine: takes away what was added after a mark.
   * @internal
   */
  rollback({ end, count }: BatchMark): void {
    this.#end = end;
    this.#count = count;
  }

  /**
   * For the engine: adds everything that another batch holds.
   * @internal
   */
  append(other: WriteBatch): this {
    const bytes = other.#end - FIRST_ENTRY;
    this.#grow(this.#end + bytes);
    this.#buffer.set(other.#buffer.subarray(FIRST_ENTRY, other.#end), this.#end);
    this.#end += bytes;
    this.#count += other.#count;
    return this;
  }

  /**
   * For the engine: gives the first entry its sequence number and completes the header.
   * @internal
   */
  stamp(sequence: number): void {
    writeU64(this.#buffer, BATCH_START, sequence);
    writeU32(this.#buffer, BATCH_START + BATCH_COUNT_AT, this.#count);
  }

  #add(kind: number, key: string | Uint8Array, value: string | Uint8Array): void {
    checkArgument(key, 'key', MAX_KEY_BYTES);
    checkArgument(value, 'value', MAX_VALUE_BYTES);
    this.#reserve(key, value);

    // Nothing counts before `#end` moves: whatever is thrown until then leaves the batch unchanged.
    const buffer = this.#buffer;
    const keyStart = this.#end + 3;
    const keyLength = write(key, buffer, keyStart);
    const valueStart = keyStart + keyLength + 4;
    const valueLength = write(value, buffer, valueStart);
    buffer[this.#end] = kind;
    writeU16(buffer, this.#end + 1, keyLength);
    writeU32(buffer, valueStart - 4, valueLength);
    this.#end = valueStart + valueLength;
    this.#count++;
  }

  /** Makes room for an entry, twice as much as before when it does not fit. */
  #reserve(key: string | Uint8Array, value: string | Uint8Array): void {
    let needed = this.#end + ENTRY_OVERHEAD_BYTES + roomFor(key) + roomFor(value);
    if (needed <= this.#buffer.length) return;
    if (needed > MAX_END) needed = this.#end + ENTRY_OVERHEAD_BYTES + exactLength(key) + exactLength(value);
    this.#grow(needed);
  }

  /** Makes the buffer large enough to end there. */
  #grow(needed: number): void {
    if (needed <= this.#buffer.length) return;
    if (needed > MAX_END) throw tooLarge('batch', needed - BATCH_START, MAX_BATCH_BYTES);
    const grown = new Uint8Array(Math.min(MAX_END, Math.max(needed, 2 * this.#buffer.length)));
    grown.set(this.#buffer.subarray(0, this.#end));
    this.#buffer = grown;
  }
}

function checkArgument(argument: unknown, name: string, limit: number): void {
  let length: number;
  if (typeof argument === 'string') {
    // A character has one to three bytes: most strings need not be measured.
    if (argument.length * 3 <= limit) return;
    length = utf8Length(argument);
  } else if (isBytes(argument)) {
    length = argument.length;
  } else {
    throw new LsmError(
      'LSM_INVALID_ARGUMENT',
      `a ${name} must be a string or a Uint8Array, not ${nameType(argument)}`,
    );
  }
  if (length > limit) throw tooLarge(name, length, limit);
}

/** The type of an argument, never its content. */
function nameType(argument: unknown): string {
  if (argument === null) return 'null';
  if (typeof argument !== 'object') return typeof argument;
  return Object.prototype.toString.call(argument).slice(8, -1);
}

function tooLarge(name: string, length: number, limit: number): LsmError {
  return new LsmError('LSM_TOO_LARGE', `a ${name} of ${length} bytes is over the limit of ${limit} bytes`);
}

/** At least the bytes that `write` takes. */
function roomFor(data: string | Uint8Array): number {
  if (typeof data === 'string' && data.length <= UNMEASURED_CHARACTERS) return 3 * data.length;
  return exactLength(data);
}

function exactLength(data: string | Uint8Array): number {
  return typeof data === 'string' ? utf8Length(data) : data.length;
}

/** `copyBytes` of a whole array, which needs no view of it. */
function write(data: string | Uint8Array, into: Uint8Array, at: number): number {
  if (typeof data === 'string') return writeUtf8(data, into, at);
  const length = data.length;
  if (length > COPY_LOOP_LIMIT) into.set(data, at);
  else for (let i = 0; i < length; i++) into[at + i] = data[i];
  return length;
}
