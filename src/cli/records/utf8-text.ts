/** Bytes to text, strictly: input that is not UTF-8 ends in an error and never in replacement characters. */
import { TextDecoder } from 'node:util';
import { InputError } from './source-record.ts';

/** The text of the chunks, without a byte order mark at the start. */
export async function* utf8Text(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let line = 1;
  for await (const chunk of chunks) {
    yield decode(decoder, chunk, line);
    line += countNewlines(chunk);
  }
  const rest = decode(decoder, undefined, line);
  if (rest !== '') yield rest;
}

function decode(decoder: TextDecoder, chunk: Uint8Array | undefined, line: number): string {
  try {
    return chunk === undefined ? decoder.decode() : decoder.decode(chunk, { stream: true });
  } catch {
    throw new InputError(line, 'the input is not valid UTF-8 on this line or soon after');
  }
}

function countNewlines(bytes: Uint8Array): number {
  let count = 0;
  for (let at = bytes.indexOf(NEWLINE); at >= 0; at = bytes.indexOf(NEWLINE, at + 1)) count++;
  return count;
}

const NEWLINE = 0x0a;
