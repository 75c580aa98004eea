/**
 * Keys and values on a command line, which carries text: UTF-8 as it is, or any bytes as hex or base64.
 * What is parsed strictly here is printed back the same way, so output can be given back as an argument.
 */
import { Buffer, isUtf8 } from 'node:buffer';
import { usageFailure } from './exit-codes.ts';

export type Encoding = 'text' | 'hex' | 'base64';

const HEX = /^(?:[0-9a-fA-F]{2})*$/;
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}(?:==)?|[A-Za-z0-9+/]{3}=?)?$/;

/** The bytes that an argument stands for; `what` names the argument in the error. */
export function parseBytes(text: string, encoding: Encoding, what: string): Uint8Array {
  switch (encoding) {
    case 'text':
      return Buffer.from(text, 'utf8');
    case 'hex':
      if (!HEX.test(text)) throw usageFailure(`the ${what} is not hex: two digits 0-9, a-f for every byte`);
      return Buffer.from(text, 'hex');
    case 'base64':
      if (!BASE64.test(text)) throw usageFailure(`the ${what} is not base64`);
      return Buffer.from(text, 'base64');
  }
}

/** Bytes as one line of text for a person: what would break the line or the terminal is escaped. */
export function formatLine(bytes: Uint8Array, encoding: Encoding): string {
  if (encoding !== 'text') return view(bytes).toString(encoding);
  const text = isUtf8(bytes) ? view(bytes).toString('utf8') : escapeInvalidUtf8(bytes);
  return text.replace(CONTROL, escapeControl);
}

/** Bytes for JSON: a string if they are UTF-8 or an encoding was chosen, else an object naming base64. */
export function formatJson(bytes: Uint8Array, encoding: Encoding): string | { base64: string } {
  if (encoding !== 'text') return view(bytes).toString(encoding);
  return isUtf8(bytes) ? view(bytes).toString('utf8') : { base64: view(bytes).toString('base64') };
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it looks for
const CONTROL = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/g;

function escapeControl(character: string): string {
  if (character === '\n') return '\\n';
  if (character === '\t') return '\\t';
  if (character === '\r') return '\\r';
  const code = character.charCodeAt(0);
  return code < 0x80 ? hexEscape(code) : `\\u${code.toString(16).padStart(4, '0')}`;
}

/** Keeps every whole character and writes the bytes between them as `\xNN`. */
function escapeInvalidUtf8(bytes: Uint8Array): string {
  let text = '';
  let at = 0;
  while (at < bytes.length) {
    const length = characterLength(bytes, at);
    if (length === 0) text += hexEscape(bytes[at]);
    else text += view(bytes.subarray(at, at + length)).toString('utf8');
    at += Math.max(1, length);
  }
  return text;
}

/** Bytes of the whole UTF-8 character at `at`; 0 if there is none. */
function characterLength(bytes: Uint8Array, at: number): number {
  for (let length = 1; length <= 4 && at + length <= bytes.length; length++) {
    if (isUtf8(bytes.subarray(at, at + length))) return length;
  }
  return 0;
}

function hexEscape(byte: number): string {
  return `\\x${byte.toString(16).padStart(2, '0')}`;
}

function view(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
