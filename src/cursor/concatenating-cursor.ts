/**
 * Walks a sorted run: parts whose user-key ranges ascend and never overlap, such as the tables of a level
 * below L0. Only the part it stands in is open.
 */
import { compareBytes } from '../bytes/compare.ts';
import { Cursor } from './cursor.ts';
import type { Stretch } from './stretch.ts';

/** One part of a sorted run; both bounds are user keys that the part holds. */
export interface RunPart {
  readonly smallest: Uint8Array;
  readonly largest: Uint8Array;
}

export class ConcatenatingCursor<Part extends RunPart, Opened extends Cursor = Cursor> extends Cursor {
  readonly #parts: readonly Part[];
  readonly #open: (part: Part, index: number, spare: Opened | undefined) => Opened;
  /** The parts it keeps to. */
  #first = 0;
  #end: number;
  /** Index of the part that is open; meaningless while none is. */
  #index = 0;
  #current: Opened | undefined;
  /** The last part's cursor, closed. */
  #spare: Opened | undefined;

  /** `open` makes a cursor over one part, or makes one of the closed one that it is given; this cursor closes it. */
  constructor(
    parts: readonly Part[],
    open: (part: Part, index: number, spare: Opened | undefined) => Opened,
  ) {
    super();
    this.#parts = parts;
    this.#end = parts.length;
    this.#open = open;
  }

  /** Keeps to the parts `[first, end)` from the next seek on. */
  limit(first: number, end: number): void {
    this.#first = first;
    this.#end = end;
  }

  override seekToFirst(): void {
    if (!this.#enter(this.#first)) return;
    this.#opened().seekToFirst();
    this.#showForward();
  }

  override seekToLast(): void {
    if (!this.#enter(this.#end - 1)) return;
    this.#opened().seekToLast();
    this.#showBackward();
  }

  override seek(key: Uint8Array, start: number, length: number, sequence: number): void {
    if (!this.#enter(Math.max(this.#first, findPart(this.#parts, key, start, length)))) return;
    this.#opened().seek(key, start, length, sequence);
    this.#showForward();
  }

  override next(): void {
    this.valid = false;
    this.#opened().next();
    this.#showForward();
  }

  override prev(): void {
    this.valid = false;
    this.#opened().prev();
    this.#showBackward();
  }

  override ahead(into: Stretch, forward: boolean, most: number, bound: Cursor | undefined): void {
    this.#opened().ahead(into, forward, most, bound);
  }

  override skip(entries: number, forward: boolean): void {
    this.#opened().skip(entries, forward);
    this.#show();
  }

  override close(): void {
    super.close();
    this.#leave();
  }

  /** Opens a part, or says that there is no such part. */
  #enter(index: number): boolean {
    this.valid = false;
    if (index < this.#first || index >= this.#end) return false;
    if (this.#current === undefined || this.#index !== index) {
      this.#leave();
      this.#current = this.#open(this.#parts[index], index, this.#spare);
      this.#index = index;
    }
    return true;
  }

  #leave(): void {
    const current = this.#current;
    if (current === undefined) return;
    this.#current = undefined;
    this.#spare = current;
    current.close();
  }

  #opened(): Opened {
    return this.#current as Opened;
  }

  #showForward(): void {
    while (!this.#opened().valid) {
      if (!this.#enter(this.#index + 1)) return;
      this.#opened().seekToFirst();
    }
    this.#show();
  }

  #showBackward(): void {
    while (!this.#opened().valid) {
      if (!this.#enter(this.#index - 1)) return;
      this.#opened().seekToLast();
    }
    this.#show();
  }

  #show(): void {
    const current = this.#opened();
    this.key = current.key;
    this.keyStart = current.keyStart;
    this.keyLength = current.keyLength;
    this.sequence = current.sequence;
    this.kind = current.kind;
    this.value = current.value;
    this.valueStart = current.valueStart;
    this.valueLength = current.valueLength;
    this.valid = true;
  }
}

/** Index of the first part whose largest user key is not below the given one; `parts.length` if none is. */
export function findPart(parts: readonly RunPart[], key: Uint8Array, start: number, length: number): number {
  let low = 0;
  let high = parts.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const largest = parts[middle].largest;
    if (compareBytes(largest, 0, largest.length, key, start, length) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}
