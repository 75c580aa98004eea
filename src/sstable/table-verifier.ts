/**
 * Checks a whole table against everything it says of itself, reading the file and not the cache:
 *
 * - every section's checksum, and that the sections touch each other, level by level of the index;
 * - every entry in strict internal order, on the right side of every separator above it;
 * - counts, bounds, sequence range and data bytes of footer and properties;
 * - that the filter passes every key.
 */
import { compareBytes, compareKeys, copyBytes } from '../bytes/compare.ts';
import { EMPTY } from '../cursor/cursor.ts';
import { corruption, type LsmError } from '../errors.ts';
import { compareInternal, KIND_DELETE, MAX_SEQUENCE } from '../keys/internal-key.ts';
import type { Block } from './block.ts';
import { BlockCursor } from './block-cursor.ts';
import { type BloomFilter, decodeBloomFilter, tableKeyHash } from './bloom-filter.ts';
import { readBlock, readFooter, readSection } from './section-reader.ts';
import type { TableReader } from './table-reader.ts';

/** What a verified table holds. */
export interface TableCounts {
  readonly entryCount: number;
  readonly tombstoneCount: number;
  readonly keyCount: number;
  readonly dataBytes: number;
  readonly minSequence: number;
  readonly maxSequence: number;
  readonly dataBlocks: number;
  readonly indexBlocks: number;
}

/** A separator, copied out of its block. */
interface Bound {
  readonly key: Uint8Array;
  readonly sequence: number;
}

export function verifyTable(table: TableReader): TableCounts {
  return new TableVerifier(table).run();
}

class TableVerifier {
  readonly #table: TableReader;
  readonly #filter: BloomFilter | undefined;
  readonly #cursor: BlockCursor = new BlockCursor();
  /** Where the blocks of each level (0: data) started, and where the last one seen of it ended. */
  readonly #starts: number[] = [];
  readonly #ends: number[] = [];

  #entryCount = 0;
  #tombstoneCount = 0;
  #keyCount = 0;
  #dataBytes = 0;
  #minSequence = MAX_SEQUENCE;
  #maxSequence = 0;
  #dataBlocks = 0;
  #indexBlocks = 0;

  #smallest: Uint8Array = EMPTY;
  #last: Uint8Array = new Uint8Array(64);
  #lastLength = 0;
  #lastSequence = 0;

  constructor(table: TableReader) {
    this.#table = table;
    const { file, seed } = table;
    const { offset, length } = table.footer.filter;
    this.#filter =
      length === 0
        ? undefined
        : decodeBloomFilter(readSection(file, seed, offset, length), file.path, offset);
  }

  run(): TableCounts {
    const { root, properties, indexHeight } = this.#table.footer;
    readFooter(this.#table.file, this.#table.identity);
    readBlock(this.#table.file, this.#table.seed, 'data', properties.offset, properties.length);
    this.#walk(root.offset, root.length, indexHeight, undefined, undefined);
    for (let level = 0; level <= indexHeight; level++) {
      const expected = level === 0 ? 0 : this.#ends[level - 1];
      if (this.#starts[level] !== expected)
        throw this.#damage(this.#starts[level], 'a gap before this section');
    }
    this.#checkFacts();
    const entryCount = this.#entryCount;
    const tombstoneCount = this.#tombstoneCount;
    const keyCount = this.#keyCount;
    const dataBytes = this.#dataBytes;
    const minSequence = this.#minSequence;
    const maxSequence = this.#maxSequence;
    const dataBlocks = this.#dataBlocks;
    const indexBlocks = this.#indexBlocks;
    const facts = { entryCount, tombstoneCount, keyCount, dataBytes, minSequence, maxSequence };
    return { ...facts, dataBlocks, indexBlocks };
  }

  /** Checks a block at `level` above the data whose keys are all in [low, high), and everything below it. */
  #walk(
    offset: number,
    length: number,
    level: number,
    low: Bound | undefined,
    high: Bound | undefined,
  ): void {
    if (this.#starts[level] === undefined) this.#starts[level] = offset;
    else if (this.#ends[level] !== offset) throw this.#damage(offset, 'a gap before this block');
    this.#ends[level] = offset + length;
    const { file, seed } = this.#table;
    const block = readBlock(file, seed, level === 0 ? 'data' : 'index', offset, length);
    if (level === 0) {
      this.#dataBlocks += 1;
      this.#checkEntries(block, offset, low, high);
      return;
    }
    this.#indexBlocks += 1;
    const bounds = this.#separators(block, offset);
    for (let index = 0; index < block.count; index++) {
      const from = index === 0 ? low : bounds[index];
      const to = index + 1 < block.count ? bounds[index + 1] : high;
      this.#walk(block.childOffset(index), block.childLength(index), level - 1, from, to);
    }
  }

  /** The keys of an index block, in strict order. */
  #separators(block: Block, offset: number): Bound[] {
    const bounds: Bound[] = [];
    const cursor = new BlockCursor();
    cursor.attach(block);
    for (cursor.seekToFirst(); cursor.valid; cursor.next()) {
      const before = bounds.at(-1);
      const key = cursor.key.slice(cursor.keyStart, cursor.keyStart + cursor.keyLength);
      if (before !== undefined && !isBefore(before, key, 0, key.length, cursor.sequence)) {
        throw this.#damage(offset, 'separators out of order');
      }
      bounds.push({ key, sequence: cursor.sequence });
    }
    return bounds;
  }

  #checkEntries(block: Block, offset: number, low: Bound | undefined, high: Bound | undefined): void {
    const cursor = this.#cursor;
    cursor.attach(block);
    for (cursor.seekToFirst(); cursor.valid; cursor.next()) {
      const { key, keyStart, keyLength, sequence } = cursor;
      const isFirst = this.#entryCount === 0;
      const order = compareBytes(this.#last, 0, this.#lastLength, key, keyStart, keyLength);
      if (!isFirst && (order > 0 || (order === 0 && this.#lastSequence <= sequence))) {
        throw this.#damage(offset, 'entries out of order');
      }
      if (isFirst || order !== 0) {
        // A lookup of the newest version must be led here, and not to the block before.
        if (low !== undefined && compareToBound(low, key, keyStart, keyLength, MAX_SEQUENCE) > 0) {
          throw this.#damage(offset, 'the separator of a block hides the first version of a key');
        }
        this.#countKey(offset);
      }
      this.#entryCount += 1;
      if (cursor.kind === KIND_DELETE) this.#tombstoneCount += 1;
      this.#dataBytes += keyLength + cursor.valueLength;
      this.#minSequence = Math.min(this.#minSequence, sequence);
      this.#maxSequence = Math.max(this.#maxSequence, sequence);
      this.#lastSequence = sequence;
      if (low !== undefined && compareToBound(low, key, keyStart, keyLength, sequence) > 0) {
        throw this.#damage(offset, 'an entry sorts before the separator of its block');
      }
      if (high !== undefined && !(compareToBound(high, key, keyStart, keyLength, sequence) > 0)) {
        throw this.#damage(offset, 'an entry sorts after the separator of the next block');
      }
    }
  }

  /** The cursor stands on the first version of a user key. */
  #countKey(offset: number): void {
    const { key, keyStart, keyLength } = this.#cursor;
    if (this.#filter !== undefined && !this.#filter.mayContain(tableKeyHash(key, keyStart, keyLength))) {
      throw this.#damage(offset, 'the filter does not know a key');
    }
    if (this.#keyCount === 0) this.#smallest = key.slice(keyStart, keyStart + keyLength);
    if (this.#last.length < keyLength) this.#last = new Uint8Array(2 * keyLength);
    copyBytes(key, keyStart, keyLength, this.#last, 0);
    this.#lastLength = keyLength;
    this.#keyCount += 1;
  }

  #checkFacts(): void {
    const { footer, properties } = this.#table;
    const largest = this.#last.subarray(0, this.#lastLength);
    const facts: readonly (readonly [string, boolean])[] = [
      ['number of entries', this.#entryCount === footer.entryCount],
      ['number of tombstones', this.#tombstoneCount === footer.tombstoneCount],
      ['number of keys', this.#keyCount === footer.keyCount],
      ['smallest sequence', this.#minSequence === footer.minSequence],
      ['largest sequence', this.#maxSequence === footer.maxSequence],
      ['number of data bytes', this.#dataBytes === properties.dataBytes],
      ['smallest key', compareKeys(this.#smallest, properties.smallest) === 0],
      ['largest key', compareKeys(largest, properties.largest) === 0],
    ];
    for (const [name, isTrue] of facts) {
      if (!isTrue)
        throw this.#damage(footer.properties.offset, `the table does not have the ${name} it says it has`);
    }
  }

  #damage(offset: number, what: string): LsmError {
    return corruption(this.#table.file.path, offset, what);
  }
}

/** Negative, zero or positive as the bound sorts before, with or after this internal key. */
function compareToBound(
  bound: Bound,
  key: Uint8Array,
  start: number,
  length: number,
  sequence: number,
): number {
  return compareInternal(bound.key, 0, bound.key.length, bound.sequence, key, start, length, sequence);
}

function isBefore(bound: Bound, key: Uint8Array, start: number, length: number, sequence: number): boolean {
  return compareToBound(bound, key, start, length, sequence) < 0;
}
