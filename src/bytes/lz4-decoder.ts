/**
 * Unpacks the LZ4 block format (see lz4-format.ts) from anybody's bytes: every length and every offset is
 * compared with what is there before it is followed, and nothing beyond the output's declared size is
 * written. The time is bounded by the two sizes.
 */
import { copyBytes } from './compare.ts';
import { copyFours, MIN_MATCH, NIBBLE } from './lz4-format.ts';

/** Longer literals are copied by `set`. */
const LONG_LITERALS = 256;

/**
 * Unpacks the first `length` bytes of `from` into the first `size` bytes of `to`. Returns whether they are a
 * block with exactly so much content; if not, what is in `to` means nothing.
 */
export function decodeLz4(from: Uint8Array, length: number, to: Uint8Array, size: number): boolean {
  const source = new DataView(from.buffer, from.byteOffset, from.byteLength);
  const target = new DataView(to.buffer, to.byteOffset, to.byteLength);
  let at = 0;
  let written = 0;
  while (at < length) {
    const token = from[at++];
    let literals = token >>> 4;
    if (literals === NIBBLE) {
      const end = endOfMore(from, at, length);
      literals += sumOfMore(from, at, end);
      at = end;
    }
    if (literals > length - at || literals > size - written) return false;
    const hasSlack = at + literals + 3 <= length && written + literals + 3 <= size;
    if (hasSlack && literals <= LONG_LITERALS) copyFours(source, at, target, written, written + literals);
    else copyBytes(from, at, literals, to, written);
    at += literals;
    written += literals;
    if (at === length) return written === size;

    if (length - at < 2) return false;
    const offset = from[at] | (from[at + 1] << 8);
    at += 2;
    if (offset === 0 || offset > written) return false;
    let matched = token & NIBBLE;
    if (matched === NIBBLE) {
      const end = endOfMore(from, at, length);
      matched += sumOfMore(from, at, end);
      at = end;
    }
    const end = written + MIN_MATCH + matched;
    if (end > size) return false;
    if (offset >= 4 && end + 3 <= size) copyFours(target, written - offset, target, written, end);
    else for (let i = written; i < end; i++) to[i] = to[i - offset];
    written = end;
  }
  // Nothing at all, or a match at the end.
  return false;
}

/** Where the bytes that continue a length end: after the first that is not 255, or with the block. */
function endOfMore(from: Uint8Array, start: number, length: number): number {
  let at = start;
  while (at < length && from[at] === 255) at++;
  return Math.min(at + 1, length);
}

/** What they add to it. A length that is cut off is the last thing of its block, which is refused for that. */
function sumOfMore(from: Uint8Array, start: number, end: number): number {
  return end === start ? 0 : 255 * (end - start - 1) + from[end - 1];
}
