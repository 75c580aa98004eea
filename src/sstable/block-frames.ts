/**
 * The memory of the data blocks that the cache holds: frames of one size, cut out of large chunks. What a point
 * lookup needs to know of a block stands in its frame, so that from the number of the frame it goes straight to
 * the bytes, past the cache and its objects: among a million entries each object on the way is another cache miss
 * of 0.1 to 0.3 us, and there were three. With the heads of keys that makes readrandom 2.2 us, which was 4.3.
 *
 *     | free | block | file f64 | offset f64 | start | count | key lengths | head shift, use | first key | heads |
 *
 * The end of the block is fixed, so that the offsets of its entries lie beside what is searched first.
 *
 * Invariant: a frame that names a file and an offset holds the verified block from there, and nobody changes it
 * until it is given back. So whoever remembers a frame by number asks what it holds, and needs no word from the
 * cache that drops blocks. A frame that names file 0 holds none.
 *
 * Blocks that are too long for a frame, or fill less than half of one, have memory of their own.
 */
import { copyBytes } from '../bytes/compare.ts';
import { PLACE_BITS } from '../keys/key-ruler.ts';
import { Block, type BlockHome, REST_AT } from './block.ts';
import { SECTION_TRAILER_BYTES } from './format.ts';
import { headCount } from './key-heads.ts';

/** The header, in words of four bytes. */
const FILE = 0;
const OFFSET = 2;
const START = 4;
const COUNT = 5;
const KEY_LENGTHS = 6;
const SHIFT_AND_USE = 7;
const FIRST_KEY = 8;
/** A first key of up to 28 bytes is copied to where the search begins; the header fills a cache line with it. */
const FIRST_KEY_WORDS = 7;
const HEADS = FIRST_KEY + FIRST_KEY_WORDS;

/** Above the shift: whether the block was shown, whether it was dropped, and the number of cursors in it. */
const USED = 1 << 8;
const DROPPED = 1 << 9;
const PIN = 1 << 10;

/** As many heads as a block of 4 KiB with 16-byte keys and 100-byte values has entries. */
const HEAD_ROOM = 33;

const GRAIN_BYTES = 64;
const WORD_BYTES = 4;
const LINE_WORDS = 16;
/** The parts of a way that a place is told in. */
const PARTS: number = 1 << PLACE_BITS;
/** num_entries u16, codec u8, crc32 u32. */
const BLOCK_TRAILER_BYTES = 2 + SECTION_TRAILER_BYTES;
/** Chunks are about as large as this, bytes, and at most this share of the cache. */
const CHUNK_BYTES = 1 << 20;
const CHUNK_SHARE = 16;

const NO_ENTRY: Uint8Array = new Uint8Array(4);

/** What frames are made for where nobody says how large blocks are, bytes. */
export const DEFAULT_FRAMED_BYTES = 4096;

/** Frames that lie in one piece of memory. */
class Chunk {
  readonly index: number;
  readonly bytes: Uint8Array;
  readonly words: Int32Array;
  readonly numbers: Float64Array;
  /** Frames of it that hold nothing, by their place in it. */
  readonly free: number[];

  constructor(index: number, frameBytes: number, frames: number) {
    // Zeroed: every frame names file 0.
    const buffer = new ArrayBuffer(frameBytes * frames);
    this.index = index;
    this.bytes = new Uint8Array(buffer);
    this.words = new Int32Array(buffer);
    this.numbers = new Float64Array(buffer);
    this.free = Array.from({ length: frames }, (_, place) => frames - 1 - place);
  }
}

export class BlockFrames implements BlockHome {
  /** Has no meaning: who reads words ahead of their use has to do something with them. */
  fetched = 0;
  /** What a block in a frame takes, bytes. */
  readonly frameBytes: number;
  /** Where the block in a frame ends and its header starts. */
  readonly #blockEnd: number;
  /** A 64th of a block, words. */
  readonly #partWords: number;
  readonly #framesShift: number;
  readonly #chunks: (Chunk | undefined)[] = [];
  /** Chunks with a free frame; the last one is used first. */
  readonly #roomy: Chunk[] = [];
  /** What shows point lookups a block. */
  readonly #shown: Block = this.newView();

  /** Frames for blocks of up to `blockBytes` bytes, of a cache of `cacheBytes` bytes. */
  constructor(blockBytes: number, cacheBytes: number) {
    this.#blockEnd = Math.ceil(blockBytes / 8) * 8;
    this.#partWords = Math.floor(this.#blockEnd / WORD_BYTES / PARTS);
    const headerBytes = (HEADS + HEAD_ROOM) * WORD_BYTES;
    this.frameBytes = Math.ceil((this.#blockEnd + headerBytes) / GRAIN_BYTES) * GRAIN_BYTES;
    const chunkBytes = Math.min(CHUNK_BYTES, cacheBytes / CHUNK_SHARE);
    this.#framesShift = Math.max(0, Math.floor(Math.log2(chunkBytes / this.frameBytes)));
  }

  /** How many frames share a chunk. */
  get chunkFrames(): number {
    return 1 << this.#framesShift;
  }

  /** Whether blocks of that length are kept in frames. */
  fits(length: number): boolean {
    return length <= this.#blockEnd && 2 * length > this.frameBytes;
  }

  /** An object for `show`. */
  newView(): Block {
    const view = new Block(NO_ENTRY, 'data', 0, 0);
    view.home = this;
    return view;
  }

  /** Moves a block that fits out of scratch memory: the verified one from that place. */
  keep(block: Block, file: number, offset: number): void {
    const chunk = this.#chunkWithRoom();
    const place = chunk.free.pop() as number;
    if (chunk.free.length === 0) this.#roomy.pop();
    const { words } = chunk;
    const base = this.#baseOf(place);
    const header = (base + this.#blockEnd) / WORD_BYTES;
    const start = base + this.#blockEnd - block.bytes.length;
    const bytes = chunk.bytes.subarray(start, start + block.bytes.length);
    bytes.set(block.bytes);
    block.bytes = bytes;
    const room = this.frameBytes / WORD_BYTES - this.#blockEnd / WORD_BYTES - HEADS;
    let shift = 0;
    while (headCount(block.count, shift) > room) shift++;
    block.addHeads(words, header + HEADS, shift);
    words[header + START] = start;
    words[header + COUNT] = block.count;
    words[header + KEY_LENGTHS] = block.firstLength | (block.prefixLength << 16);
    words[header + SHIFT_AND_USE] = shift;
    if (block.firstLength <= FIRST_KEY_WORDS * WORD_BYTES) {
      copyBytes(
        block.bytes,
        block.firstAt,
        block.firstLength,
        chunk.bytes,
        (header + FIRST_KEY) * WORD_BYTES,
      );
    }
    chunk.numbers[(header + OFFSET) / 2] = offset;
    chunk.numbers[(header + FILE) / 2] = file;
    block.frame = (chunk.index << this.#framesShift) + place + 1;
    block.home = this;
  }

  /**
   * The block in a frame, if it is the one from that place: `view` shows it until the next call with that one.
   * Marks the frame as used. What is looked for seems to stand `part` 64ths of the way through the block.
   */
  show(frame: number, file: number, offset: number, view: Block = this.#shown, part = 0): Block | undefined {
    const chunk = this.#chunks[(frame - 1) >>> this.#framesShift];
    if (chunk === undefined) return undefined;
    const { words, numbers } = chunk;
    const header = this.#headerOf(frame) | 0;
    // The header's count leads to the heads and to the offsets before it, and they to an entry. All their lines
    // are asked for together with the header's, so that the misses overlap: 0.1 us less for the heads and the
    // offsets, and 0.2 us for the entry, which lies in another page.
    const near = (header - (((PARTS - part) * this.#partWords) | 0)) | 0;
    this.fetched =
      words[header + HEADS] ^
      words[header + HEADS + LINE_WORDS] ^
      words[header - 4] ^
      words[header - 18] ^
      words[near] ^
      words[near + LINE_WORDS] ^
      words[near + 2 * LINE_WORDS];
    if (numbers[(header + OFFSET) >>> 1] !== offset || numbers[(header + FILE) >>> 1] !== file)
      return undefined;
    const start = words[header + START];
    const count = words[header + COUNT];
    const firstLength = words[header + KEY_LENGTHS] & 0xffff;
    const use = words[header + SHIFT_AND_USE];
    const shift = use & 0xff;
    // Written once and not at every lookup: a line that was written has to be written back.
    if ((use & USED) === 0) words[header + SHIFT_AND_USE] = use | USED;
    view.bytes = chunk.bytes;
    view.frame = frame;
    view.start = start;
    view.entriesEnd = header * WORD_BYTES - BLOCK_TRAILER_BYTES - 2 * count;
    view.count = count;
    view.firstAt =
      firstLength <= FIRST_KEY_WORDS * WORD_BYTES ? (header + FIRST_KEY) * WORD_BYTES : start + REST_AT;
    view.firstLength = firstLength;
    view.prefixLength = words[header + KEY_LENGTHS] >>> 16;
    view.heads = words;
    view.headsAt = header + HEADS;
    view.headShift = shift;
    view.headCount = headCount(count, shift);
    return view;
  }

  /** Whether the block was shown since this was last asked. */
  takeUse(block: Block): boolean {
    const words = this.#chunkOf(block.frame).words;
    const at = this.#headerOf(block.frame) + SHIFT_AND_USE;
    const used = (words[at] & USED) !== 0;
    words[at] &= ~USED;
    return used;
  }

  pin({ frame }: Block): void {
    this.#chunkOf(frame).words[this.#headerOf(frame) + SHIFT_AND_USE] += PIN;
  }

  unpin({ frame }: Block): void {
    const words = this.#chunkOf(frame).words;
    const at = this.#headerOf(frame) + SHIFT_AND_USE;
    words[at] -= PIN;
    if (words[at] < PIN && (words[at] & DROPPED) !== 0) this.#takeBack(frame);
  }

  drop({ frame }: Block): void {
    const { words, numbers } = this.#chunkOf(frame);
    const header = this.#headerOf(frame);
    numbers[(header + FILE) / 2] = 0;
    words[header + SHIFT_AND_USE] |= DROPPED;
    if (words[header + SHIFT_AND_USE] < PIN) this.#takeBack(frame);
  }

  #chunkOf(frame: number): Chunk {
    return this.#chunks[(frame - 1) >>> this.#framesShift] as Chunk;
  }

  #headerOf(frame: number): number {
    return (this.#baseOf((frame - 1) & (this.chunkFrames - 1)) + this.#blockEnd) / WORD_BYTES;
  }

  #baseOf(place: number): number {
    return place * this.frameBytes;
  }

  #takeBack(frame: number): void {
    const chunk = this.#chunkOf(frame);
    if (chunk.free.length === 0) this.#roomy.push(chunk);
    chunk.free.push((frame - 1) & (this.chunkFrames - 1));
    if (chunk.free.length === this.chunkFrames && this.#roomy.length > 1) {
      this.#roomy.splice(this.#roomy.indexOf(chunk), 1);
      this.#chunks[chunk.index] = undefined;
    }
  }

  #chunkWithRoom(): Chunk {
    const last = this.#roomy.at(-1);
    if (last !== undefined) return last;
    const hole = this.#chunks.indexOf(undefined);
    const index = hole === -1 ? this.#chunks.length : hole;
    const chunk = new Chunk(index, this.frameBytes, this.chunkFrames);
    this.#chunks[index] = chunk;
    this.#roomy.push(chunk);
    return chunk;
  }
}
