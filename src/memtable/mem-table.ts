import { equalBytes } from '../bytes/compare.ts';
import type { Cursor, LookupResult } from '../cursor/cursor.ts';
import { LsmError } from '../errors.ts';
import { KIND_DELETE } from '../keys/internal-key.ts';
import { keyHash } from '../keys/key-hash.ts';
import { ARENA_HEADER_BYTES, Arena, MAX_ARENA_BYTES, WORD_BYTES } from './arena.ts';
import { KeyFilter } from './key-filter.ts';
import { MemTableCursor } from './mem-table-cursor.ts';
import {
  MAX_HEIGHT,
  nodeBytes,
  nodeKeyLength,
  nodeKeyStart,
  nodeKind,
  nodeSequence,
  nodeValueLength,
  nodeValueStart,
} from './node.ts';
import { SkipList } from './skip-list.ts';

/**
 * The newest entries of the database, in order, in memory that threads share. Any thread may add and read
 * at any time through an object of its own (`attach`); the memory is fixed, and when it is full the owner
 * starts another memtable and has this one flushed.
 *
 * It takes sequence numbers from outside and knows nothing of snapshots: readers name the sequence up to
 * which they want to see.
 */
export class MemTable {
  /** Hand this to another thread, and `attach` there. */
  readonly buffer: SharedArrayBuffer | ArrayBuffer;
  /** Bytes for entries and what they need; the key filter takes 1/128 on top of it. */
  readonly capacity: number;
  readonly #arena: Arena;
  readonly #list: SkipList;
  readonly #filter: KeyFilter;

  /** What an empty memtable takes of its capacity, bytes. */
  static readonly overheadBytes: number = ARENA_HEADER_BYTES + nodeBytes(MAX_HEIGHT, 0);

  /** The most that one entry can take of the capacity, bytes: that of the tallest tower. */
  static entryBytes(keyLength: number, valueLength: number): number {
    // As if the value were not empty: lengths may be added up first and the rest counted for each entry.
    return nodeBytes(MAX_HEIGHT, keyLength) + WORD_BYTES + Math.ceil(valueLength / WORD_BYTES) * WORD_BYTES;
  }

  /** An empty memtable in new memory of so many bytes; shared memory where the runtime has it. */
  static create(capacityBytes: number): MemTable {
    if (!(capacityBytes >= MemTable.overheadBytes && capacityBytes <= MAX_ARENA_BYTES)) {
      throw new LsmError(
        'LSM_INVALID_ARGUMENT',
        `a memtable takes ${MemTable.overheadBytes} to ${MAX_ARENA_BYTES} bytes, not ${capacityBytes}`,
      );
    }
    const arena = Arena.create(capacityBytes, KeyFilter.bytesFor(capacityBytes));
    return new MemTable(arena, SkipList.create(arena));
  }

  /** The memtable in this memory, which `create` made here or on another thread. */
  static attach(buffer: SharedArrayBuffer | ArrayBuffer): MemTable {
    const arena = Arena.attach(buffer);
    return new MemTable(arena, SkipList.attach(arena));
  }

  private constructor(arena: Arena, list: SkipList) {
    this.#arena = arena;
    this.#list = list;
    this.#filter = new KeyFilter(arena.tail);
    this.buffer = arena.buffer;
    this.capacity = arena.capacity;
  }

  /** Whether entries of so many bytes, by `entryBytes`, will be taken if no other thread adds meanwhile. */
  hasRoom(bytes: number): boolean {
    return this.#arena.fits(bytes);
  }

  /** Bytes taken of the capacity. */
  get byteSize(): number {
    return this.#arena.used;
  }

  /** Entries, every version and tombstone counted. */
  get entryCount(): number {
    return this.#list.size;
  }

  /**
   * Adds one version; the bytes are copied, and a tombstone (`KIND_DELETE`) has no value. False when there
   * is no room, with nothing changed. Throws `LSM_INTERNAL` when this key has this sequence already.
   */
  add(
    sequence: number,
    kind: number,
    key: Uint8Array,
    keyStart: number,
    keyLength: number,
    value: Uint8Array,
    valueStart: number,
    valueLength: number,
  ): boolean {
    const length = kind === KIND_DELETE ? 0 : valueLength;
    // First: a reader that may find the node must not be told that it is not there.
    this.#filter.add(keyHash(key, keyStart, keyLength));
    return this.#list.insert(sequence, kind, key, keyStart, keyLength, value, valueStart, length);
  }

  /**
   * Finds the newest version of the key whose sequence is at most `sequence`. True for a tombstone too: it
   * is an answer. The value in `result` is a view of the memtable, good until `reset`. `hash` is the
   * `keyHash` of the key, for callers that have it.
   */
  get(
    key: Uint8Array,
    start: number,
    length: number,
    sequence: number,
    result: LookupResult,
    hash: number = keyHash(key, start, length),
  ): boolean {
    if (!this.#filter.mayContain(hash)) {
      result.kind = 0;
      return false;
    }
    const { words, bytes } = this.#arena;
    const node = this.#list.seek(key, start, length, sequence);
    if (node !== 0) {
      const keyStart = nodeKeyStart(words, node);
      const keyLength = nodeKeyLength(words, node);
      if (equalBytes(bytes, keyStart, keyLength, key, start, length)) {
        result.kind = nodeKind(words, node);
        result.sequence = nodeSequence(words, node);
        result.value = bytes;
        result.valueStart = nodeValueStart(words, node);
        result.valueLength = nodeValueLength(words, node);
        return true;
      }
    }
    result.kind = 0;
    return false;
  }

  /** A cursor over every version; it serves the thread of this object. */
  cursor(): Cursor {
    return new MemTableCursor(this.#list);
  }

  /** Empties the memtable to use its memory again. The caller proves that no thread reads or adds. */
  reset(): void {
    this.#list.clear();
    this.#filter.clear();
  }
}
