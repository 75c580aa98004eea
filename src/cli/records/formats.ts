/** The input formats of `load` by name. */
import { extname } from 'node:path';
import { delimitedReader } from './delimited.ts';
import { readJsonArray } from './json-array.ts';
import { readJsonl } from './jsonl.ts';
import type { RecordReader } from './source-record.ts';

export type Format = 'jsonl' | 'csv' | 'tsv' | 'json';

export const FORMATS: readonly Format[] = ['jsonl', 'csv', 'tsv', 'json'];

/** The reader of a format; `quotes` matters to CSV and TSV alone. */
export function readerOf(format: Format, quotes: boolean): RecordReader {
  switch (format) {
    case 'jsonl':
      return readJsonl;
    case 'json':
      return readJsonArray;
    case 'csv':
      return delimitedReader({ delimiter: ',', quotes });
    case 'tsv':
      return delimitedReader({ delimiter: '\t', quotes });
  }
}

/** The format that the name of a file promises. */
export function formatOfName(name: string): Format | undefined {
  const extension = extname(name).slice(1).toLowerCase();
  if (extension === 'ndjson') return 'jsonl';
  return FORMATS.find((format) => format === extension);
}
