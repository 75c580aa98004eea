/** A cursor over a sorted array, and a random way to walk any cursor: for the tests of this folder. */
import fc from 'fast-check';
import { compareKeys } from '../../src/bytes/compare.ts';
import { Cursor } from '../../src/cursor/cursor.ts';
import { compareInternal } from '../../src/keys/internal-key.ts';

export interface Version {
  readonly key: Uint8Array;
  readonly sequence: number;
  readonly kind: number;
  readonly value: Uint8Array;
}

export function compareVersions(a: Version, b: Version): number {
  return compareInternal(a.key, 0, a.key.length, a.sequence, b.key, 0, b.key.length, b.sequence);
}

/** Walks sorted versions; keeps key and value in scratch arrays that every move overwrites, as a table may. */
export class ArrayCursor extends Cursor {
  closed = false;
  readonly #versions: readonly Version[];
  #at = -1;

  constructor(versions: readonly Version[]) {
    super();
    this.#versions = versions;
    const longest = versions.reduce((most, { key, value }) => Math.max(most, key.length, value.length), 0);
    this.key = new Uint8Array(longest + 8);
    this.value = new Uint8Array(longest + 8);
  }

  override seekToFirst(): void {
    this.#show(0);
  }

  override seekToLast(): void {
    this.#show(this.#versions.length - 1);
  }

  override seek(key: Uint8Array, start: number, length: number, sequence: number): void {
    const wanted = { key: key.slice(start, start + length), sequence, kind: 0, value: key };
    const at = this.#versions.findIndex((version) => compareVersions(version, wanted) >= 0);
    this.#show(at === -1 ? this.#versions.length : at);
  }

  override next(): void {
    this.#show(this.#at + 1);
  }

  override prev(): void {
    this.#show(this.#at - 1);
  }

  override close(): void {
    super.close();
    this.closed = true;
  }

  #show(at: number): void {
    this.#at = at;
    this.key.fill(0xee);
    this.value.fill(0xee);
    this.valid = at >= 0 && at < this.#versions.length;
    if (!this.valid) return;
    const { key, sequence, kind, value } = this.#versions[at];
    this.key.set(key, 3);
    this.keyStart = 3;
    this.keyLength = key.length;
    this.sequence = sequence;
    this.kind = kind;
    this.value.set(value, 5);
    this.valueStart = 5;
    this.valueLength = value.length;
  }
}

/** Counts the entries that it is moved over. */
export class CountingCursor extends ArrayCursor {
  visited = 0;

  override next(): void {
    this.visited += 1;
    super.next();
  }

  override prev(): void {
    this.visited += 1;
    super.prev();
  }
}

/** Few short keys over few bytes, so that they collide, share prefixes and touch both ends of a byte. */
export const keys: fc.Arbitrary<Uint8Array> = fc
  .array(fc.constantFrom(0, 1, 0x61, 0xff), { maxLength: 3 })
  .map((bytes) => new Uint8Array(bytes));

/** Versions with distinct sequence numbers, in internal order. */
export const histories: fc.Arbitrary<Version[]> = fc
  .array(fc.record({ key: keys, kind: fc.constantFrom(1, 2) }), { maxLength: 30 })
  .map((writes) =>
    writes
      .map(({ key, kind }, at) => ({
        key,
        kind,
        sequence: at + 1,
        value: kind === 1 ? new Uint8Array([at]) : new Uint8Array(0),
      }))
      .sort(compareVersions),
  );

export type Move =
  | { readonly to: 'first' | 'last' | 'next' | 'prev' }
  | { readonly to: 'seek' | 'seekBack'; readonly key: Uint8Array };

export const moves: fc.Arbitrary<Move[]> = fc.array(
  fc.oneof(
    { weight: 6, arbitrary: fc.constantFrom<Move>({ to: 'next' }, { to: 'prev' }) },
    { weight: 1, arbitrary: fc.constantFrom<Move>({ to: 'first' }, { to: 'last' }) },
    { weight: 1, arbitrary: keys.map((key): Move => ({ to: 'seek', key })) },
    { weight: 1, arbitrary: keys.map((key): Move => ({ to: 'seekBack', key })) },
  ),
  { maxLength: 60 },
);

/** Where a walk over sorted keys stands after a move; -1 or `sorted.length` for nowhere. */
export function modelMove(sorted: readonly Uint8Array[], at: number, move: Move): number {
  switch (move.to) {
    case 'first':
      return 0;
    case 'last':
      return sorted.length - 1;
    case 'next':
      return at + 1;
    case 'prev':
      return at - 1;
    case 'seek': {
      const found = sorted.findIndex((key) => compareKeys(key, move.key) >= 0);
      return found === -1 ? sorted.length : found;
    }
    case 'seekBack':
      return sorted.findLastIndex((key) => compareKeys(key, move.key) <= 0);
  }
}
