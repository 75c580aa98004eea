/** The key and the value that a record becomes. */
import type { SourceRecord } from './source-record.ts';

export interface EntryRule {
  /** The columns whose texts make the key, in order. */
  readonly keyColumns: readonly string[];
  readonly separator: string;
  /** The column that is the value; undefined for the whole record as JSON. */
  readonly valueColumn: string | undefined;
}

export type Entry =
  | { readonly kind: 'entry'; readonly key: string; readonly value: string }
  | { readonly kind: 'bad'; readonly line: number; readonly problem: string };

/** Makes the entry of a record, or says why there is none. */
export function entryOf(record: SourceRecord, rule: EntryRule): Entry {
  if (record.kind === 'bad') return record;
  const { fields, line } = record;
  const parts: string[] = [];
  for (const column of rule.keyColumns) {
    const part = keyPart(fields, column);
    if (typeof part !== 'string') return { kind: 'bad', line, problem: part.problem };
    parts.push(part);
  }
  const key = parts.join(rule.separator);
  if (key === '') return { kind: 'bad', line, problem: 'the key is empty' };
  if (rule.valueColumn === undefined) {
    return { kind: 'entry', key, value: record.json ?? JSON.stringify(fields) };
  }
  if (!Object.hasOwn(fields, rule.valueColumn)) {
    return { kind: 'bad', line, problem: `no column ${JSON.stringify(rule.valueColumn)} for the value` };
  }
  const value = fields[rule.valueColumn];
  return { kind: 'entry', key, value: typeof value === 'string' ? value : JSON.stringify(value) };
}

function keyPart(fields: Readonly<Record<string, unknown>>, column: string): string | { problem: string } {
  const name = JSON.stringify(column);
  if (!Object.hasOwn(fields, column)) return { problem: `no column ${name} for the key` };
  const value = fields[column];
  if (typeof value === 'string') return value;
  if (typeof value === 'boolean') return String(value);
  if (typeof value === 'number') {
    // Beyond that the number read is not the number written, and two records could share a key.
    if (!Number.isInteger(value) || Number.isSafeInteger(value)) return String(value);
    return { problem: `column ${name} holds a number too large for a key; write it as a string` };
  }
  return { problem: `column ${name} holds neither text nor a number` };
}
