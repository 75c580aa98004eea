/**
 * What a database must answer, by the simplest means: an array with a place for each key of the pool, in their
 * order. A snapshot shares it until the next write.
 */
import type { Answer } from './answer.ts';
import { entryPrint } from './fingerprint.ts';
import { chosen, takeOut } from './held.ts';
import type { KeyPool } from './key-pool.ts';
import type { Ends, FaultyOperation, Key, Move, Operation, Value, Walk, Write } from './operations.ts';

/** The value of every key; null where there is none. */
export type State = readonly (Value | null)[];

/** Writes that are applied together or not at all. */
export type Commit = readonly Write[];

/** A cursor or iterator: the keys from `from` to before `to`, and the one it stands on, or -1. */
interface Position {
  readonly state: State;
  readonly from: Key;
  readonly to: Key;
  at: Key;
}

interface ModelIterator extends Position {
  readonly reverse: boolean;
  readonly canSeek: boolean;
  /** The next key that may be given, and how many more may. */
  next: Key;
  left: number;
}

/** What is held at most of each kind. */
export const HELD = 6;

export class Model {
  readonly #pool: KeyPool;
  #state: (Value | null)[];
  #shared = false;
  #snapshots: State[] = [];
  #cursors: Position[] = [];
  #iterators: ModelIterator[] = [];
  #durable: State;
  #undurable: Commit[] = [];
  #uncertain: { readonly before: State; readonly commits: readonly Commit[] };

  constructor(pool: KeyPool) {
    this.#pool = pool;
    this.#state = new Array(pool.keys.length).fill(null);
    this.#durable = this.#share();
    this.#uncertain = { before: this.#durable, commits: [] };
  }

  /** For a power cut or a fault that was just performed: what was durable before, and the commits since, in order. */
  get uncertain(): { readonly before: State; readonly commits: readonly Commit[] } {
    return this.#uncertain;
  }

  perform(operation: Operation, answer: Answer): void {
    switch (operation.kind) {
      case 'write':
        this.#write(operation);
        break;
      case 'clear':
        this.#clear(operation.walk);
        break;
      case 'get':
      case 'get at once':
        answer.known(this.#view(operation.live)[operation.key]);
        break;
      case 'has':
        answer.flag(this.#view(operation.live)[operation.key] !== null);
        break;
      case 'get many':
        for (const key of operation.keys) answer.known(this.#view(operation.live)[key]);
        break;
      case 'has many':
        for (const key of operation.keys) answer.flag(this.#view(operation.live)[key] !== null);
        break;
      case 'scan': {
        const { what } = operation;
        const iterator = this.#iterator(operation.walk);
        for (let key = step(iterator); key !== -1; key = step(iterator)) {
          if (what !== 'values') answer.known(this.#pool.keys[key]);
          if (what !== 'keys') answer.known(iterator.state[key]);
        }
        break;
      }
      case 'iterator':
        if (this.#iterators.length < HELD) this.#iterators.push(this.#iterator(operation.walk));
        break;
      case 'read':
        this.#read(operation, answer);
        break;
      case 'seek':
        this.#seek(operation);
        break;
      case 'close iterator':
        takeOut(this.#iterators, operation.iterator);
        break;
      case 'cursor':
        this.#openCursor(operation.ends, operation.live);
        break;
      case 'move': {
        const cursor = chosen(this.#cursors, operation.cursor);
        if (cursor !== undefined) for (const move of operation.moves) this.#move(cursor, move, answer);
        break;
      }
      case 'close cursor':
        takeOut(this.#cursors, operation.cursor);
        break;
      case 'snapshot':
        if (this.#snapshots.length < HELD) this.#snapshots.push(this.#share());
        break;
      case 'close snapshot':
        takeOut(this.#snapshots, operation.live);
        break;
      case 'flush':
      case 'sync':
      case 'compact':
        this.#allDurable();
        break;
      case 'approximate size':
      case 'stats':
      case 'verify':
        break;
      case 'checkpoint':
        this.#allDurable();
        this.#everything(this.#state, answer);
        break;
      case 'examine':
        this.#examine(answer);
        break;
      case 'fault':
        this.#allDurable();
        for (const inner of operation.within) this.#withinFault(inner);
        this.#restart(answer);
        break;
      case 'reopen':
      case 'kill':
      case 'power cut':
      case 'repair':
        this.#restart(answer);
        break;
    }
  }

  #write({ how, writes, sync }: Operation & { readonly kind: 'write' }): void {
    if (how === 'one by one') for (const write of writes) this.#commit([write]);
    else this.#commit(writes);
    if (sync) this.#allDurable();
  }

  /** A flush within a fault may fail: only the state before it is known to be durable. */
  #withinFault(operation: FaultyOperation): void {
    if (operation.kind === 'write') this.#commit(operation.writes);
  }

  #commit(writes: Commit): void {
    if (writes.length === 0) return;
    this.#own();
    for (const [key, value] of writes) this.#state[key] = value;
    this.#undurable.push(writes);
  }

  #clear(walk: Walk): void {
    const writes: Write[] = [];
    const iterator = this.#iterator(walk);
    for (let key = step(iterator); key !== -1; key = step(iterator)) writes.push([key, null]);
    this.#commit(writes);
  }

  #view(live: number | undefined): State {
    return (live === undefined ? undefined : chosen(this.#snapshots, live)) ?? this.#state;
  }

  #iterator({ ends, reverse, limit, live }: Walk): ModelIterator {
    const [from, to] = this.#pool.span(ends);
    const held = live === undefined ? undefined : chosen(this.#snapshots, live);
    return {
      state: held ?? this.#share(),
      from,
      to,
      at: -1,
      reverse,
      canSeek: limit === undefined,
      next: reverse ? to - 1 : from,
      left: limit === undefined || limit < 0 ? Number.POSITIVE_INFINITY : limit,
    };
  }

  #read({ iterator, how, count }: Operation & { readonly kind: 'read' }, answer: Answer): void {
    const held = chosen(this.#iterators, iterator);
    if (held === undefined) return;
    // Who asks for all that is left closes the iterator with that.
    if (how === 'all') this.#iterators.splice(this.#iterators.indexOf(held), 1);
    for (let i = 0; i < count || how === 'all'; i++) {
      const key = step(held);
      answer.flag(key !== -1);
      if (key === -1) return;
      answer.known(this.#pool.keys[key]);
      answer.known(held.state[key]);
    }
  }

  #seek({ iterator, key }: Operation & { readonly kind: 'seek' }): void {
    const held = chosen(this.#iterators, iterator);
    if (held === undefined || !held.canSeek) return;
    const isWithin = key >= held.from && key < held.to;
    held.next = isWithin ? key : held.reverse ? held.from - 1 : held.to;
  }

  #openCursor(ends: Ends, live: number | undefined): void {
    if (this.#cursors.length >= HELD) return;
    const held = live === undefined ? undefined : chosen(this.#snapshots, live);
    const [from, to] = this.#pool.span(ends);
    this.#cursors.push({ state: held ?? this.#share(), from, to, at: -1 });
  }

  /** A cursor that stands nowhere is not asked for the next or previous entry: nothing but an error comes of it. */
  #move(cursor: Position, move: Move, answer: Answer): void {
    const { from, to, at } = cursor;
    if (move === 'first') cursor.at = onwards(cursor, from);
    else if (move === 'last') cursor.at = backwards(cursor, to - 1);
    else if (move === 'next') cursor.at = at === -1 ? -1 : onwards(cursor, at + 1);
    else if (move === 'prev') cursor.at = at === -1 ? -1 : backwards(cursor, at - 1);
    else if ('seek' in move) cursor.at = onwards(cursor, Math.max(from, move.seek));
    else cursor.at = backwards(cursor, Math.min(to - 1, move.seekBack));
    this.#showCursor(cursor, answer);
  }

  #showCursor({ at, state }: Position, answer: Answer): void {
    answer.flag(at !== -1);
    if (at === -1) return;
    answer.known(this.#pool.keys[at]);
    answer.known(state[at]);
  }

  #examine(answer: Answer): void {
    for (const cursor of this.#cursors) this.#showCursor(cursor, answer);
    for (const state of [this.#state, ...this.#snapshots]) {
      this.#everything(state, answer);
      this.#everything(state, answer, true);
      for (const value of state) answer.known(value);
    }
  }

  #everything(state: State, answer: Answer, reverse = false): void {
    const last = state.length - 1;
    for (let i = 0; i <= last; i++) {
      const key = reverse ? last - i : i;
      if (state[key] === null) continue;
      answer.known(this.#pool.keys[key]);
      answer.known(state[key]);
    }
  }

  #restart(answer: Answer): void {
    this.#snapshots = [];
    this.#cursors = [];
    this.#iterators = [];
    this.#uncertain = { before: this.#durable, commits: this.#undurable };
    this.#allDurable();
    this.#everything(this.#state, answer);
  }

  #allDurable(): void {
    if (this.#undurable.length === 0) return;
    this.#durable = this.#share();
    this.#undurable = [];
  }

  #share(): State {
    this.#shared = true;
    return this.#state;
  }

  #own(): void {
    if (this.#shared) this.#state = [...this.#state];
    this.#shared = false;
  }
}

/** The sum of the prints of all entries. */
export function statePrint(state: State, pool: KeyPool): number {
  let sum = 0;
  for (const [key, value] of state.entries()) {
    if (value !== null) sum = (sum + entryPrint(pool.keys[key].print, value.print)) | 0;
  }
  return sum;
}

/** The next key of an iterator, or -1. */
function step(iterator: ModelIterator): Key {
  if (iterator.left <= 0) return -1;
  const { reverse, next } = iterator;
  const key = reverse ? backwards(iterator, next) : onwards(iterator, next);
  if (key === -1) {
    iterator.next = reverse ? iterator.from - 1 : iterator.to;
    return -1;
  }
  iterator.next = reverse ? key - 1 : key + 1;
  iterator.left -= 1;
  return key;
}

/** The first key from here on that has a value, or -1. */
function onwards({ state, to }: Position, key: Key): Key {
  for (let at = key; at < to; at++) if (state[at] !== null) return at;
  return -1;
}

function backwards({ state, from }: Position, key: Key): Key {
  for (let at = key; at >= from; at--) if (state[at] !== null) return at;
  return -1;
}
