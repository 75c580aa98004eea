/**
 * Walks the entries of one block, in both directions.
 *
 * The key of an entry is made of the start of the block's first key and the entry's rest. The cursor puts
 * them together in a scratch array, of which it knows how many leading bytes are still those of the first
 * key, so that a move copies only what differs; where a key lies in the block in one piece, it is shown
 * there.
 */
import { copyBytes } from '../bytes/compare.ts';
import { Cursor, EMPTY } from '../cursor/cursor.ts';
import type { Stretch } from '../cursor/stretch.ts';
import { TRAILER_BYTES } from '../keys/internal-key.ts';
import { type Block, REST_AT, sequenceAt } from './block.ts';
import { describeBackward, describeForward } from './block-stretch.ts';

export class BlockCursor extends Cursor {
  /** The block it walks; undefined before the first `attach`. */
  protected block: Block | undefined = undefined;
  /** The entry it stands on, if it is valid. */
  protected index = 0;
  #scratch: Uint8Array = EMPTY;
  /** How many leading bytes of the scratch array are those of the block's first key. */
  #intact = 0;

  /** Takes another block; the cursor stands on no entry then. */
  attach(block: Block): void {
    this.valid = false;
    block.pin();
    this.block?.unpin();
    this.block = block;
    this.#intact = 0;
  }

  /** Leaves the block. */
  protected detach(): void {
    this.valid = false;
    this.block?.unpin();
    this.block = undefined;
  }

  seekToFirst(): void {
    this.moveTo(0);
  }

  seekToLast(): void {
    if (this.block !== undefined) this.moveTo(this.block.count - 1);
  }

  seek(key: Uint8Array, start: number, length: number, sequence: number): void {
    if (this.block !== undefined) this.moveTo(this.block.lowerBound(key, start, length, sequence));
  }

  next(): void {
    this.moveTo(this.index + 1);
  }

  prev(): void {
    this.moveTo(this.index - 1);
  }

  override ahead(into: Stretch, forward: boolean, most: number, bound: Cursor | undefined): void {
    into.count = 0;
    const block = this.block;
    if (block === undefined || !this.valid) return;
    // No two cursors stand on the same version: what is not before the bound is behind it.
    const split =
      bound === undefined
        ? undefined
        : block.lowerBound(bound.key, bound.keyStart, bound.keyLength, bound.sequence);
    if (forward)
      describeForward(
        block,
        this.index,
        Math.min(this.index + most, split ?? block.count, block.count),
        into,
      );
    else describeBackward(block, this.index, Math.max(this.index - most + 1, split ?? 0, 0), into);
  }

  override skip(entries: number, forward: boolean): void {
    this.moveTo(forward ? this.index + entries : this.index - entries);
  }

  override close(): void {
    super.close();
    this.detach();
    this.key = EMPTY;
    this.value = EMPTY;
  }

  /** Stands on entry `index`, or on none if there is no such entry. */
  protected moveTo(index: number): void {
    const block = this.block;
    if (block === undefined || index < 0 || index >= block.count) {
      this.valid = false;
      return;
    }
    const bytes = block.bytes;
    const at = block.entryAt(index);
    const shared = bytes[at] | (bytes[at + 1] << 8);
    const restLength = bytes[at + 2] | (bytes[at + 3] << 8);
    const trailer = at + REST_AT + restLength;
    if (shared === 0) {
      this.key = bytes;
      this.keyStart = at + REST_AT;
    } else if (restLength === 0) {
      this.key = bytes;
      this.keyStart = block.firstAt;
    } else {
      this.#assemble(bytes, block.firstAt, shared, at + REST_AT, restLength);
    }
    this.keyLength = shared + restLength;
    this.sequence = sequenceAt(bytes, trailer);
    this.kind = bytes[trailer];
    const lengthAt = trailer + TRAILER_BYTES;
    this.value = bytes;
    this.valueStart = lengthAt + 4;
    this.valueLength =
      (bytes[lengthAt] |
        (bytes[lengthAt + 1] << 8) |
        (bytes[lengthAt + 2] << 16) |
        (bytes[lengthAt + 3] << 24)) >>>
      0;
    this.index = index;
    this.valid = true;
  }

  #assemble(bytes: Uint8Array, first: number, shared: number, rest: number, restLength: number): void {
    if (this.#scratch.length < shared + restLength) {
      this.#scratch = new Uint8Array(2 * (shared + restLength));
      this.#intact = 0;
    }
    const scratch = this.#scratch;
    if (shared > this.#intact) {
      copyBytes(bytes, first + this.#intact, shared - this.#intact, scratch, this.#intact);
    }
    copyBytes(bytes, rest, restLength, scratch, shared);
    this.#intact = shared;
    this.key = scratch;
    this.keyStart = 0;
  }
}
