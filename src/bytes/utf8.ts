/**
 * Strings to UTF-8 and back. A lone surrogate has no UTF-8 and becomes U+FFFD, as in `TextEncoder`; bytes
 * that are not UTF-8 become U+FFFD too, as in `TextDecoder`, and a leading byte order mark is kept.
 *
 * A native call costs about 65 ns however short the text is; a loop costs 20 ns and 1.3 ns a character
 * (Node 20), and keys are short and mostly ASCII.
 */
import { decodeUtf8Range, encodeUtf8, writeUtf8 as writeNative } from '#platform';

/** Up to this many characters the loop is quicker than a native write. */
const WRITE_LOOP_LIMIT = 32;

/**
 * The same for a text in an array of its own: V8 keeps an array of up to 64 bytes in its heap, a longer one
 * outside, and that allocation costs more than either way of writing (0.1 against 0.8 us).
 */
const ENCODE_LOOP_LIMIT = 64;

/** The text as UTF-8, in a fresh array of exactly its length. */
export function utf8Bytes(text: string): Uint8Array {
  if (text.length <= ENCODE_LOOP_LIMIT) {
    const bytes = new Uint8Array(text.length);
    if (writeAscii(text, bytes, 0)) return bytes;
  }
  return encodeUtf8(text);
}

/** How many bytes the text has as UTF-8. */
export function utf8Length(text: string): number {
  let length = text.length;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code < 0x80) continue;
    length += code < 0x800 ? 1 : 2;
    // A pair of surrogates is four bytes: two for its characters and the two just added.
    if (isHighSurrogate(code) && isLowSurrogate(text.charCodeAt(i + 1))) i++;
  }
  return length;
}

/**
 * Writes a text as UTF-8 from `at` on and returns the number of bytes written. The caller guarantees that
 * `3 * text.length` bytes are free there, or as many as `utf8Length` says.
 */
export function writeUtf8(text: string, into: Uint8Array, at: number): number {
  if (text.length <= WRITE_LOOP_LIMIT && writeAscii(text, into, at)) return text.length;
  return writeNative(text, into, at);
}

/** The text that a range of bytes holds. */
export function decodeUtf8(bytes: Uint8Array, start: number, length: number): string {
  return decodeUtf8Range(bytes, start, length);
}

/** False when a character is not ASCII; the bytes before it are written then. */
function writeAscii(text: string, into: Uint8Array, at: number): boolean {
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code > 0x7f) return false;
    into[at + i] = code;
  }
  return true;
}

function isHighSurrogate(code: number): boolean {
  return (code & 0xfc00) === 0xd800;
}

/** False for the NaN beyond the end of a string. */
function isLowSurrogate(code: number): boolean {
  return (code & 0xfc00) === 0xdc00;
}
