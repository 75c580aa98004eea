/**
 * Walks a block of a LevelDB table forward. A reader that starts at the front needs no restart points: it
 * only has to know where they begin.
 *
 *     block = entry* | restart offset u32 * n | n u32
 *
 *     entry = varint: bytes of the key shared with the one before | varint: other bytes of the key |
 *             varint: bytes of the value | other bytes of the key | value
 */
import { copyBytes } from '../bytes/compare.ts';
import { readU32 } from '../bytes/integers.ts';
import type { LsmError } from '../errors.ts';
import { ByteReader } from './byte-reader.ts';

/** The longest key that is taken apart, bytes: one that long can't be stored, but may have been deleted. */
const MAX_KEY_BYTES: number = 2 ** 30;

export class BlockEntries {
  /** The key is `key[0, keyLength)`, and the one before it, also of the block before, is in `lastKey`. */
  key: Uint8Array = new Uint8Array(64);
  keyLength = 0;
  lastKey: Uint8Array = new Uint8Array(64);
  lastKeyLength = 0;
  /** The value is `bytes[valueStart, valueStart + valueLength)`. */
  valueStart = 0;
  valueLength = 0;

  readonly #reader: ByteReader;
  #isFirst = true;

  constructor(fault: (what: string) => LsmError) {
    this.#reader = new ByteReader(fault);
  }

  get bytes(): Uint8Array {
    return this.#reader.bytes;
  }

  /** Starts before the first entry of a block. */
  attach(bytes: Uint8Array, start: number, length: number): void {
    const { fault } = this.#reader;
    this.clear();
    if (length < 4) throw fault('a block is too short');
    const restarts = readU32(bytes, start + length - 4);
    if (restarts > (length - 4) / 4) throw fault(`${restarts} restart points do not fit in a block`);
    this.#isFirst = true;
    this.#reader.attach(bytes, start, length - 4 - 4 * restarts);
  }

  /** Leaves the block: no entry follows. */
  clear(): void {
    this.#reader.attach(this.#reader.bytes, 0, 0);
  }

  /** Leaves the block at an entry that cannot be right: the one before it is the last one again. */
  reject(): void {
    [this.key, this.lastKey] = [this.lastKey, this.key];
    this.keyLength = this.lastKeyLength;
    this.clear();
  }

  /** Moves to the next entry; false at the end of the block. */
  next(): boolean {
    const reader = this.#reader;
    if (reader.remaining === 0) return false;
    const shared = reader.varint32();
    const restLength = reader.varint32();
    const valueLength = reader.varint32();
    if (shared > (this.#isFirst ? 0 : this.keyLength)) {
      throw reader.fault(`a key shares ${shared} bytes with a shorter one`);
    }
    const rest = reader.skip(restLength);
    const valueStart = reader.skip(valueLength);
    this.#isFirst = false;
    this.#takeKey(shared, rest, restLength);
    this.valueStart = valueStart;
    this.valueLength = valueLength;
    return true;
  }

  #takeKey(shared: number, rest: number, restLength: number): void {
    const length = shared + restLength;
    if (length > MAX_KEY_BYTES) throw this.#reader.fault(`a key of ${length} bytes`);
    const before = this.key;
    const room = this.lastKey.length >= length ? this.lastKey : new Uint8Array(2 * length);
    copyBytes(before, 0, shared, room, 0);
    copyBytes(this.#reader.bytes, rest, restLength, room, shared);
    this.lastKey = before;
    this.lastKeyLength = this.keyLength;
    this.key = room;
    this.keyLength = length;
  }
}
