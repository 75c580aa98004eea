/**
 * The LZ4 block format (Yann Collet, https://github.com/lz4/lz4/blob/dev/doc/lz4_Block_format.md): bytes are
 * literals and copies of what stands before them.
 *
 *     block:     sequence 0 | sequence 1 | ... | last sequence
 *     sequence:  token u8 | more literal length u8* | literals | offset u16 | more match length u8*
 *
 * The high four bits of a token are the number of literals, the low four the length of the match beyond
 * {@link MIN_MATCH}. A 15 there is continued in the bytes that follow, each of which is added to it, up to and
 * including the first that is not 255. The offset is how far back from here the match starts, which may be
 * less than its length: it then repeats itself. The last sequence ends after its literals.
 *
 * A block says neither how long it is nor how long its content is; whoever stores it has to.
 */

/** A match is at least this long. */
export const MIN_MATCH = 4;

/** The greatest length in four bits of a token, which says that more of it follows. */
export const NIBBLE = 15;

/**
 * Copies `start...` of one array over `at` to `end` of the other, four bytes at a time: up to three bytes behind
 * both ranges are touched too. A match that repeats itself needs an offset of four or more.
 */
export function copyFours(from: DataView, start: number, to: DataView, at: number, end: number): void {
  for (let read = start, write = at; write < end; read += 4, write += 4) {
    to.setInt32(write, from.getInt32(read, true), true);
  }
}
