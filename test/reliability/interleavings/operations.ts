/** What threads do with a memtable, and what may come of it when each operation happens at one moment. */
import { type Cursor, LookupResult } from '../../../src/cursor/cursor.ts';
import { LsmError } from '../../../src/errors.ts';
import { KIND_DELETE, KIND_PUT } from '../../../src/keys/internal-key.ts';
import type { MemTable } from '../../../src/memtable/mem-table.ts';
import type { Specification } from '../../support/linearizable.ts';

export type Operation =
  /** Without a value: a tombstone. */
  | { readonly kind: 'add'; readonly key: string; readonly sequence: number; readonly value?: string }
  | { readonly kind: 'get' | 'seek'; readonly key: string; readonly sequence: number }
  /** Moves of the one cursor that each thread has. */
  | { readonly kind: 'first' | 'last' | 'next' | 'prev' };

export interface Entry {
  readonly key: string;
  readonly sequence: number;
  /** As an outcome shows it: `key@sequence=value`. */
  readonly text: string;
}

/** An operation that is over. */
export interface Done {
  readonly operation: Operation;
  readonly outcome: string;
  /** Where the cursor stood. */
  readonly from: Entry | undefined;
}

export const ADDED = 'added';
export const NO_ROOM = 'no room';
export const TWICE = 'twice';
export const NOTHING = 'nothing';

/** Does an operation. */
export function perform(table: MemTable, cursor: Cursor, operation: Operation): string {
  switch (operation.kind) {
    case 'add':
      return addTo(table, operation);
    case 'get': {
      const key = bytesOf(operation.key);
      if (!table.get(key, 0, key.length, operation.sequence, RESULT)) return NOTHING;
      const { kind, sequence, value, valueStart, valueLength } = RESULT;
      return textOf(operation.key, sequence, kind, textIn(value, valueStart, valueLength));
    }
    case 'seek': {
      const key = bytesOf(operation.key);
      cursor.seek(key, 0, key.length, operation.sequence);
      return shown(cursor);
    }
    case 'first':
      cursor.seekToFirst();
      return shown(cursor);
    case 'last':
      cursor.seekToLast();
      return shown(cursor);
    case 'next':
      if (cursor.valid) cursor.next();
      return shown(cursor);
    case 'prev':
      if (cursor.valid) cursor.prev();
      return shown(cursor);
  }
}

export function shown(cursor: Cursor): string {
  if (!cursor.valid) return NOTHING;
  const { key, keyStart, keyLength, sequence, kind, value, valueStart, valueLength } = cursor;
  const text = textIn(value, valueStart, valueLength);
  return textOf(textIn(key, keyStart, keyLength), sequence, kind, text);
}

/** The entry that an outcome shows; undefined if it shows none. */
export function entryOf(outcome: string): Entry | undefined {
  const found = /^([^@]*)@(\d+)/.exec(outcome);
  return found === null ? undefined : { key: found[1], sequence: Number(found[2]), text: outcome };
}

/** The entry that an operation adds. */
export function addedBy(operation: Operation): Entry {
  if (operation.kind !== 'add') throw new Error(`${operation.kind} adds nothing`);
  const { key, sequence, value } = operation;
  const kind = value === undefined ? KIND_DELETE : KIND_PUT;
  return { key, sequence, text: textOf(key, sequence, kind, value ?? '') };
}

/** Keys upwards, sequences downwards. */
export function inOrder(a: Pick<Entry, 'key' | 'sequence'>, b: Pick<Entry, 'key' | 'sequence'>): number {
  return a.key < b.key ? -1 : a.key > b.key ? 1 : b.sequence - a.sequence;
}

/** A list of entries in order, and what each operation does to it or sees in it. */
export function sortedList(initial: readonly Entry[]): Specification<readonly Entry[], Done> {
  return { initial, step, keyOf: (entries) => entries.map(({ text }) => text).join() };
}

function step(entries: readonly Entry[], { operation, outcome, from }: Done): readonly Entry[] | undefined {
  if (operation.kind === 'add') {
    const entry = addedBy(operation);
    const isThere = entries.some((other) => inOrder(other, entry) === 0);
    if (outcome === NO_ROOM) return entries; // whether there was none is checked by sizes
    if (isThere) return outcome === TWICE ? entries : undefined;
    return outcome === ADDED ? [...entries, entry].sort(inOrder) : undefined;
  }
  return outcome === (seen(entries, operation, from)?.text ?? NOTHING) ? entries : undefined;
}

function seen(entries: readonly Entry[], operation: Operation, from: Entry | undefined): Entry | undefined {
  switch (operation.kind) {
    case 'get': {
      const found = entries.find((entry) => inOrder(entry, operation) >= 0);
      return found?.key === operation.key ? found : undefined;
    }
    case 'seek':
      return entries.find((entry) => inOrder(entry, operation) >= 0);
    case 'first':
      return entries[0];
    case 'last':
      return entries.at(-1);
    case 'next':
      return from && entries.find((entry) => inOrder(entry, from) > 0);
    case 'prev':
      return from && entries.findLast((entry) => inOrder(entry, from) < 0);
    case 'add':
      return undefined;
  }
}

function addTo(table: MemTable, { key, sequence, value }: Extract<Operation, { kind: 'add' }>): string {
  const keyBytes = bytesOf(key);
  const valueBytes = bytesOf(value ?? '');
  const kind = value === undefined ? KIND_DELETE : KIND_PUT;
  try {
    return table.add(sequence, kind, keyBytes, 0, keyBytes.length, valueBytes, 0, valueBytes.length)
      ? ADDED
      : NO_ROOM;
  } catch (error) {
    if (error instanceof LsmError && /a version is inserted once/.test(error.message)) return TWICE;
    throw error;
  }
}

const RESULT = new LookupResult();
const BYTES = new Map<string, Uint8Array>();

/** Encoded once: programs are run many times. */
function bytesOf(text: string): Uint8Array {
  let bytes = BYTES.get(text);
  if (bytes === undefined) {
    bytes = Uint8Array.from(text, (character) => character.charCodeAt(0));
    BYTES.set(text, bytes);
  }
  return bytes;
}

function textIn(bytes: Uint8Array, start: number, length: number): string {
  let text = '';
  for (let i = 0; i < length; i++) text += String.fromCharCode(bytes[start + i]);
  return text;
}

function textOf(key: string, sequence: number, kind: number, value: string): string {
  return `${key}@${sequence}${kind === KIND_DELETE ? '-' : `=${value}`}`;
}
