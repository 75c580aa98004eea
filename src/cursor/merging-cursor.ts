/**
 * Merges cursors into one, in internal order. The children stand in a binary heap, the nearest entry on
 * top. While one child keeps winning, a step costs a single comparison: with the runner-up, which is
 * remembered until the heap changes.
 *
 * Invariant: going forward, every child stands on its first entry after the current one; going backward,
 * on its last entry before it. Turning round seeks the children anew.
 */
import { compareInternal } from '../keys/internal-key.ts';
import { Cursor } from './cursor.ts';
import type { Stretch } from './stretch.ts';

/** A look ahead costs as much as about two steps, so it has to find more entries than that. */
const WORTHWHILE = 4;
const MOST_PATIENCE = 16;

export class MergingCursor extends Cursor {
  #children: readonly Cursor[];
  /** How many bytes all keys of the children have in common: they need not be compared. */
  readonly #shared: number;
  /** The valid children, as a heap in the direction of travel. */
  readonly #heap: Cursor[] = [];
  /** The smaller of the two children below the top, if it is known. */
  #runnerUp: Cursor | undefined;
  #forward = true;
  /** How many steps in a row left the top where it was, and after how many it pays to look ahead. */
  #wins = 0;
  #patience = 1;

  /**
   * Takes over the children and closes them when it is closed. All their keys are known to have their first `shared`
   * bytes in common.
   */
  constructor(children: readonly Cursor[], shared = 0) {
    super();
    this.#children = children;
    this.#shared = shared;
  }

  /** Takes over other children; the cursor stands nowhere then. Those it had must be closed already. */
  replace(children: readonly Cursor[]): void {
    this.valid = false;
    this.#heap.length = 0;
    this.#children = children;
  }

  override seekToFirst(): void {
    this.valid = false;
    this.#forward = true;
    for (const child of this.#children) child.seekToFirst();
    this.#rebuild();
  }

  override seekToLast(): void {
    this.valid = false;
    this.#forward = false;
    for (const child of this.#children) child.seekToLast();
    this.#rebuild();
  }

  override seek(key: Uint8Array, start: number, length: number, sequence: number): void {
    this.valid = false;
    this.#forward = true;
    for (const child of this.#children) child.seek(key, start, length, sequence);
    this.#rebuild();
  }

  override next(): void {
    this.valid = false;
    const top = this.#heap[0];
    if (!this.#forward) {
      this.#forward = true;
      for (const child of this.#children) {
        if (child !== top) child.seek(top.key, top.keyStart, top.keyLength, top.sequence);
      }
      top.next();
      this.#rebuild();
      return;
    }
    top.next();
    this.#settleTop(top);
  }

  override prev(): void {
    this.valid = false;
    const top = this.#heap[0];
    if (this.#forward) {
      this.#forward = false;
      for (const child of this.#children) {
        if (child !== top) seekBefore(child, top.key, top.keyStart, top.keyLength, top.sequence);
      }
      top.prev();
      this.#rebuild();
      return;
    }
    top.prev();
    this.#settleTop(top);
  }

  /**
   * While the same child keeps winning: what it has before the runner-up, which one search in its block tells.
   * Where that was little, children alternate, and it takes longer until this is tried again.
   */
  override ahead(into: Stretch, forward: boolean, most: number, bound: Cursor | undefined): void {
    into.count = 0;
    const runnerUp = this.#runnerUp;
    if (runnerUp === undefined) this.#heap[0].ahead(into, forward, most, bound);
    else if (this.#wins >= this.#patience) {
      const nearer = bound !== undefined && this.#before(bound, runnerUp) ? bound : runnerUp;
      this.#heap[0].ahead(into, forward, most, nearer);
      const isLittle = into.count < Math.min(most, WORTHWHILE);
      this.#patience = isLittle ? Math.min(MOST_PATIENCE, 2 * this.#patience) : 1;
      this.#wins = 0;
    }
  }

  override skip(entries: number, forward: boolean): void {
    this.valid = false;
    this.#heap[0].skip(entries, forward);
    this.#show();
  }

  override close(): void {
    super.close();
    for (const child of this.#children) child.close();
  }

  /** After the top moved: puts it where it belongs now. */
  #settleTop(top: Cursor): void {
    const heap = this.#heap;
    this.#wins += 1;
    if (!top.valid) {
      this.#wins = 0;
      const last = heap.pop();
      if (last !== undefined && last !== top) heap[0] = last;
      this.#runnerUp = undefined;
      if (heap.length > 1) this.#siftDown(0);
    } else if (this.#runnerUp === undefined || this.#before(this.#runnerUp, top)) {
      this.#runnerUp = undefined;
      this.#wins = 0;
      if (heap.length > 1) this.#siftDown(0);
    }
    this.#show();
  }

  #rebuild(): void {
    const heap = this.#heap;
    heap.length = 0;
    for (const child of this.#children) if (child.valid) heap.push(child);
    for (let at = (heap.length >> 1) - 1; at >= 0; at--) this.#siftDown(at);
    this.#runnerUp = undefined;
    this.#wins = 0;
    this.#show();
  }

  #show(): void {
    const heap = this.#heap;
    if (heap.length === 0) {
      this.valid = false;
      return;
    }
    if (this.#runnerUp === undefined && heap.length > 1) {
      this.#runnerUp = heap.length > 2 && this.#before(heap[2], heap[1]) ? heap[2] : heap[1];
    }
    const top = heap[0];
    this.key = top.key;
    this.keyStart = top.keyStart;
    this.keyLength = top.keyLength;
    this.sequence = top.sequence;
    this.kind = top.kind;
    this.value = top.value;
    this.valueStart = top.valueStart;
    this.valueLength = top.valueLength;
    this.valid = true;
  }

  #siftDown(from: number): void {
    const heap = this.#heap;
    const size = heap.length;
    const moving = heap[from];
    let at = from;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= size) break;
      if (child + 1 < size && this.#before(heap[child + 1], heap[child])) child++;
      if (!this.#before(heap[child], moving)) break;
      heap[at] = heap[child];
      at = child;
    }
    heap[at] = moving;
  }

  /** Whether `a` comes before `b` in the direction of travel. */
  #before(a: Cursor, b: Cursor): boolean {
    const shared = this.#shared;
    const order = compareInternal(
      a.key,
      a.keyStart + shared,
      a.keyLength - shared,
      a.sequence,
      b.key,
      b.keyStart + shared,
      b.keyLength - shared,
      b.sequence,
    );
    return this.#forward ? order < 0 : order > 0;
  }
}

/** Moves a cursor to the last entry before (user key, sequence) in internal order. */
export function seekBefore(
  cursor: Cursor,
  key: Uint8Array,
  start: number,
  length: number,
  sequence: number,
): void {
  cursor.seek(key, start, length, sequence);
  if (cursor.valid) cursor.prev();
  else cursor.seekToLast();
}
