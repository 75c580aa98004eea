import { assertInvariant, LsmError } from '../errors.ts';

/**
 * A block of shared memory that only grows: what was allocated stays where it is until the whole arena is
 * reset, so a reader on any thread may follow an address at any time. Addresses are word indexes (a word
 * is four bytes); 0 lies in the header and so can mean "none".
 *
 *     word 0        1         2                3            4        5            6            7..15
 *          magic  | version | capacity bytes | generation | height | generators | tail bytes | 0
 *     word 16       17        18    19     20..31
 *          taken  | entries | top | back | 0
 *     word 32..     allocations at the front, up to `top`, and at the back, from the end down to `back`
 *     behind the capacity, from the next word on: the tail, which belongs to whoever asked for one
 *
 * What searches come by goes to the front and the bulk to the back, so that caches and page tables need to
 * hold only the front: with values of 100 bytes at the back, a lookup among 50,000 entries takes 0.8 in place
 * of 1.0 us.
 *
 * Words 0 to 15 are mostly read and 16 to 31 change with every entry, so they have a cache line each.
 * `height`, `generators` and `entries` belong to the skiplist and mean nothing here.
 *
 * Invariant: `taken` counts the words of all allocations, both ends and those to come that were promised
 * room; it never exceeds the capacity and never goes down but in `reset`, so the two ends never meet, and a
 * request that once failed fails until then.
 */
export class Arena {
  readonly buffer: SharedArrayBuffer | ArrayBuffer;
  /** Bytes in all, header included and tail not. */
  readonly capacity: number;
  /** The capacity as bytes. */
  readonly bytes: Uint8Array;
  /** The capacity as words; one that is no multiple of four loses its last bytes. */
  readonly words: Int32Array;
  /** Memory behind the arena that `reset` leaves alone; zero at first. */
  readonly tail: Int32Array;
  /** The second address of the last `allocate` of this object. */
  back = 0;

  /** Memory that other threads can share, where the runtime has it; else memory for this thread alone. */
  static create(capacity: number, tailBytes = 0): Arena {
    if (!Number.isInteger(capacity) || capacity < ARENA_HEADER_BYTES || capacity > MAX_ARENA_BYTES) {
      throw new LsmError(
        'LSM_INVALID_ARGUMENT',
        `an arena of ${capacity} bytes is not possible: use ${ARENA_HEADER_BYTES} to ${MAX_ARENA_BYTES}`,
      );
    }
    const size = bufferBytes(capacity, tailBytes);
    const arena = new Arena(
      typeof SharedArrayBuffer === 'undefined' ? new ArrayBuffer(size) : new SharedArrayBuffer(size),
      capacity,
      tailBytes,
    );
    arena.words[MAGIC_WORD] = MAGIC;
    arena.words[VERSION_WORD] = VERSION;
    arena.words[CAPACITY_WORD] = capacity;
    arena.words[TAIL_WORD] = tailBytes;
    arena.#rewind();
    return arena;
  }

  /** The arena that `create` made in this buffer, here or on another thread. */
  static attach(buffer: SharedArrayBuffer | ArrayBuffer): Arena {
    assertInvariant(buffer.byteLength >= ARENA_HEADER_BYTES, 'the memory of an arena holds its header');
    const header = new Int32Array(buffer, 0, ARENA_HEADER_WORDS);
    const capacity = header[CAPACITY_WORD];
    const tailBytes = header[TAIL_WORD];
    assertInvariant(
      header[MAGIC_WORD] === MAGIC &&
        header[VERSION_WORD] === VERSION &&
        bufferBytes(capacity, tailBytes) === buffer.byteLength,
      'the memory was made by Arena.create of the same version of this module',
    );
    return new Arena(buffer, capacity, tailBytes);
  }

  private constructor(buffer: SharedArrayBuffer | ArrayBuffer, capacity: number, tailBytes: number) {
    this.buffer = buffer;
    this.capacity = capacity;
    this.bytes = new Uint8Array(buffer, 0, capacity);
    this.words = new Int32Array(buffer, 0, Math.floor(capacity / WORD_BYTES));
    const tailStart = Math.floor((buffer.byteLength - tailBytes) / WORD_BYTES) * WORD_BYTES;
    this.tail = new Int32Array(buffer, tailStart, tailBytes / WORD_BYTES);
  }

  /** Bytes taken so far, header included. */
  get used(): number {
    return Atomics.load(this.words, TAKEN_WORD) * WORD_BYTES;
  }

  /** Changes with every `reset`: an address kept from another generation must not be used. */
  get generation(): number {
    return Atomics.load(this.words, GENERATION_WORD);
  }

  /** Whether an allocation of so many bytes would succeed now, as long as no other thread allocates. */
  fits(bytes: number): boolean {
    return Math.ceil(bytes / WORD_BYTES) <= this.words.length - Atomics.load(this.words, TAKEN_WORD);
  }

  /**
   * The address of so many bytes of arbitrary content at the front, or 0 when they do not fit together with
   * `backBytes` more at the back; the address of those is in `back` then, 0 if there are none.
   */
  allocate(bytes: number, backBytes = 0): number {
    const words = this.words;
    const frontSize = Math.ceil(bytes / WORD_BYTES);
    const backSize = Math.ceil(backBytes / WORD_BYTES);
    const size = frontSize + backSize;
    // A plain atomic add would have to be taken back when it overshoots, and others would see it meanwhile.
    let taken = Atomics.load(words, TAKEN_WORD);
    for (;;) {
      if (size > words.length - taken) return 0;
      const seen = Atomics.compareExchange(words, TAKEN_WORD, taken, taken + size);
      if (seen === taken) break;
      taken = seen;
    }
    this.back = backSize === 0 ? 0 : Atomics.sub(words, BACK_WORD, backSize) - backSize;
    return Atomics.add(words, TOP_WORD, frontSize);
  }

  /** Takes back every allocation, as it is: nothing is zeroed. The caller proves that nobody uses them. */
  reset(): void {
    this.#rewind();
    Atomics.add(this.words, GENERATION_WORD, 1);
  }

  #rewind(): void {
    Atomics.store(this.words, TOP_WORD, ARENA_HEADER_WORDS);
    Atomics.store(this.words, BACK_WORD, this.words.length);
    Atomics.store(this.words, TAKEN_WORD, ARENA_HEADER_WORDS);
  }
}

export const WORD_BYTES = 4;
export const ARENA_HEADER_WORDS = 32;
export const ARENA_HEADER_BYTES: number = ARENA_HEADER_WORDS * WORD_BYTES;

/** Byte addresses have to fit a signed 32-bit integer. */
export const MAX_ARENA_BYTES: number = 2 ** 31 - 1;

/** Words of the header that are lent to the skiplist. */
export const HEIGHT_WORD = 4;
export const GENERATORS_WORD = 5;
export const ENTRIES_WORD = 17;

const MAGIC = 0x4d4d454d;
const VERSION = 3;
const MAGIC_WORD = 0;
const VERSION_WORD = 1;
const CAPACITY_WORD = 2;
const GENERATION_WORD = 3;
const TAIL_WORD = 6;
const TAKEN_WORD = 16;
const TOP_WORD = 18;
const BACK_WORD = 19;

function bufferBytes(capacity: number, tailBytes: number): number {
  return tailBytes === 0 ? capacity : Math.ceil(capacity / WORD_BYTES) * WORD_BYTES + tailBytes;
}
