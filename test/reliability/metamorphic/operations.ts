/**
 * What can be done with a database, as plain data. Keys are numbers of a {@link KeyPool}, in the order of their
 * bytes. A snapshot, cursor or iterator is named by any number: its remainder chooses among those that are
 * open, so that a list from which some operations were taken out can still be performed.
 */
import { type Fingerprinted, fingerprint } from './fingerprint.ts';

export type Key = number;

/** No write is like another: each has a tag of its own, from which its bytes are made. */
export class Value implements Fingerprinted {
  readonly tag: number;
  readonly bytes: Uint8Array;
  readonly print: number;

  constructor(tag: number, size: number) {
    this.tag = tag;
    this.bytes = new Uint8Array(size);
    // Compressible in parts, and different from the first byte on.
    for (let i = 0; i < size; i++) this.bytes[i] = (i & 8) === 0 ? tag >>> (8 * (i & 3)) : tag + (i >> 4);
    this.print = fingerprint(this.bytes);
  }

  toJSON(): string {
    return `${this.bytes.length} bytes, ${this.tag}`;
  }
}

/** Without a value the key is deleted. */
export type Write = readonly [key: Key, value: Value | null];

/** Ends of a range. */
export interface Ends {
  readonly gt?: Key;
  readonly gte?: Key;
  readonly lt?: Key;
  readonly lte?: Key;
}

export interface Walk {
  readonly ends: Ends;
  readonly reverse: boolean;
  /** At most so many; without it all. */
  readonly limit?: number;
  readonly fillCache?: boolean;
  /** The snapshot to read; without one the latest. */
  readonly live?: number;
}

export type Move = 'first' | 'last' | 'next' | 'prev' | { readonly seek: Key } | { readonly seekBack: Key };

/** `chain` is a batch put together step by step, `batch` one given as a whole. */
export interface WriteOperation {
  readonly kind: 'write';
  readonly how: 'one by one' | 'batch' | 'chain';
  readonly writes: readonly Write[];
  readonly sync: boolean;
}

/** What may stand in the middle of a fault. */
export type FaultyOperation = WriteOperation | { readonly kind: 'flush' | 'sync' };

export interface InjectedFault {
  /** Which of the operations on the disk fails, from 1. */
  readonly at: number;
  readonly when: 'before' | 'after' | 'half';
  readonly errno: 'EIO' | 'ENOSPC';
  readonly forever: boolean;
}

export type Operation =
  | WriteOperation
  | { readonly kind: 'clear'; readonly walk: Walk }
  | { readonly kind: 'get' | 'get at once' | 'has'; readonly key: Key; readonly live?: number }
  | { readonly kind: 'get many' | 'has many'; readonly keys: readonly Key[]; readonly live?: number }
  | { readonly kind: 'scan'; readonly what: 'entries' | 'keys' | 'values'; readonly walk: Walk }
  | { readonly kind: 'iterator'; readonly walk: Walk }
  | { readonly kind: 'read'; readonly iterator: number; readonly how: Reading; readonly count: number }
  | { readonly kind: 'seek'; readonly iterator: number; readonly key: Key }
  | { readonly kind: 'close iterator'; readonly iterator: number }
  | { readonly kind: 'cursor'; readonly ends: Ends; readonly live?: number }
  | { readonly kind: 'move'; readonly cursor: number; readonly moves: readonly Move[] }
  | { readonly kind: 'close cursor'; readonly cursor: number }
  | { readonly kind: 'snapshot' }
  | { readonly kind: 'close snapshot'; readonly live: number }
  | { readonly kind: 'flush' | 'sync' }
  | { readonly kind: 'compact'; readonly ends: Ends }
  | { readonly kind: 'approximate size'; readonly from: Key; readonly to: Key }
  | { readonly kind: 'stats' | 'verify' | 'checkpoint' }
  /** Reads everything both ways, now and under every snapshot, and every key by itself. */
  | { readonly kind: 'examine' }
  | Restart;

/** `all` brings everything that is left, whatever the count. */
export type Reading = 'next' | 'nextv' | 'all';

/** Afterwards nothing is held, and the database is open. */
export type Restart =
  | { readonly kind: 'reopen' }
  /** The process ends; what it had written is with the operating system. */
  | { readonly kind: 'kill' }
  | { readonly kind: 'power cut'; readonly seed: number }
  | { readonly kind: 'repair'; readonly what: 'whole' | 'without CURRENT' }
  /** Operations of which some fail, and a kill. */
  | { readonly kind: 'fault'; readonly fault: InjectedFault; readonly within: readonly FaultyOperation[] };

/** An operation as one line. */
export function describeOperation({ kind, ...rest }: Operation): string {
  const parts = Object.entries(rest).map(([name, value]) => `${name} ${JSON.stringify(value)}`);
  return [kind, ...parts].join(' ');
}
