/**
 * A block: a sorted run of entries that is searched where it lies, without copying or unpacking anything.
 *
 *     entry* | offset u16[] | num_entries u16 | codec u8 | crc32 u32
 *     entry = shared u16 | rest_len u16 | rest | trailer u64 | value_len u32 | value
 *
 * `shared` counts the bytes a key has in common with the block's *first* key, so every entry can be read
 * without its neighbours, and a search compares key bytes only in entries whose `shared` is the same as
 * the target's own; all others are decided by two numbers (see {@link Block.lowerBound}).
 *
 * Invariant: a Block is made by `decodeBlock` (block-decoder.ts) alone, which checks every offset and length
 * once; that is why nothing here checks them again. Whether the keys are in order is vouched for by the
 * checksum, and by `verify`.
 */
import { readU16, readU32, readU64 } from '../bytes/integers.ts';
import { TRAILER_BYTES } from '../keys/internal-key.ts';
import { KeyEnds, KeyRuler, PLACE_BITS, RULER_DIGITS } from '../keys/key-ruler.ts';
import type { Children } from './children.ts';
import { HEAD_BYTES, HEAD_SIGN, headCount, headOf, LARGEST_HEAD } from './key-heads.ts';

/** Where the rest of an entry's key starts, from the start of the entry. */
export const REST_AT = 4;

const TWO_TO_24 = 0x100_0000;

/** What the values of a block are: those of the user, or handles of blocks that stand before it. */
export type BlockRole = 'data' | 'index';

/** Who lends blocks their memory, and takes it back when a block was dropped and no cursor stands in it. */
export interface BlockHome {
  pin(block: Block): void;
  unpin(block: Block): void;
  drop(block: Block): void;
}

const NO_HEADS: Int32Array = new Int32Array(0);

export class Block {
  bytes: Uint8Array;
  /** Where the block starts in `bytes`; all positions below are in `bytes` too. */
  start: number;
  readonly role: BlockRole;
  count: number;
  /** Where the entries end and their offsets start. */
  entriesEnd: number;
  /** Where the first key stands, here or in a copy that is nearer to the heads, and its length. */
  firstAt: number = REST_AT;
  firstLength: number;
  /** How many leading bytes all keys have in common. */
  prefixLength: number;
  /** The heads of its keys (see key-heads.ts): `headCount` of them from `headsAt` on. None at first. */
  heads: Int32Array = NO_HEADS;
  headsAt = 0;
  headCount = 0;
  headShift = 0;
  /** Finds keys in an index block. */
  ruler: KeyRuler | undefined = undefined;
  /** What the handles of an index block say. */
  children: Children | undefined = undefined;
  /** Who has lent its memory, and which frame of it; undefined if it is its own. */
  home: BlockHome | undefined = undefined;
  frame = 0;
  /** How many cursors stand in it, and whether it was dropped: the notes of a home that has no other place for them. */
  pins = 0;
  dropped = false;

  constructor(bytes: Uint8Array, role: BlockRole, count: number, entriesEnd: number) {
    this.bytes = bytes;
    this.start = 0;
    this.role = role;
    this.count = count;
    this.entriesEnd = entriesEnd;
    this.firstLength = readU16(bytes, 2);
    this.prefixLength = this.firstLength;
  }

  /** A cursor stands in it now: it stays as it is until that has left. */
  pin(): void {
    this.home?.pin(this);
  }

  unpin(): void {
    this.home?.unpin(this);
  }

  /** The cache holds it no longer; its memory goes back as soon as no cursor stands in it. */
  drop(): void {
    this.home?.drop(this);
  }

  /** Where entry `index` starts. */
  entryAt(index: number): number {
    const at = this.entriesEnd + 2 * index;
    return this.start + (this.bytes[at] | (this.bytes[at + 1] << 8));
  }

  /**
   * The first entry at or after (user key, sequence), or `count` if there is none.
   *
   * What all keys share is compared once and the heads of the keys narrow down the rest. Among what is left,
   * let c be the length of the common prefix of target and first key. When the target is after the first
   * key, an entry that shares more than c with the first key is like it where the target is larger, so it
   * is before the target; one that shares less is larger than the first key where the target is like it,
   * so it is after the target. Bytes are compared only where the entry shares exactly c.
   */
  lowerBound(key: Uint8Array, start: number, length: number, sequence: number): number {
    const bytes = this.bytes;
    const first = this.firstAt;
    const prefixLength = this.prefixLength;
    const within = Math.min(length, prefixLength);
    let common = 0;
    while (common < within && key[start + common] === bytes[first + common]) common++;
    if (common < prefixLength) {
      return common === length || key[start + common] < bytes[first + common] ? 0 : this.count;
    }
    let low = 0;
    let high = this.count;
    if (this.headCount > 0) {
      const head = headOf(key, start + prefixLength, length - prefixLength);
      const below = this.#headsBelow(head, 0);
      const upTo = this.#headsUpTo(head, below);
      // What follows the last head that is below the target may be below it too.
      low = below === 0 ? 0 : ((below - 1) << this.headShift) + 1;
      high = Math.min(high, upTo << this.headShift);
    }
    return this.#search(low, high, common, key, start, length, sequence);
  }

  /**
   * The first entry at or after (user key, sequence), which is one from `low` to `high`. Target and first key
   * have `common` bytes in common, or more.
   */
  #search(
    low: number,
    high: number,
    common: number,
    key: Uint8Array,
    start: number,
    length: number,
    sequence: number,
  ): number {
    if (low >= high) return low;
    const bytes = this.bytes;
    const first = this.firstAt;
    const firstLength = this.firstLength;
    const shorter = Math.min(length, firstLength);
    while (common < shorter && key[start + common] === bytes[first + common]) common++;
    if (low === 0) {
      if (common < firstLength) {
        if (common === length || key[start + common] < bytes[first + common]) return 0;
      } else if (
        length === firstLength &&
        sequenceAt(bytes, this.start + REST_AT + firstLength) <= sequence
      ) {
        return 0;
      }
      low = 1;
    }
    while (low < high) {
      const middle = (low + high) >> 1;
      const at = this.entryAt(middle);
      const shared = bytes[at] | (bytes[at + 1] << 8);
      const before =
        shared === common
          ? isRestBefore(bytes, at, key, start + common, length - common, sequence)
          : shared > common;
      if (before) low = (middle + 1) | 0;
      else high = middle;
    }
    return low;
  }

  /**
   * The newest version of a user key that is not above `sequence`, if the heads lead straight to it. `part` says how
   * many 64ths of the way through the block it seems to stand. -1 says nothing: then {@link lowerBound} has to.
   *
   * Most lookups end here. The key is compared once, as a whole, where `lowerBound` compares it with the first key and
   * some others: 0.1 us less.
   */
  find(key: Uint8Array, start: number, length: number, sequence: number, part: number): number {
    const { bytes, heads, headsAt, count, prefixLength } = this;
    if (this.headCount !== count || length < prefixLength) return -1;
    const head = headOf(key, start + prefixLength, length - prefixLength);
    let at = headsAt + ((part * count) >> PLACE_BITS);
    const end = headsAt + count;
    while (at > headsAt && heads[at - 1] >= head) at--;
    while (at < end && heads[at] < head) at++;
    for (; at < end && heads[at] === head; at++) {
      const index = at - headsAt;
      if (!this.keyEquals(index, key, start, length)) continue;
      return sequenceAt(bytes, this.trailerAt(this.entryAt(index))) <= sequence ? index : -1;
    }
    return -1;
  }

  /**
   * The last entry at or before (user key, sequence), or 0: the child of an index block where that internal
   * key has its place.
   */
  floor(key: Uint8Array, start: number, length: number, sequence: number): number {
    return this.place(key, start, length, sequence) >> PLACE_BITS;
  }

  /**
   * {@link floor} and how far from that entry to the next the key seems to stand: `entry << PLACE_BITS | 64ths`.
   * Sequences are whole numbers, so "after s" is "at or after s - 1".
   */
  place(key: Uint8Array, start: number, length: number, sequence: number): number {
    let low = 0;
    let high = this.count;
    if (this.ruler !== undefined) {
      const place = this.ruler.place(key, start, length);
      if (place >= 0) return place;
      low = this.ruler.firstLike(~place);
      high = ~place + 1;
    }
    const after = this.#search(low, high, 0, key, start, length, sequence - 1);
    return after === 0 ? 0 : (after - 1) << PLACE_BITS;
  }

  /** Whether the user key of entry `index` is this one. */
  keyEquals(index: number, key: Uint8Array, start: number, length: number): boolean {
    const bytes = this.bytes;
    const at = this.entryAt(index);
    const shared = readU16(bytes, at);
    if (shared + readU16(bytes, at + 2) !== length) return false;
    // From the end: keys of one block differ there first.
    for (let i = length - 1, rest = at + REST_AT - shared; i >= shared; i--) {
      if (bytes[rest + i] !== key[start + i]) return false;
    }
    const first = this.firstAt;
    for (let i = shared - 1; i >= 0; i--) if (bytes[first + i] !== key[start + i]) return false;
    return true;
  }

  /** Where the trailer of the entry that starts at `at` stands. */
  trailerAt(at: number): number {
    return at + REST_AT + (this.bytes[at + 2] | (this.bytes[at + 3] << 8));
  }

  /** The offset in the handle of entry `index` of an index block. */
  childOffset(index: number): number {
    return readU64(this.bytes, this.trailerAt(this.entryAt(index)) + TRAILER_BYTES + 4);
  }

  /** The length in the handle of entry `index` of an index block. */
  childLength(index: number): number {
    return readU32(this.bytes, this.trailerAt(this.entryAt(index)) + TRAILER_BYTES + 12);
  }

  /** Writes the heads of its keys to `into`, from `at` on, and searches by them from now on. */
  addHeads(into: Int32Array, at: number, shift: number): void {
    const { bytes, prefixLength } = this;
    const first = this.firstAt;
    const count = headCount(this.count, shift);
    for (let i = 0; i < count; i++) {
      const entry = this.entryAt(i << shift);
      const shared = bytes[entry] | (bytes[entry + 1] << 8);
      const restLength = bytes[entry + 2] | (bytes[entry + 3] << 8);
      const rest = entry + REST_AT;
      let head = 0;
      for (let place = prefixLength; place < prefixLength + HEAD_BYTES; place++) {
        head <<= 8;
        if (place < shared) head |= bytes[first + place];
        else if (place - shared < restLength) head |= bytes[rest + place - shared];
      }
      into[at + i] = head ^ HEAD_SIGN;
    }
    this.heads = into;
    this.headsAt = at;
    this.headCount = count;
    this.headShift = shift;
  }

  /** Makes an index block find keys by a ruler from now on. */
  addRuler(): void {
    const { bytes, count, prefixLength } = this;
    const first = this.firstAt;
    const ends = new KeyEnds(count);
    for (let i = 0; i < count; i++) {
      const entry = this.entryAt(i);
      const shared = bytes[entry] | (bytes[entry + 1] << 8);
      const length = shared + (bytes[entry + 2] | (bytes[entry + 3] << 8));
      const end = Math.min(length, prefixLength + RULER_DIGITS);
      const rest = entry + REST_AT - shared;
      let into = i * RULER_DIGITS;
      for (let place = prefixLength; place < end; place++) {
        ends.bytes[into++] = bytes[(place < shared ? first : rest) + place];
      }
      ends.lengths[i] = Math.max(0, end - prefixLength);
    }
    this.ruler = new KeyRuler(bytes.subarray(first, first + prefixLength), ends);
  }

  /** How many heads are below this one; all before `from` are. */
  #headsBelow(head: number, from: number): number {
    const { heads, headsAt } = this;
    let low = (headsAt + from) | 0;
    let high = (headsAt + this.headCount) | 0;
    while (low < high) {
      // Signed shift and `| 0`: V8 computes with doubles otherwise (0.1 us a lookup).
      const middle = (low + high) >> 1;
      if (heads[middle] < head) low = (middle + 1) | 0;
      else high = middle;
    }
    return low - headsAt;
  }

  /** How many heads are not above this one; all before `from` are, and `from` is the first that may be equal. */
  #headsUpTo(head: number, from: number): number {
    const at = this.headsAt + from;
    if (from === this.headCount || this.heads[at] !== head) return from;
    // Mostly one: the heads of a block differ.
    if (from + 1 === this.headCount || this.heads[at + 1] !== head) return from + 1;
    return head === LARGEST_HEAD ? this.headCount : this.#headsBelow(head + 1, from + 1);
  }
}

/** The sequence number of the trailer at `at`. */
export function sequenceAt(bytes: Uint8Array, at: number): number {
  const low24 = bytes[at + 1] | (bytes[at + 2] << 8) | (bytes[at + 3] << 16);
  return readU32(bytes, at + 4) * TWO_TO_24 + low24;
}

/** Whether the rest of the entry at `at`, with its sequence, sorts before the end of the target. */
function isRestBefore(
  bytes: Uint8Array,
  at: number,
  key: Uint8Array,
  start: number,
  length: number,
  sequence: number,
): boolean {
  const restLength = bytes[at + 2] | (bytes[at + 3] << 8);
  const rest = at + REST_AT;
  const shorter = Math.min(restLength, length);
  for (let i = 0; i < shorter; i++) {
    const difference = bytes[rest + i] - key[start + i];
    if (difference !== 0) return difference < 0;
  }
  if (restLength !== length) return restLength < length;
  return sequenceAt(bytes, rest + restLength) > sequence;
}
