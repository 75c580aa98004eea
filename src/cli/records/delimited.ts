/**
 * CSV and TSV with a header line: fields may be quoted, and quoted fields may hold separators, newlines
 * and doubled quotes. Every record must have as many fields as the header.
 */
import { pipeline, Readable } from 'node:stream';
import { type CsvError, type Info, parse } from 'csv-parse';
import { InputError, MAX_RECORD_LENGTH, type RecordReader, type SourceRecord } from './source-record.ts';
import { utf8Text } from './utf8-text.ts';

export interface DelimitedOptions {
  readonly delimiter: ',' | '\t';
  /** False if a quote is an ordinary character. */
  readonly quotes: boolean;
}

interface ParsedRow {
  readonly info: Info;
  readonly record: readonly string[];
}

interface SkippedRow {
  readonly error: CsvError | undefined;
  readonly line: number;
}

/** A reader whose records have the names of the header as their fields. */
export function delimitedReader(options: DelimitedOptions): RecordReader {
  return (chunks) => readDelimited(chunks, options);
}

async function* readDelimited(
  chunks: AsyncIterable<Uint8Array>,
  options: DelimitedOptions,
): AsyncGenerator<SourceRecord> {
  let header: readonly string[] | undefined;
  // The parser counts a CR LF within quotes as two lines; those seen so far are taken off again.
  let overcounted = 0;
  for await (const row of rows(chunks, options)) {
    if ('error' in row) {
      const line = row.line - overcounted;
      if (header === undefined) throw new InputError(line, describe(row.error));
      yield { kind: 'bad', line, problem: describe(row.error) };
      continue;
    }
    const { record, info } = row;
    overcounted += count(record, '\r\n');
    if (header === undefined) {
      header = checkHeader(record);
    } else {
      const line = info.lines - overcounted - count(record, '\n');
      yield { kind: 'record', line, fields: fieldsOf(header, record), json: undefined };
    }
  }
}

function fieldsOf(header: readonly string[], values: readonly string[]): Record<string, string> {
  const fields: Record<string, string> = {};
  for (let column = 0; column < header.length; column++) fields[header[column]] = values[column];
  return fields;
}

/** How often `text` occurs in the values. */
function count(values: readonly string[], text: string): number {
  let found = 0;
  for (const value of values) {
    for (let at = value.indexOf(text); at >= 0; at = value.indexOf(text, at + text.length)) found++;
  }
  return found;
}

/**
 * The rows, and in their place among them the ones that could not be parsed: the parser is told to skip
 * those, and each leaves a marker in its output.
 */
function rows(
  chunks: AsyncIterable<Uint8Array>,
  options: DelimitedOptions,
): AsyncIterable<ParsedRow | SkippedRow> {
  const parser = parse({
    delimiter: options.delimiter,
    quote: options.quotes ? '"' : false,
    info: true,
    skip_empty_lines: true,
    max_record_size: MAX_RECORD_LENGTH,
    skip_records_with_error: true,
    on_skip: (error) => {
      parser.push({ error, line: parser.info.lines } satisfies SkippedRow);
      return undefined;
    },
  });
  // Errors of the source come out of the parser, where the reader of the rows meets them.
  pipeline(Readable.from(utf8Text(chunks)), parser, () => {});
  return parser;
}

function checkHeader(names: readonly string[]): readonly string[] {
  const seen = new Set<string>();
  for (const name of names) {
    if (name === '__proto__') throw new InputError(1, 'no column can be named __proto__');
    if (seen.has(name)) throw new InputError(1, `the header names column ${JSON.stringify(name)} twice`);
    seen.add(name);
  }
  return names;
}

/** The message of the parser without the line number, which ours begin with. */
function describe(error: CsvError | undefined): string {
  return (error?.message ?? 'not a valid record').replace(/ (?:at|on) line \d+/, '');
}
