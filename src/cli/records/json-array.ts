/**
 * A JSON file holding one array of objects, read element by element so that the file may be larger than
 * memory. The splitter follows only strings and nesting; whether an element is valid is for the JSON
 * parser to say, and a bad one costs no more than itself.
 */
import {
  BACKSLASH,
  InputError,
  isJsonSpace,
  MAX_RECORD_LENGTH,
  QUOTE,
  recordOfJson,
  type SourceRecord,
} from './source-record.ts';
import { utf8Text } from './utf8-text.ts';

export async function* readJsonArray(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<SourceRecord> {
  const splitter = new JsonArraySplitter();
  for await (const text of utf8Text(chunks)) yield* splitter.push(text);
  splitter.end();
}

const NEWLINE = 0x0a;
const COMMA = 0x2c;
const OPEN_ARRAY = 0x5b;
const CLOSE_ARRAY = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;

/** Cuts the text of a JSON array into its elements, over any chunk boundaries. */
export class JsonArraySplitter {
  #place: 'before' | 'inside' | 'after' = 'before';
  /** Nesting within the element. */
  #depth = 0;
  #inString = false;
  #escaped = false;
  #line = 1;
  /** What earlier chunks held of the element. */
  #text = '';
  /** The line its first character is on; 0 before it. */
  #startLine = 0;
  /** Whether a comma promised an element, so that an empty one is an error. */
  #promised = false;

  *push(text: string): Generator<SourceRecord> {
    let from = 0;
    for (let at = 0; at < text.length; at++) {
      const code = text.charCodeAt(at);
      if (code === NEWLINE) this.#line++;
      if (this.#inString) {
        this.#string(code);
      } else if (isJsonSpace(code)) {
      } else if (this.#place !== 'inside') {
        this.#outside(code);
        from = at + 1;
      } else if (this.#depth === 0 && (code === COMMA || code === CLOSE_ARRAY)) {
        const element = this.#element(this.#text + text.slice(from, at), code);
        this.#text = '';
        this.#startLine = 0;
        from = at + 1;
        if (element !== undefined) yield element;
      } else {
        this.#token(code);
      }
    }
    this.#text = this.#place === 'inside' ? this.#text + text.slice(from) : '';
    if (this.#text.length > MAX_RECORD_LENGTH) {
      throw new InputError(this.#startLine || this.#line, 'the record is longer than 64 MiB');
    }
  }

  /** @throws InputError if the array is not closed. */
  end(): void {
    if (this.#place === 'before') throw new InputError(this.#line, EXPECTED);
    if (this.#place === 'inside') throw new InputError(this.#line, 'the input ends within the JSON array');
  }

  #outside(code: number): void {
    if (this.#place === 'after') throw new InputError(this.#line, 'something follows the JSON array');
    if (code !== OPEN_ARRAY) throw new InputError(this.#line, EXPECTED);
    this.#place = 'inside';
  }

  #string(code: number): void {
    if (this.#escaped) this.#escaped = false;
    else if (code === BACKSLASH) this.#escaped = true;
    else if (code === QUOTE) this.#inString = false;
  }

  #token(code: number): void {
    if (this.#startLine === 0) this.#startLine = this.#line;
    if (code === QUOTE) this.#inString = true;
    else if (code === OPEN_ARRAY || code === OPEN_OBJECT) this.#depth++;
    else if (code === CLOSE_ARRAY || code === CLOSE_OBJECT) this.#depth--;
  }

  /** The element that a comma or the closing bracket ends; nothing for an empty array. */
  #element(text: string, endedBy: number): SourceRecord | undefined {
    const empty = this.#startLine === 0;
    const promised = this.#promised;
    this.#promised = endedBy === COMMA;
    if (endedBy === CLOSE_ARRAY) this.#place = 'after';
    if (!empty) return recordOfJson(text, this.#startLine);
    if (endedBy === CLOSE_ARRAY && !promised) return undefined;
    return {
      kind: 'bad',
      line: this.#line,
      problem: 'not valid JSON: nothing stands before this comma or bracket',
    };
  }
}

const EXPECTED = 'expected a JSON array of objects, starting with [';
