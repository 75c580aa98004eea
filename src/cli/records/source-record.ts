/**
 * What the readers of the input formats yield: records, and where something in between was no record. A
 * bad record is a value and not an exception, because the caller may choose to skip it and go on; only input
 * that cannot be read any further throws {@link InputError}.
 */

export type SourceRecord =
  | {
      readonly kind: 'record';
      /** The line it starts on, counted from 1. */
      readonly line: number;
      readonly fields: Readonly<Record<string, unknown>>;
      /** The record as JSON, as exactly as the input wrote it; undefined where the input was not JSON. */
      readonly json: string | undefined;
    }
  | { readonly kind: 'bad'; readonly line: number; readonly problem: string };

/** Reads records from the chunks of a file, one after the other. */
export type RecordReader = (chunks: AsyncIterable<Uint8Array>) => AsyncIterable<SourceRecord>;

/** The input cannot be read on from this line. */
export class InputError extends Error {
  override readonly name: string = 'InputError';
  readonly line: number;

  constructor(line: number, problem: string) {
    super(`line ${line}: ${problem}`);
    this.line = line;
  }
}

/** Most characters of one record: what a reader holds in memory at most. */
export const MAX_RECORD_LENGTH: number = 64 * 1024 * 1024;

/** A record from its JSON text, which must be an object. */
export function recordOfJson(text: string, line: number): SourceRecord {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    return {
      kind: 'bad',
      line,
      problem: `not valid JSON: ${error instanceof Error ? error.message : error}`,
    };
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return { kind: 'bad', line, problem: 'not a JSON object' };
  }
  return { kind: 'record', line, fields: value as Record<string, unknown>, json: compactJson(text) };
}

/**
 * Valid JSON without the white space between its tokens. Parsing and writing it again would do the same,
 * but would change numbers that a double cannot hold.
 */
export function compactJson(text: string): string {
  let compact = '';
  let from = 0;
  let at = 0;
  while (at < text.length) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) {
      at = endOfString(text, at);
    } else if (isJsonSpace(code)) {
      compact += text.slice(from, at);
      do at++;
      while (at < text.length && isJsonSpace(text.charCodeAt(at)));
      from = at;
    } else {
      at++;
    }
  }
  return from === 0 ? text : compact + text.slice(from);
}

export const QUOTE = 0x22;
export const BACKSLASH = 0x5c;

export function isJsonSpace(code: number): boolean {
  return code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09;
}

/** The position after the string literal that starts at `start`. */
function endOfString(text: string, start: number): number {
  let at = start + 1;
  while (at < text.length && text.charCodeAt(at) !== QUOTE) at += text.charCodeAt(at) === BACKSLASH ? 2 : 1;
  return at + 1;
}
