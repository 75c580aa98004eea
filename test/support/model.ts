/**
 * What a database must answer, by the simplest means: a map of all entries, sorted when somebody asks. Keys
 * are kept as text of one character a byte, whose order is that of the bytes.
 */
import type { Bytes, RangeOptions } from '../../src/db/arguments.ts';

export type ModelEntry = readonly [key: Uint8Array, value: Uint8Array];

export class Model {
  readonly #entries: Map<string, Uint8Array>;

  constructor(entries: ReadonlyMap<string, Uint8Array> = new Map()) {
    this.#entries = new Map(entries);
  }

  put(key: Bytes, value: Uint8Array): void {
    this.#entries.set(nameOf(key), value);
  }

  delete(key: Bytes): void {
    this.#entries.delete(nameOf(key));
  }

  get(key: Bytes): Uint8Array | undefined {
    return this.#entries.get(nameOf(key));
  }

  get size(): number {
    return this.#entries.size;
  }

  /** A copy that later changes leave alone. */
  clone(): Model {
    return new Model(this.#entries);
  }

  /** The entries of a range, in the order of their keys. */
  entries(range: RangeOptions = {}): ModelEntry[] {
    const names = [...this.#entries.keys()].filter((name) => isWithin(name, range)).sort(byCharacters);
    return names.map((name) => [Buffer.from(name, 'latin1'), this.#entries.get(name) as Uint8Array]);
  }
}

/** One character a byte. */
export function nameOf(key: Bytes): string {
  return Buffer.from(key as string).toString('latin1');
}

/** Where a key stands among entries: the index of the first one that is not below it. */
export function lowerBound(entries: readonly ModelEntry[], key: Bytes): number {
  const name = nameOf(key);
  const at = entries.findIndex(([other]) => nameOf(other) >= name);
  return at < 0 ? entries.length : at;
}

/** The same entries, in a form that prints well and compares quickly. */
export function describeEntries(entries: Iterable<ModelEntry>): string[] {
  return Array.from(entries, ([key, value]) => `${toText(key)} = ${toText(value)}`);
}

/** A few bytes as hexadecimal digits; the middle of many is left out, and a sum stands for it. */
export function toText(bytes: Uint8Array | undefined): string {
  if (bytes === undefined) return 'nothing';
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  if (buffer.length <= 24) return `<${buffer.toString('hex')}>`;
  let sum = 0;
  for (const byte of buffer) sum = (sum * 31 + byte) >>> 0;
  return `<${buffer.toString('hex', 0, 8)}..${buffer.length} bytes, sum ${sum}>`;
}

function isWithin(name: string, { gt, gte, lt, lte }: RangeOptions): boolean {
  if (gte !== undefined) {
    if (name < nameOf(gte)) return false;
  } else if (gt !== undefined && name <= nameOf(gt)) return false;
  if (lte !== undefined) return name <= nameOf(lte);
  return lt === undefined || name < nameOf(lt);
}

function byCharacters(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
