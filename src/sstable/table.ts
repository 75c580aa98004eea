/**
 * A table, open for reading: point lookups, cursors, verification. It is immutable and has no state of a
 * reader, but for what it has seen of late of how useful its filter is.
 */
import { readU32 } from '../bytes/integers.ts';
import type { LookupResult } from '../cursor/cursor.ts';
import { TRAILER_BYTES } from '../keys/internal-key.ts';
import { PART_MASK, PLACE_BITS } from '../keys/key-ruler.ts';
import { type Block, sequenceAt } from './block.ts';
import { TableCursor, type TableCursorOptions } from './table-cursor.ts';
import { TableReader } from './table-reader.ts';
import { type TableCounts, verifyTable } from './table-verifier.ts';

/**
 * So many lookups in a row must have found their key before the filter is asked no more, until one finds nothing: it
 * would say yes, and cost a cache miss, a tenth of a lookup in the bottom level of a tree whose keys are mostly there.
 * One key that is missing in so many may then cost a block that the filter would have saved.
 */
const LEAST_ASKS = 1000;

export class Table extends TableReader {
  /** How many more lookups ask the filter. */
  #asks = LEAST_ASKS;

  /**
   * Finds the newest version of a user key whose sequence is not above `sequence`. `hash` is the key's
   * `tableKeyHash`. Fills `result` and returns true if there is one, a tombstone included; otherwise leaves
   * `result` alone. The value in `result` is good until the next read of any table of this cache.
   */
  get(
    key: Uint8Array,
    start: number,
    length: number,
    sequence: number,
    hash: number,
    result: LookupResult,
  ): boolean {
    if (sequence < this.footer.minSequence) return false;
    if (this.#asks > 0) {
      if (!(this.filter()?.mayContain(hash) ?? true)) return this.#absent();
      this.#asks--;
    }

    // The deepest index entry on the way down that has a right neighbour: what follows the data block.
    let neighbourBlock: Block | undefined;
    let neighbour = 0;
    let neighbourLevel = 0;
    let block = this.root();
    let part = 0;
    for (let level = this.footer.indexHeight; level > 0; level--) {
      const place = block.place(key, start, length, sequence);
      const child = place >> PLACE_BITS;
      if (child + 1 < block.count) {
        neighbourBlock = block;
        neighbour = child + 1;
        neighbourLevel = level;
      }
      part = place & PART_MASK;
      block = level === 1 ? this.dataBlock(block, child, part) : this.child(block, child, level);
    }
    let index = block.find(key, start, length, sequence, part);
    if (index !== -1) return answer(block, index, result);
    index = block.lowerBound(key, start, length, sequence);
    if (index === block.count) {
      // The next block can only have an answer if versions of this very key go on there.
      if (neighbourBlock === undefined || !block.keyEquals(index - 1, key, start, length)) {
        return this.#absent();
      }
      block = neighbourBlock;
      for (let level = neighbourLevel; level > 1; level--) {
        block = this.child(block, level === neighbourLevel ? neighbour : 0, level);
      }
      block = this.dataBlock(block, neighbourLevel === 1 ? neighbour : 0);
      index = 0;
    }
    return block.keyEquals(index, key, start, length) ? answer(block, index, result) : this.#absent();
  }

  #absent(): boolean {
    this.#asks = LEAST_ASKS;
    return false;
  }

  /** A cursor over all versions in the table. */
  cursor(options: TableCursorOptions = {}): TableCursor {
    return new TableCursor(this, options);
  }

  /**
   * Reads every byte of the file, past the cache, and checks it: checksums, structure, order, bounds,
   * counts, filter.
   * @throws LsmError `LSM_CORRUPTION` at the first thing that is wrong
   */
  verify(): TableCounts {
    return verifyTable(this);
  }
}

/** Fills in a result with an entry of a block. */
function answer(block: Block, index: number, result: LookupResult): boolean {
  const bytes = block.bytes;
  const trailer = block.trailerAt(block.entryAt(index));
  result.kind = bytes[trailer];
  result.sequence = sequenceAt(bytes, trailer);
  result.value = bytes;
  result.valueStart = trailer + TRAILER_BYTES + 4;
  result.valueLength = readU32(bytes, trailer + TRAILER_BYTES);
  return true;
}
