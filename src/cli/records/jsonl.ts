/** JSON Lines: one JSON object on every line; empty lines count as lines and as nothing else. */
import { Buffer } from 'node:buffer';
import { TextDecoder } from 'node:util';
import { InputError, MAX_RECORD_LENGTH, recordOfJson, type SourceRecord } from './source-record.ts';

export async function* readJsonl(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<SourceRecord> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let number = 0;
  for await (const bytes of splitLines(chunks)) {
    number++;
    const record = recordOfLine(decoder, bytes, number);
    if (record !== undefined) yield record;
  }
}

function recordOfLine(decoder: TextDecoder, bytes: Uint8Array, line: number): SourceRecord | undefined {
  let text: string;
  try {
    text = decoder.decode(bytes);
  } catch {
    return { kind: 'bad', line, problem: 'not valid UTF-8' };
  }
  return text.trim() === '' ? undefined : recordOfJson(text, line);
}

/** The lines of the chunks as bytes, without their newlines; a newline at the very end starts no line. */
async function* splitLines(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let parts: Uint8Array[] = [];
  let partBytes = 0;
  let lines = 0;
  for await (const chunk of chunks) {
    let from = 0;
    for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, from)) {
      const tail = chunk.subarray(from, end);
      yield parts.length === 0 ? tail : Buffer.concat([...parts, tail]);
      parts = [];
      partBytes = 0;
      lines++;
      from = end + 1;
    }
    if (from < chunk.length) {
      parts.push(chunk.subarray(from));
      partBytes += chunk.length - from;
      if (partBytes > MAX_RECORD_LENGTH) throw new InputError(lines + 1, 'the line is longer than 64 MiB');
    }
  }
  if (parts.length > 0) yield Buffer.concat(parts);
}

const NEWLINE = 0x0a;
