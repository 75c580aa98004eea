/**
 * Reads the data of a table in large pieces and cuts the blocks out of them without copying. Every block is
 * checked like any other; one that fails is read again by itself.
 *
 * A piece is never overwritten: blocks are views of it, and cursors show values in blocks.
 */
import { allocateUninitialised } from '#platform';
import { EMPTY } from '../cursor/cursor.ts';
import { type Block, decodeBlock, isBlockRange } from './block.ts';
import { isIntact, readBlock } from './section-reader.ts';
import type { Table } from './table.ts';

export class ReadAhead {
  private readonly table: Table;
  private readonly pieceBytes: number;
  private piece: Uint8Array = EMPTY;
  /** Where the piece starts in the file. */
  private start = 0;

  constructor(table: Table, pieceBytes: number) {
    this.table = table;
    this.pieceBytes = pieceBytes;
  }

  /** The data block there. A new piece starts with it when walking from the `first` block, else ends with it. */
  block(offset: number, length: number, side: 'first' | 'last'): Block {
    const { file, seed, footer } = this.table;
    const end = offset + length;
    if (isBlockRange(offset, length, footer.root.offset)) {
      if (offset < this.start || end > this.start + this.piece.length) {
        const start = side === 'first' ? offset : Math.max(0, Math.min(offset, end - this.pieceBytes));
        const wanted = Math.max(length, this.pieceBytes);
        this.fill(start, Math.min(footer.root.offset, side === 'first' ? offset + wanted : end));
      }
      const bytes = this.piece.subarray(offset - this.start, end - this.start);
      if (isIntact(bytes, seed, offset)) return decodeBlock(bytes, 'data', file.path, offset);
    }
    return readBlock(file, seed, 'data', offset, length);
  }

  close(): void {
    this.piece = EMPTY;
  }

  private fill(start: number, end: number): void {
    // Forgotten first: a read that fails leaves no half-filled piece behind.
    this.piece = EMPTY;
    const piece = allocateUninitialised(end - start);
    this.table.file.read(piece, 0, piece.length, start);
    this.piece = piece;
    this.start = start;
  }
}
