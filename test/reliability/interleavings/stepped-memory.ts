/**
 * Threads that go step by step, all on one thread, over the real code: a thread is run up to its next atomic
 * access and thrown out of it there. To go on it is run again from its beginning, with the results that its
 * accesses had so far, and without their effects. So a state of all threads is no more than the memory and
 * these results; it can be kept, gone back to and compared, which real threads do not offer, and a step costs
 * microseconds.
 *
 * A step is an atomic access, or the code between two of them in an operation that may write: another thread
 * may come before and after it. What it writes without atomics is done once, however often it is run again.
 * What it reads without them is read anew each time, and must never lead another way: it would be a data race.
 * That is why what a reader does between two accesses needs no step of its own.
 */

import assert from 'node:assert/strict';

/** What a thread does between its steps, with the same accesses whenever they have the same results. */
export type Body = (thread: SteppedThread) => void;

interface Access {
  readonly kind: keyof typeof PERFORM;
  readonly address: number;
  readonly a: number;
  readonly b: number;
}

/** Where a thread stands. */
interface Place {
  readonly steps: number;
  readonly pending: Access | undefined;
  readonly owes: boolean;
  readonly writes: boolean;
  readonly over: boolean;
  readonly outcomes: number;
  readonly begun: number;
}

/** Where all of them stand. */
export interface Moment {
  readonly memory: Int32Array;
  readonly clock: number;
  readonly places: readonly Place[];
}

const { load, store, add, sub, or, and, exchange, compareExchange } = Atomics;

const PERFORM = {
  load: (memory: Int32Array, at: number): number => load(memory, at),
  store: (memory: Int32Array, at: number, a: number): number => store(memory, at, a),
  add: (memory: Int32Array, at: number, a: number): number => add(memory, at, a),
  sub: (memory: Int32Array, at: number, a: number): number => sub(memory, at, a),
  or: (memory: Int32Array, at: number, a: number): number => or(memory, at, a),
  and: (memory: Int32Array, at: number, a: number): number => and(memory, at, a),
  exchange: (memory: Int32Array, at: number, a: number): number => exchange(memory, at, a),
  compareExchange: (memory: Int32Array, at: number, a: number, b: number): number =>
    compareExchange(memory, at, a, b),
  /** No access: a point between two operations. */
  pass: (): number => 0,
};

/** Thrown through the code of a thread to leave it. */
const LEAVE = Symbol('a thread stops here');

/** An operation that never ends would be a loop without a lock, which is a finding too. */
const MOST_STEPS = 2000;

/** How atomic accesses can be made less than atomic, to see that it is noticed. */
export interface Weakness {
  /** A compare-exchange, or any other that reads and writes, is a load and a store. */
  readonly torn?: boolean;
}

export class SteppedThread {
  /** Results of operations that are over. */
  readonly outcomes: string[] = [];
  /** For each operation begun: when it was called, and how many of each thread were over then. */
  readonly calls: { readonly time: number; readonly after: string }[] = [];
  /** When each of them was over. */
  readonly returns: number[] = [];
  over = false;
  /** Whether the code behind the last access is still to come. */
  owes = false;
  pending: Access | undefined;
  readonly accesses: Access[] = [];
  readonly results: number[] = [];
  /** One number for the results so far; equal for equal ones. */
  readonly histories: number[] = [0];
  at = 0;
  ended = 0;
  /** Whether the operation it is in may write. */
  writes = true;
  readonly #body: Body;
  readonly #memory: SteppedMemory;

  constructor(memory: SteppedMemory, body: Body) {
    this.#memory = memory;
    this.#body = body;
  }

  /** Runs an operation, with a point before it at which others may come. */
  operation(writes: boolean, run: () => string): void {
    this.#memory.access('pass', 0, writes ? 1 : 0, 0);
    const outcome = run();
    const index = this.ended++;
    if (index < this.outcomes.length) {
      if (this.outcomes[index] !== outcome) throw this.#race(`${this.outcomes[index]} became ${outcome}`);
      return;
    }
    this.outcomes.push(outcome);
    this.returns.push(this.#memory.tick());
  }

  /** The answer to an access that was made before, or undefined for a new one, which it is then left at. */
  answer(kind: Access['kind'], address: number, a: number, b: number): number {
    const at = this.at++;
    if (at >= this.results.length) {
      this.pending = { kind, address, a, b };
      throw LEAVE;
    }
    const access = this.accesses[at];
    if (access.kind !== kind || access.address !== address || access.a !== a || access.b !== b) {
      throw this.#race(`its access ${at} was another one`);
    }
    return this.results[at];
  }

  /** Runs from the beginning to the next access, or to the end. */
  run(): void {
    this.at = 0;
    this.ended = 0;
    this.pending = undefined;
    this.owes = false;
    try {
      this.#body(this);
      this.over = true;
    } catch (left) {
      if (left !== LEAVE) throw left;
    }
  }

  record(access: Access, result: number, history: number): void {
    this.accesses.push(access);
    this.results.push(result);
    this.histories.push(history);
    if (this.results.length > MOST_STEPS) throw new Error('an operation does not come to its end');
  }

  place(): Place {
    const { pending, owes, writes, over } = this;
    const { length: steps } = this.results;
    return { steps, pending, owes, writes, over, outcomes: this.outcomes.length, begun: this.calls.length };
  }

  goBack({ steps, pending, owes, writes, over, outcomes, begun }: Place): void {
    this.accesses.length = steps;
    this.results.length = steps;
    this.histories.length = steps + 1;
    this.outcomes.length = outcomes;
    this.returns.length = outcomes;
    this.calls.length = begun;
    this.pending = pending;
    this.owes = owes;
    this.writes = writes;
    this.over = over;
  }

  #race(what: string): Error {
    return new Error(`memory that was read without atomics changed under a thread: ${what}`);
  }
}

export class SteppedMemory {
  readonly memory: Int32Array;
  readonly threads: readonly SteppedThread[];
  readonly #bytes: Buffer;
  readonly #before: Int32Array;
  readonly #beforeBytes: Buffer;
  readonly #weakness: Weakness;
  /** Numbers of histories, by that of all but their last result and by that. */
  readonly #histories = new Map<number, number>();
  #running: SteppedThread | undefined;
  #clock = 0;

  constructor(buffer: ArrayBuffer | SharedArrayBuffer, bodies: readonly Body[], weakness: Weakness = {}) {
    this.memory = new Int32Array(buffer);
    this.#bytes = Buffer.from(buffer as ArrayBuffer);
    this.#before = new Int32Array(this.memory.length);
    this.#beforeBytes = Buffer.from(this.#before.buffer);
    this.#weakness = weakness;
    this.threads = bodies.map((body) => new SteppedThread(this, body));
  }

  /** Runs something with the atomics of all code in the hands of this memory. */
  inCharge<Result>(work: () => Result): Result {
    const torn = this.#weakness.torn === true;
    const through =
      (kind: Access['kind']) =>
      (array: Int32Array, index: number, a = 0, b = 0): number => {
        if (this.#running === undefined) return PERFORM[kind](array, index, a, b);
        const address = (array.byteOffset >>> 2) + index;
        return torn ? this.#tornAccess(kind, address, a, b) : this.access(kind, address, a, b);
      };
    const kinds = ['load', 'store', 'add', 'sub', 'or', 'and', 'exchange', 'compareExchange'] as const;
    Object.assign(Atomics, Object.fromEntries(kinds.map((kind) => [kind, through(kind)])));
    try {
      return work();
    } finally {
      Object.assign(Atomics, { load, store, add, sub, or, and, exchange, compareExchange });
    }
  }

  /** An access of the thread that is running. */
  access(kind: Access['kind'], address: number, a: number, b: number): number {
    const thread = this.#running;
    if (thread === undefined) throw new Error('a stepped operation runs in a stepped thread');
    const result = thread.answer(kind, address, a, b);
    // From here on its code is new, and finds the memory as it is.
    if (thread.at === thread.results.length) this.memory.set(this.#before);
    return result;
  }

  /** A time that was not before. */
  tick(): number {
    this.#clock += 1;
    return this.#clock;
  }

  /** Lets a thread that is not over go one step. */
  advance(thread: SteppedThread): void {
    if (thread.owes || thread.pending === undefined) {
      this.#run(thread);
      return;
    }
    this.#perform(thread, thread.pending);
    thread.owes = true;
    if (thread.writes) return;
    this.#run(thread);
    assert.ok(this.#bytes.equals(this.#beforeBytes), 'a reader does not write');
  }

  /** Lets a thread go up to the first point between its operations. */
  advanceToOperation(thread: SteppedThread): void {
    while (thread.pending?.kind !== 'pass') this.advance(thread);
  }

  /** Runs a thread that is over once more, for what it reads without atomics. */
  rerun(thread: SteppedThread): void {
    this.#run(thread);
  }

  now(): Moment {
    const places = this.threads.map((thread) => thread.place());
    return { memory: this.memory.slice(), clock: this.#clock, places };
  }

  goBack({ memory, clock, places }: Moment): void {
    this.memory.set(memory);
    this.#clock = clock;
    for (const [i, place] of places.entries()) this.threads[i].goBack(place);
  }

  /** The same for moments with the same past, as far as anybody could tell, and the same future. */
  keyOfNow(): string {
    const key = this.threads.map(({ histories, owes, outcomes, calls }) => {
      const order = calls.map(({ after }) => after).join();
      return `${histories[histories.length - 1]}${owes ? '+' : ''} ${outcomes.join()} ${order}`;
    });
    return `${key.join('|')}|${this.#bytes.toString('latin1')}`;
  }

  #run(thread: SteppedThread): void {
    this.#before.set(this.memory);
    this.#running = thread;
    try {
      thread.run();
    } finally {
      this.#running = undefined;
    }
  }

  #perform(thread: SteppedThread, access: Access): void {
    const { kind, address, a, b } = access;
    if (kind === 'pass') {
      const after = this.threads.map(({ outcomes }) => outcomes.length).join('.');
      thread.calls.push({ time: this.tick(), after });
      thread.writes = a === 1;
    }
    const result = PERFORM[kind](this.memory, address, a, b);
    const parent = thread.histories[thread.histories.length - 1];
    const step = parent * 2 ** 32 + (result >>> 0);
    let history = this.#histories.get(step);
    if (history === undefined) {
      history = this.#histories.size + 1;
      this.#histories.set(step, history);
    }
    thread.record(access, result, history);
  }

  #tornAccess(kind: Access['kind'], address: number, a: number, b: number): number {
    if (kind === 'load' || kind === 'store') return this.access(kind, address, a, b);
    const seen = this.access('load', address, 0, 0);
    const scratch = new Int32Array([seen]);
    PERFORM[kind](scratch, 0, a, b);
    if (scratch[0] !== seen) this.access('store', address, scratch[0], 0);
    return seen;
  }
}
