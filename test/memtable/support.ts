/** Shared by the tests of this folder: short ways to fill a memtable, and to see all that is in it. */
import { type Cursor, LookupResult } from '../../src/cursor/cursor.ts';
import { KIND_DELETE, KIND_PUT, MAX_SEQUENCE } from '../../src/keys/internal-key.ts';
import type { MemTable } from '../../src/memtable/mem-table.ts';

export interface Entry {
  readonly key: string;
  readonly sequence: number;
  readonly kind: number;
  readonly value: string;
}

/** One character a byte, so that expectations about any bytes can be written as strings. */
export function toBytes(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text, 'latin1'));
}

export function toText(bytes: Uint8Array, start: number, length: number): string {
  return Buffer.from(bytes.subarray(start, start + length)).toString('latin1');
}

export function put(table: MemTable, sequence: number, key: string, value: string): boolean {
  return table.add(sequence, KIND_PUT, toBytes(key), 0, key.length, toBytes(value), 0, value.length);
}

export function remove(table: MemTable, sequence: number, key: string): boolean {
  return table.add(sequence, KIND_DELETE, toBytes(key), 0, key.length, new Uint8Array(0), 0, 0);
}

/** The answer of a lookup, or undefined when there is none. */
export function lookup(table: MemTable, key: string, sequence: number = MAX_SEQUENCE): Entry | undefined {
  const result = new LookupResult();
  if (!table.get(toBytes(key), 0, key.length, sequence, result)) return undefined;
  const value = toText(result.value, result.valueStart, result.valueLength);
  return { key, sequence: result.sequence, kind: result.kind, value };
}

export function current(cursor: Cursor): Entry | undefined {
  if (!cursor.valid) return undefined;
  return {
    key: toText(cursor.key, cursor.keyStart, cursor.keyLength),
    sequence: cursor.sequence,
    kind: cursor.kind,
    value: toText(cursor.value, cursor.valueStart, cursor.valueLength),
  };
}

export function forwards(table: MemTable): Entry[] {
  const cursor = table.cursor();
  const entries: Entry[] = [];
  cursor.seekToFirst();
  for (let entry = current(cursor); entry !== undefined; entry = current(cursor)) {
    entries.push(entry);
    cursor.next();
  }
  return entries;
}

export function backwards(table: MemTable): Entry[] {
  const cursor = table.cursor();
  const entries: Entry[] = [];
  cursor.seekToLast();
  for (let entry = current(cursor); entry !== undefined; entry = current(cursor)) {
    entries.push(entry);
    cursor.prev();
  }
  return entries;
}

/** Internal order, said in another way than the engine says it. */
export function byInternalOrder(a: Entry, b: Entry): number {
  return (
    Buffer.compare(Buffer.from(a.key, 'latin1'), Buffer.from(b.key, 'latin1')) || b.sequence - a.sequence
  );
}
