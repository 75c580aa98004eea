/**
 * Reads data blocks past the cache for one cursor, each by itself or many at once: blocks are cut out of the
 * piece that was read last without copying, or unpacked from there. Every block is checked like any other; one
 * that fails in a piece is read again by itself.
 *
 * The memory of a piece is used again for the next one, that of an unpacked block for the next block: a block
 * is good until the next is read.
 */
import { EMPTY } from '../cursor/cursor.ts';
import type { Block } from './block.ts';
import { unpackBlock } from './block-codec.ts';
import { decodeBlock } from './block-decoder.ts';
import { ReusedMemory } from './block-memory.ts';
import { isIntact, readBlock } from './section-reader.ts';
import type { TableReader } from './table-reader.ts';

export class BlockReader {
  readonly #table: TableReader;
  readonly #pieceMemory: ReusedMemory;
  readonly #unpackedMemory: ReusedMemory;
  /** What was read last. */
  #piece: Uint8Array = EMPTY;
  /** Where the piece starts in the file. */
  #start = 0;

  constructor(table: TableReader) {
    this.#table = table;
    this.#pieceMemory = new ReusedMemory(table.memory);
    this.#unpackedMemory = new ReusedMemory(table.memory);
  }

  /** Whether the piece holds this block. */
  has(offset: number, length: number): boolean {
    return offset >= this.#start && offset + length <= this.#start + this.#piece.length;
  }

  /**
   * The data block there. If the piece does not hold it, another piece of about `ahead` bytes is read, which
   * starts with the block when walking from the `first` block, else ends with it. An index block names it, which
   * was checked to name only what stands before it.
   */
  block(offset: number, length: number, side: 'first' | 'last', ahead: number): Block {
    const { file, seed, footer } = this.#table;
    const end = offset + length;
    if (!this.has(offset, length)) {
      if (side === 'first') this.#fill(offset, Math.min(footer.root.offset, Math.max(end, offset + ahead)));
      else this.#fill(Math.max(0, Math.min(offset, end - ahead)), end);
    }
    const stored = this.#piece.subarray(offset - this.#start, end - this.#start);
    if (isIntact(stored, seed, offset)) {
      const bytes = unpackBlock(stored, this.#unpackedMemory, file.path, offset);
      return decodeBlock(bytes, 'data', file.path, offset);
    }
    return readBlock(file, seed, 'data', offset, length);
  }

  /** Gives the memory back; nobody may read a block of it any more. */
  close(): void {
    this.#piece = EMPTY;
    this.#pieceMemory.release();
    this.#unpackedMemory.release();
  }

  #fill(start: number, end: number): void {
    // Forgotten first: a read that fails leaves no half-filled piece behind.
    this.#piece = EMPTY;
    const length = end - start;
    const { mapping, file } = this.#table;
    if (mapping !== undefined) {
      this.#piece = mapping.stored(start, length);
    } else {
      const piece = this.#pieceMemory.take(length);
      file.read(piece, 0, length, start);
      this.#piece = piece;
    }
    this.#start = start;
  }
}
