import { Cursor } from '../cursor/cursor.ts';
import {
  nodeKeyLength,
  nodeKeyStart,
  nodeKind,
  nodeSequence,
  nodeValueLength,
  nodeValueStart,
} from './node.ts';
import type { SkipList } from './skip-list.ts';

/**
 * Walks the versions of a memtable. Key and value stay where they are: the fields point into the arena, and
 * stay good after the next move too, until the memtable is reset.
 *
 * While others insert, it shows every entry that was there when the walk came by and perhaps later ones, in
 * order; a fixed view is made by leaving out sequences above a snapshot's.
 */
export class MemTableCursor extends Cursor {
  readonly #list: SkipList;
  readonly #words: Int32Array;
  #node = 0;

  constructor(list: SkipList) {
    super();
    this.#list = list;
    this.#words = list.arena.words;
    this.key = list.arena.bytes;
    this.value = list.arena.bytes;
  }

  override seekToFirst(): void {
    this.#show(this.#list.first());
  }

  override seekToLast(): void {
    this.#show(this.#list.last());
  }

  override seek(key: Uint8Array, start: number, length: number, sequence: number): void {
    this.#show(this.#list.seek(key, start, length, sequence));
  }

  override next(): void {
    this.#show(this.#list.next(this.#node));
  }

  /** Nodes know no way back, so this is a search. */
  override prev(): void {
    this.#show(this.#list.seekBefore(this.key, this.keyStart, this.keyLength, this.sequence));
  }

  #show(node: number): void {
    this.#node = node;
    this.valid = node !== 0;
    if (node === 0) return;
    const words = this.#words;
    this.keyStart = nodeKeyStart(words, node);
    this.keyLength = nodeKeyLength(words, node);
    this.sequence = nodeSequence(words, node);
    this.kind = nodeKind(words, node);
    this.valueStart = nodeValueStart(words, node);
    this.valueLength = nodeValueLength(words, node);
  }
}
