/**
 * Packs bytes in the LZ4 block format (see lz4-format.ts), in one pass.
 *
 * A hash of the next four bytes leads to the place where it was seen last; if the same four bytes are there,
 * that is a match, and it is made as long as it gets. Where nothing matches the steps become longer, so that
 * bytes which cannot be packed cost little.
 *
 * Reading and writing four bytes at once through a `DataView` is what makes it quick, and a search loop with one
 * branch that is seldom guessed wrong: 5 us for a block of 4 KiB of the benchmark's values, 16 us for one of English
 * text (Node 20).
 */
import { copyFours, MIN_MATCH, NIBBLE } from './lz4-format.ts';

/** The format wants so many bytes at the end to be literals, */
const LAST_LITERALS = 5;
/** and the last match to start so many bytes before the end, or earlier: decoders may copy in large steps. */
const LAST_MATCH_START = 12;

/** How far back a match may lie: an offset is a u16. */
const MAX_OFFSET = 65_535;

/** The hash table has a slot for each byte of the input, within these powers of two. */
const FEWEST_SLOT_BITS = 8;
const MOST_SLOT_BITS = 14;

/** 2^32 divided by the golden ratio, odd: its products have well spread top bits. */
const HASH_FACTOR = 0x9e3779b1;

/**
 * After 2^4 places in vain each step is one byte longer, after 2^5 two, and so on. LZ4's own 2^6 takes half as
 * long again, and makes text smaller by 0.5 %.
 */
const PATIENCE_BITS = 4;

/** Longer literals are copied by `set`. */
const LONG_LITERALS = 256;

export class Lz4Encoder {
  /**
   * The place where each hash was seen last, counted through all inputs: what is below the count at which an
   * input begins belongs to an earlier one, so that nothing has to be cleared in between.
   */
  readonly #seen: Int32Array = new Int32Array(1 << MOST_SLOT_BITS);
  #counted = 1;

  /**
   * Packs the first `length` bytes of `from` into `to`, which must be longer than `most`. Returns how many
   * bytes that took, or 0 if it would take more than `most`; what is in `to` then means nothing.
   */
  encode(from: Uint8Array, length: number, to: Uint8Array, most: number): number {
    const seen = this.#seen;
    const counted = this.#startCounting(length);
    const source = new DataView(from.buffer, from.byteOffset, from.byteLength);
    const target = new DataView(to.buffer, to.byteOffset, to.byteLength);
    const lastStart = length - LAST_MATCH_START;
    const lastEnd = length - LAST_LITERALS;
    const hashShift = 32 - slotBits(length);

    let written = 0;
    /** The first literal that was not written yet. */
    let anchor = 0;
    let at = 0;
    let tried = 1 << PATIENCE_BITS;
    while (at <= lastStart) {
      let match = 0;
      // Most places are literals, so that the search for the next match is a loop by itself.
      for (;;) {
        const four = source.getInt32(at, true);
        const slot = Math.imul(four, HASH_FACTOR) >>> hashShift;
        match = (seen[slot] - counted) | 0;
        seen[slot] = (counted + at) | 0;
        // Whether a slot is of this input is a coin that no branch predictor knows; whether the bytes match is mostly
        // "no". So the bytes are asked first, those at 0 if the place is not of this input.
        const isMatch = source.getInt32(match & ~(match >> 31), true) === four;
        if (isMatch && match >= 0 && at - match <= MAX_OFFSET) break;
        at = (at + (tried >>> PATIENCE_BITS)) | 0;
        tried = (tried + 1) | 0;
        if (at > lastStart) return writeLast(from, anchor, length - anchor, to, written, most);
      }
      const offset = at - match;
      let end = endOfMatch(from, source, at + MIN_MATCH, offset, lastEnd);
      for (; at > anchor && match > 0 && from[at - 1] === from[match - 1]; at--) match--;

      const literals = at - anchor;
      const beyond = end - at - MIN_MATCH;
      if (written + 3 + literals + moreBytes(literals) + moreBytes(beyond) > most) return 0;
      const token = written;
      to[token] = (Math.min(literals, NIBBLE) << 4) | Math.min(beyond, NIBBLE);
      written = writeMore(to, token + 1, literals);
      // The match stands behind the literals in `from`, and the offset in `to`: there is room for three more.
      if (literals > LONG_LITERALS) to.set(from.subarray(anchor, at), written);
      else copyFours(source, anchor, target, written, written + literals);
      written += literals;
      to[written] = offset;
      to[written + 1] = offset >>> 8;
      written = writeMore(to, written + 2, beyond);
      at = end;
      anchor = end;
      tried = 1 << PATIENCE_BITS;
      end -= 2;
      if (at <= lastStart) {
        seen[Math.imul(source.getInt32(end, true), HASH_FACTOR) >>> hashShift] = counted + end;
      }
    }
    return writeLast(from, anchor, length - anchor, to, written, most);
  }

  /** Returns the count at which this input begins. */
  #startCounting(length: number): number {
    if (this.#counted + length > 0x7fff_ffff) {
      this.#seen.fill(0);
      this.#counted = 1;
    }
    const counted = this.#counted;
    this.#counted += length;
    return counted;
  }
}

function slotBits(length: number): number {
  return Math.min(MOST_SLOT_BITS, Math.max(FEWEST_SLOT_BITS, 32 - Math.clz32(length)));
}

/** Where the bytes from `start` on stop being those that stand `offset` before them; at most `limit`. */
function endOfMatch(
  from: Uint8Array,
  source: DataView,
  start: number,
  offset: number,
  limit: number,
): number {
  let end = start;
  while (end + 8 <= limit && isEqualWord(source, end, offset) && isEqualWord(source, end + 4, offset))
    end += 8;
  if (end + 4 <= limit && isEqualWord(source, end, offset)) end += 4;
  while (end < limit && from[end] === from[end - offset]) end++;
  return end;
}

/** Whether the four bytes at `at` are those that stand `offset` before them. */
function isEqualWord(source: DataView, at: number, offset: number): boolean {
  return source.getInt32(at, true) === source.getInt32(at - offset, true);
}

/** How many bytes behind its token a length takes. */
function moreBytes(length: number): number {
  return length < NIBBLE ? 0 : 1 + (((length - NIBBLE) / 255) | 0);
}

/** Writes those bytes; returns where they end. */
function writeMore(to: Uint8Array, at: number, length: number): number {
  if (length < NIBBLE) return at;
  let end = at;
  let left = length - NIBBLE;
  for (; left >= 255; left -= 255) to[end++] = 255;
  to[end] = left;
  return end + 1;
}

/** Writes the sequence without a match; returns where it ends, or 0 if that is beyond `most`. */
function writeLast(
  from: Uint8Array,
  start: number,
  literals: number,
  to: Uint8Array,
  at: number,
  most: number,
): number {
  if (at + 1 + moreBytes(literals) + literals > most) return 0;
  to[at] = Math.min(literals, NIBBLE) << 4;
  const end = writeMore(to, at + 1, literals);
  to.set(from.subarray(start, start + literals), end);
  return end + literals;
}
