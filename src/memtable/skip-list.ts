import { copyBytes } from '../bytes/compare.ts';
import { assertInvariant } from '../errors.ts';
import { compareInternal, MAX_KEY_BYTES, trailerHigh, trailerLow } from '../keys/internal-key.ts';
import { type Arena, ENTRIES_WORD, GENERATORS_WORD, HEIGHT_WORD } from './arena.ts';
import { Fingers } from './fingers.ts';
import {
  HEAD,
  MAX_HEIGHT,
  nodeBytes,
  nodeKeyLength,
  nodeKeyStart,
  nodeSequence,
  nodeValueStart,
  TOWER,
  valueBytes,
  writeNodeHeader,
} from './node.ts';
import { SearchPath } from './search-path.ts';

/**
 * An ordered list of versions in an arena, for many writers and many readers on many threads, without a
 * lock. It only grows; nothing is ever unlinked, so nobody has to wait for a reader.
 *
 * Invariants:
 * 1. The nodes of a level are in internal key order, and each of them is on every level below it too,
 *    since an insertion links from the bottom upwards. Level 0 is the list; the others make it faster.
 * 2. A node is complete before a compare-exchange makes its address readable. Under the memory model of the
 *    language that is enough: atomics are sequentially consistent, so a thread that reads the address by
 *    `Atomics.load` also sees the plain writes that came before the compare-exchange, and, by way of the
 *    inserting thread, what that thread had seen. A word of a tower is written plainly only before the node
 *    is linked on that level, while no other thread has a way to it.
 * 3. An insertion takes effect when level 0 links the node. Whoever sees a node finds all that its thread
 *    had inserted before.
 *
 * The list is the arena's; the object holds the search paths and the random numbers of one thread. Every
 * thread attaches an object of its own.
 */
export class SkipList {
  readonly arena: Arena;
  readonly #lookup: SearchPath = new SearchPath();
  readonly #insertion: SearchPath = new SearchPath();
  /** The generation of the arena in which `insertion` describes the last node inserted here, or NONE. */
  #insertionGeneration = NONE;
  /** On which levels it does: those below this. */
  #insertionTop = 0;
  readonly #fingers: Fingers;
  /** The generation of the arena that the fingers are in. */
  #fingersGeneration = NONE;
  #random: number;

  /** An empty list in an arena that holds nothing else. */
  static create(arena: Arena): SkipList {
    const list = new SkipList(arena);
    list.clear();
    return list;
  }

  /** The list that `create` made in this arena, here or on another thread. */
  static attach(arena: Arena): SkipList {
    assertInvariant(Atomics.load(arena.words, HEIGHT_WORD) > 0, 'the arena holds a skiplist');
    return new SkipList(arena);
  }

  private constructor(arena: Arena) {
    this.arena = arena;
    this.#fingers = new Fingers(arena);
    // Objects draw different heights, or the tall nodes of all threads would come in step and contend.
    this.#random = Math.imul(Atomics.add(arena.words, GENERATORS_WORD, 1) + 1, 0x9e3779b1) | 1;
  }

  /** Makes the list empty and its memory free. The caller proves that no thread is using it. */
  clear(): void {
    const words = this.arena.words;
    this.arena.reset();
    const head = this.arena.allocate(HEAD_BYTES);
    assertInvariant(head === HEAD, 'an arena has room for the head of its list');
    writeNodeHeader(words, HEAD, 0, 0, MAX_HEIGHT, 0, 0);
    words.fill(0, HEAD + TOWER, HEAD + TOWER + MAX_HEIGHT);
    Atomics.store(words, HEIGHT_WORD, 1);
    Atomics.store(words, ENTRIES_WORD, 0);
  }

  /** Entries in the list; one that another thread has just inserted may be seen before it counts. */
  get size(): number {
    return Atomics.load(this.arena.words, ENTRIES_WORD);
  }

  /**
   * Adds a version. False, and nothing has happened, when the arena has no room for it. Throws
   * `LSM_INTERNAL` when the list already has this user key with this sequence.
   */
  insert(
    sequence: number,
    kind: number,
    key: Uint8Array,
    keyStart: number,
    keyLength: number,
    value: Uint8Array,
    valueStart: number,
    valueLength: number,
  ): boolean {
    assertInvariant(keyLength <= MAX_KEY_BYTES, 'a key fits its length field');
    const words = this.arena.words;
    const bytes = this.arena.bytes;
    const path = this.#insertion;
    const low = trailerLow(sequence, kind);
    const high = trailerHigh(sequence);

    const height = this.#randomHeight();
    const generation = this.arena.generation;
    const follows = this.#followsInsertion(height, generation, key, keyStart, keyLength, sequence);
    this.#insertionGeneration = NONE;
    if (!follows) this.#findPlace(height, generation, key, keyStart, keyLength, sequence);

    const node = this.arena.allocate(nodeBytes(height, keyLength), valueBytes(valueLength));
    if (node === 0) return false;
    writeNodeHeader(words, node, low, high, height, keyLength, this.arena.back);
    copyBytes(key, keyStart, keyLength, bytes, nodeKeyStart(words, node));
    if (valueLength > 0) {
      words[this.arena.back] = valueLength;
      copyBytes(value, valueStart, valueLength, bytes, nodeValueStart(words, node));
    }

    for (let level = 0; level < height; level++) {
      for (;;) {
        const next = path.after[level];
        words[node + TOWER + level] = next;
        if (Atomics.compareExchange(words, path.before[level] + TOWER + level, next, node) === next) break;
        // Another thread came between. From the top and not from `before`, which may be far behind by now
        // when it was left by an earlier insertion.
        const top = Math.max(Atomics.load(words, HEIGHT_WORD) - 1, level);
        path.search(words, bytes, HEAD, 0, 0, top, level, key, keyStart, keyLength, low >>> 8, high);
        assertInvariant(!path.exact, 'a version is inserted once');
      }
      path.before[level] = node;
    }
    this.#insertionGeneration = generation;
    this.#raiseTo(height);
    if (height >= this.#fingers.height) this.#fingers.add(node);
    Atomics.add(words, ENTRIES_WORD, 1);
    return true;
  }

  /** The first node at or after (user key, sequence) in internal order, 0 for none. */
  seek(key: Uint8Array, keyStart: number, keyLength: number, sequence: number): number {
    this.#find(key, keyStart, keyLength, sequence);
    return this.#lookup.after[0];
  }

  /** The last node before (user key, sequence) in internal order, 0 for none. */
  seekBefore(key: Uint8Array, keyStart: number, keyLength: number, sequence: number): number {
    this.#find(key, keyStart, keyLength, sequence);
    const node = this.#lookup.before[0];
    return node === HEAD ? 0 : node;
  }

  /** The first node, 0 for none. */
  first(): number {
    return this.next(HEAD);
  }

  /** The last node, 0 for none. */
  last(): number {
    const words = this.arena.words;
    let node = HEAD;
    for (let level = Atomics.load(words, HEIGHT_WORD) - 1; level >= 0; level--) {
      for (let next = node; next !== 0; next = Atomics.load(words, node + TOWER + level)) node = next;
    }
    return node === HEAD ? 0 : node;
  }

  /** The node after this one, 0 for none. */
  next(node: number): number {
    return Atomics.load(this.arena.words, node + TOWER);
  }

  #find(key: Uint8Array, keyStart: number, keyLength: number, sequence: number): void {
    const { words, bytes, generation } = this.arena;
    const low = trailerLow(sequence, 0) >>> 8;
    const high = trailerHigh(sequence);
    const path = this.#lookup;
    const fingers = this.#fingers;
    if (generation === this.#fingersGeneration && fingers.count > 0) {
      fingers.seek(key, keyStart, keyLength, sequence);
      const { node, bound, shared, height } = fingers;
      path.search(words, bytes, node, bound, shared, height - 1, 0, key, keyStart, keyLength, low, high);
    } else {
      const top = Atomics.load(words, HEIGHT_WORD) - 1;
      path.search(words, bytes, HEAD, 0, 0, top, 0, key, keyStart, keyLength, low, high);
    }
  }

  /** Makes `insertion` the path to where a node belongs, on all levels or on those that its tower needs and more. */
  #findPlace(
    height: number,
    generation: number,
    key: Uint8Array,
    keyStart: number,
    keyLength: number,
    sequence: number,
  ): void {
    const { words, bytes } = this.arena;
    const low = trailerLow(sequence, 0) >>> 8;
    const high = trailerHigh(sequence);
    const path = this.#insertion;
    const fingers = this.#fingers;
    if (generation !== this.#fingersGeneration) {
      fingers.clear();
      this.#fingersGeneration = generation;
    }
    if (height <= fingers.height && fingers.count > 0) {
      fingers.seek(key, keyStart, keyLength, sequence);
      assertInvariant(!fingers.exact, 'a version is inserted once');
      const { node, bound, shared } = fingers;
      const top = fingers.height;
      path.search(words, bytes, node, bound, shared, top - 1, 0, key, keyStart, keyLength, low, high);
      this.#insertionTop = top;
    } else {
      const top = Atomics.load(words, HEIGHT_WORD);
      path.search(words, bytes, HEAD, 0, 0, top - 1, 0, key, keyStart, keyLength, low, high);
      path.before.fill(HEAD, top);
      path.after.fill(0, top);
      this.#insertionTop = MAX_HEIGHT;
    }
    assertInvariant(!path.exact, 'a version is inserted once');
  }

  /**
   * Whether the key comes right behind the last insertion of this object: then the path of that one holds
   * for it, as far up as it goes. Ascending keys are inserted without a search; others pay 0.05 us for the comparison.
   */
  #followsInsertion(
    height: number,
    generation: number,
    key: Uint8Array,
    keyStart: number,
    keyLength: number,
    sequence: number,
  ): boolean {
    if (this.#insertionGeneration !== generation || height > this.#insertionTop) return false;
    const path = this.#insertion;
    const last = path.before[0];
    if (this.#compare(last, key, keyStart, keyLength, sequence) >= 0) return false;
    const next = this.next(last);
    if (next !== 0 && this.#compare(next, key, keyStart, keyLength, sequence) <= 0) return false;
    path.after[0] = next;
    return true;
  }

  #compare(node: number, key: Uint8Array, start: number, length: number, sequence: number): number {
    const { words, bytes } = this.arena;
    const nodeStart = nodeKeyStart(words, node);
    const nodeLength = nodeKeyLength(words, node);
    return compareInternal(
      bytes,
      nodeStart,
      nodeLength,
      nodeSequence(words, node),
      key,
      start,
      length,
      sequence,
    );
  }

  /** 1 with probability 3/4, 2 with 3/16, and so on: Marsaglia's xorshift, two bits a level. */
  #randomHeight(): number {
    let bits = this.#random;
    bits ^= bits << 13;
    bits ^= bits >>> 17;
    bits ^= bits << 5;
    this.#random = bits;
    let height = 1;
    for (; height < MAX_HEIGHT && (bits & 3) === 0; bits >>>= 2) height++;
    return height;
  }

  #raiseTo(height: number): void {
    const words = this.arena.words;
    let seen = Atomics.load(words, HEIGHT_WORD);
    while (seen < height) {
      const found = Atomics.compareExchange(words, HEIGHT_WORD, seen, height);
      if (found === seen) return;
      seen = found;
    }
  }
}

const HEAD_BYTES: number = nodeBytes(MAX_HEIGHT, 0);

/** No generation: they count from 0 upwards. */
const NONE = -1;
