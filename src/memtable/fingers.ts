import { commonPrefixLength, compareBytes } from '../bytes/compare.ts';
import { compareInternal } from '../keys/internal-key.ts';
import type { Arena } from './arena.ts';
import { HEAD, MAX_HEIGHT, nodeHeight, nodeKeyLength, nodeKeyStart, nodeSequence } from './node.ts';

/**
 * Where the searches of one thread begin: the tall nodes that it inserted, in order, each with six bytes of its
 * key, in two arrays. A binary search in those stays in the nearest cache and takes the place of all levels of
 * the list but the lowest two or three; there, every comparison is a node elsewhere in memory. (The idea is
 * that of finger search: Guibas, McCreight, Plass, Roberts 1977.)
 *
 * Invariant: `nodes` are in internal order, each with a tower of at least `height`; their keys share the first
 * `shared` bytes, and `heads` are the six bytes behind those. Nothing says that all tall nodes are there: those of
 * other threads are not. A search may begin at any node before what it looks for, since none is ever unlinked.
 */
export class Fingers {
  /** All nodes here are on the levels below this. */
  height = 1;
  /** What {@link seek} found: the last node here before the key, or the head of the list. */
  node: number = HEAD;
  /** The first node here at or after the key, or 0. */
  bound = 0;
  /** How many bytes the key shares with whatever lies between the two. */
  shared = 0;
  /** Whether `bound` has exactly this user key and sequence. */
  exact = false;

  readonly #arena: Arena;
  readonly #limit: number;
  #nodes: Int32Array = new Int32Array(64);
  /** Six bytes as one number: what a double holds without loss, and compares at once. */
  #heads: Float64Array = new Float64Array(64);
  #count = 0;
  #shared = 0;
  /** Where in `nodes` the bound is. */
  #at = 0;

  /** At most `limit` nodes: with so many, the lower ones are dropped. */
  constructor(arena: Arena, limit: number = MOST_NODES) {
    this.#arena = arena;
    this.#limit = limit;
  }

  get count(): number {
    return this.#count;
  }

  clear(): void {
    this.#count = 0;
    this.height = 1;
  }

  /** Finds the two nodes here between which (user key, sequence) lies. */
  seek(key: Uint8Array, start: number, length: number, sequence: number): void {
    const count = this.#count;
    const shared = this.#shared;
    const nodes = this.#nodes;
    this.exact = false;
    let low = 0;
    let high = count;
    const side = count === 0 ? 0 : this.#compareBeginning(key, start, length);
    if (side < 0) high = 0;
    else if (side > 0) low = count;
    const heads = this.#heads;
    const head = headOf(key, start + shared, start + length);
    while (low < high) {
      const middle = (low + high) >>> 1;
      const other = heads[middle];
      if (other < head) low = middle + 1;
      else if (other > head) high = middle;
      else {
        const order = this.#compare(nodes[middle], key, start, length, sequence);
        if (order < 0) low = middle + 1;
        else high = middle;
        if (order === 0) this.exact = true;
      }
    }
    this.#at = low;
    this.node = low === 0 ? HEAD : nodes[low - 1];
    this.bound = low === count ? 0 : nodes[low];
    this.shared = low === 0 || low === count ? 0 : shared;
  }

  /** Takes in a node of at least `height` that was inserted just now. */
  add(node: number): void {
    const { words, bytes } = this.#arena;
    if (this.#count === this.#limit) this.#thinOut();
    if (this.#count === this.#limit || nodeHeight(words, node) < this.height) return;
    const start = nodeKeyStart(words, node);
    const length = nodeKeyLength(words, node);
    this.seek(bytes, start, length, nodeSequence(words, node));
    const at = this.#at;
    const count = this.#count;
    if (count === this.#nodes.length) this.#grow();
    this.#nodes.copyWithin(at + 1, at, count);
    this.#heads.copyWithin(at + 1, at, count);
    this.#nodes[at] = node;
    this.#heads[at] = headOf(bytes, start + this.#shared, start + length);
    this.#count = count + 1;
    // What the first and the last share is shared by all between them.
    if (at === 0 || at === count) this.#shareLess();
  }

  /** Where a key lies by its first bytes: before all nodes here, after them, or, if it shares those, among them. */
  #compareBeginning(key: Uint8Array, start: number, length: number): number {
    const { words, bytes } = this.#arena;
    const from = nodeKeyStart(words, this.#nodes[0]);
    const shared = this.#shared;
    return compareBytes(key, start, Math.min(length, shared), bytes, from, shared);
  }

  #compare(node: number, key: Uint8Array, start: number, length: number, sequence: number): number {
    const { words, bytes } = this.#arena;
    const nodeStart = nodeKeyStart(words, node);
    const nodeLength = nodeKeyLength(words, node);
    const nodeSeq = nodeSequence(words, node);
    return compareInternal(bytes, nodeStart, nodeLength, nodeSeq, key, start, length, sequence);
  }

  #shareLess(): void {
    const { words, bytes } = this.#arena;
    const nodes = this.#nodes;
    const first = nodes[0];
    const last = nodes[this.#count - 1];
    const shared = commonPrefixLength(
      bytes,
      nodeKeyStart(words, first),
      nodeKeyLength(words, first),
      bytes,
      nodeKeyStart(words, last),
      nodeKeyLength(words, last),
    );
    if (this.#count > 1 && shared === this.#shared) return;
    this.#shared = shared;
    for (let i = 0; i < this.#count; i++) {
      const start = nodeKeyStart(words, nodes[i]);
      this.#heads[i] = headOf(bytes, start + shared, start + nodeKeyLength(words, nodes[i]));
    }
  }

  /** Keeps the taller nodes only, about a quarter. */
  #thinOut(): void {
    const { words } = this.#arena;
    while (this.#count === this.#limit && this.height < MAX_HEIGHT) {
      this.height += 1;
      let kept = 0;
      for (let i = 0; i < this.#count; i++) {
        const node = this.#nodes[i];
        if (nodeHeight(words, node) < this.height) continue;
        this.#nodes[kept] = node;
        this.#heads[kept] = this.#heads[i];
        kept += 1;
      }
      this.#count = kept;
    }
  }

  #grow(): void {
    const nodes = new Int32Array(2 * this.#nodes.length);
    const heads = new Float64Array(nodes.length);
    nodes.set(this.#nodes);
    heads.set(this.#heads);
    this.#nodes = nodes;
    this.#heads = heads;
  }
}

/** With 1,024 to 4,096 nodes the arrays fill the nearest cache, and moving their ends up costs little. */
const MOST_NODES = 4096;

const HEAD_BYTES = 6;
const TWO_TO_24 = 0x100_0000;

/** The six bytes at `at`, with zeros from `end` on: heads that differ are in the order of their keys. */
function headOf(bytes: Uint8Array, at: number, end: number): number {
  if (end - at >= HEAD_BYTES) {
    const high = (bytes[at] << 16) | (bytes[at + 1] << 8) | bytes[at + 2];
    return high * TWO_TO_24 + ((bytes[at + 3] << 16) | (bytes[at + 4] << 8) | bytes[at + 5]);
  }
  let head = 0;
  for (let i = at; i < at + HEAD_BYTES; i++) head = head * 256 + (i < end ? bytes[i] : 0);
  return head;
}
