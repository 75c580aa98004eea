/** The keys of a list of operations, in the order of their bytes: hostile ones, and ordinary ones to fill up. */
import { type Fingerprinted, fingerprint } from './fingerprint.ts';
import type { Ends, Key } from './operations.ts';

export interface PooledKey extends Fingerprinted {
  /** The key as a string, if it is the UTF-8 of one. */
  readonly text: string | undefined;
}

/** A range as the engine takes it. */
export interface Range {
  gt?: Uint8Array;
  gte?: Uint8Array;
  lt?: Uint8Array;
  lte?: Uint8Array;
}

/** Empty, extremes of a byte, prefixes of each other, characters of several bytes, longer than a block or a memtable. */
const HOSTILE: readonly Uint8Array[] = [
  ...[[], [0], [0, 0], [0, 0xff], [1], [0xc3], [0xed, 0xa0, 0x80], [0xff], [0xff, 0], [0xff, 0xff]].map(
    (bytes) => Uint8Array.from(bytes),
  ),
  ...['a', 'a\0', 'aa', 'ab', 'abc', 'abcdefgh', 'b', 'é', '世界', '～', '😀', '😀!'].map(encode),
  ...Array.from({ length: 6 }, (_, i) => encode(`${'long prefix '.repeat(12)}${i}`)),
  encode('x'.repeat(1200)),
  encode(`${'x'.repeat(1200)}y`),
  new Uint8Array(300).fill(0xff),
];

/** The longest key that there is. */
const LONGEST: Uint8Array = new Uint8Array(65_535).fill(0x78);

export class KeyPool {
  readonly keys: readonly PooledKey[];

  /** So many keys, or all hostile ones if that is more. */
  constructor(count: number, withLongest: boolean) {
    const hostile = withLongest ? [...HOSTILE, LONGEST] : HOSTILE;
    const ordinary = Array.from({ length: Math.max(0, count - hostile.length) }, (_, i) =>
      encode(`user:${String(i).padStart(4, '0')}`),
    );
    this.keys = [...hostile, ...ordinary].sort(Buffer.compare).map((bytes) => ({
      bytes,
      print: fingerprint(bytes),
      text: decode(bytes),
    }));
  }

  bytes(key: Key): Uint8Array {
    return this.keys[key].bytes;
  }

  /** The first key of a range, and the one behind the last. `gte` wins over `gt`, `lte` over `lt`. */
  span({ gt, gte, lt, lte }: Ends): [from: Key, to: Key] {
    const from = gte ?? (gt === undefined ? 0 : gt + 1);
    return [from, lte === undefined ? (lt ?? this.keys.length) : lte + 1];
  }

  range(ends: Ends): Range {
    const range: Range = {};
    for (const name of ['gt', 'gte', 'lt', 'lte'] as const) {
      const key = ends[name];
      if (key !== undefined) range[name] = this.bytes(key);
    }
    return range;
  }
}

function encode(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

function decode(bytes: Uint8Array): string | undefined {
  const text = new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);
  return Buffer.compare(encode(text), bytes) === 0 ? text : undefined;
}
