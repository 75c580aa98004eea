/**
 * The file of a table in memory (`mmap`), for as long as anybody reads there: sections are checked and parsed
 * where they lie, and cursors walk over them.
 *
 * Invariants: it is unmapped when the table was given up and no cursor has it pinned, not before; every place is
 * checked to lie in the file each time, so that one that was unmapped shows nothing.
 */
import { EMPTY } from '../cursor/cursor.ts';
import { assertInvariant } from '../errors.ts';
import type { FileMapping } from '../fs/file-system.ts';
import { type Block, REST_AT } from './block.ts';
import { CODEC_NONE, SECTION_TRAILER_BYTES } from './format.ts';

/** Larger files are read, not mapped: positions in a mapping are to be small integers. */
export const LARGEST_MAPPED_BYTES: number = 2 ** 30;

/** Who shows something that lies in the file. */
interface KeptSection {
  block: object | undefined;
}

export class TableMapping {
  #bytes: Uint8Array;
  readonly #mapping: FileMapping;
  /** What lies in the file and is kept: the filter and blocks of the index. */
  readonly #kept: KeptSection[] = [];
  #pins = 0;
  #givenUp = false;

  constructor(mapping: FileMapping) {
    this.#mapping = mapping;
    this.#bytes = mapping.bytes;
  }

  /** A section of the file, checked by nobody yet. */
  stored(offset: number, length: number): Uint8Array {
    this.#checkRange(offset, length);
    return this.#bytes.subarray(offset, offset + length);
  }

  /** Whether a block says that it is packed; its checksum is another question. */
  isPacked(offset: number, length: number): boolean {
    this.#checkRange(offset, length);
    return this.#bytes[offset + length - SECTION_TRAILER_BYTES] !== CODEC_NONE;
  }

  /** Shows a block that is not packed, and was found right, where it lies. Its heads are not known. */
  show(view: Block, offset: number, length: number): void {
    this.#checkRange(offset, length);
    const bytes = this.#bytes;
    const countAt = offset + length - SECTION_TRAILER_BYTES - 2;
    const count = bytes[countAt] | (bytes[countAt + 1] << 8);
    view.bytes = bytes;
    view.start = offset;
    view.count = count;
    view.entriesEnd = countAt - 2 * count;
    view.firstAt = offset + REST_AT;
    view.firstLength = bytes[offset + 2] | (bytes[offset + 3] << 8);
    // What all keys share is not looked up: it stands at the other end of the block, a cache miss away.
    view.prefixLength = 0;
  }

  /** Takes the block out of it when the file is unmapped. */
  keep(section: KeptSection): void {
    this.#kept.push(section);
  }

  /** A cursor reads here. */
  pin(): void {
    this.#pins += 1;
  }

  unpin(): void {
    this.#pins -= 1;
    if (this.#givenUp && this.#pins === 0) this.#unmap();
  }

  /** Nobody begins to read here any more. Idempotent. */
  giveUp(): void {
    this.#givenUp = true;
    if (this.#pins === 0) this.#unmap();
  }

  #unmap(): void {
    this.#bytes = EMPTY;
    for (const section of this.#kept) section.block = undefined;
    this.#kept.length = 0;
    this.#mapping.unmap();
  }

  #checkRange(offset: number, length: number): void {
    assertInvariant(
      offset >= 0 && offset + length <= this.#bytes.length,
      'a table is read while it is mapped',
    );
  }
}
