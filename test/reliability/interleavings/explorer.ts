/**
 * Threads on one memtable, in every order in which their atomic accesses can come for short programs of two,
 * and in random ones for longer programs of three. Each operation must seem to happen at one moment between
 * its call and its return, and in the end the list must be whole.
 *
 * All orders are followed at once: where two of them lead to the same state, with the same results so far,
 * they are followed from there as one. So some thousand states stand for more orders than could be run.
 */
import assert from 'node:assert/strict';
import { GENERATORS_WORD } from '../../../src/memtable/arena.ts';
import { MemTable } from '../../../src/memtable/mem-table.ts';
import { linearize, type Timed } from '../../support/linearizable.ts';
import { Random } from '../../support/random.ts';
import type { Counts, Explorer } from '../explorer.ts';
import { assertWhole } from './assert-whole.ts';
import {
  ADDED,
  addedBy,
  type Done,
  type Entry,
  entryOf,
  inOrder,
  perform,
  sortedList,
} from './operations.ts';
import { type Program, programOf, type ThreadProgram } from './programs.ts';
import { type Body, SteppedMemory, type Weakness } from './stepped-memory.ts';

export const explorer: Explorer = {
  name: 'interleavings',
  unit: 'interleaved steps',
  budget: { test: 400_000, long: 40_000_000 },
  explore: (seed) => explore(programOf(seed), seed),
};

/** A program that comes to more states than this is too long to follow all its schedules. */
const MOST_STATES = 100_000;

/** How many random schedules it gets instead. */
const INSTEAD = 500;

export function explore(program: Program, seed: number, weakness?: Weakness): Counts {
  const exploration = new Exploration(program, weakness);
  if (program.schedules !== undefined) return exploration.some(program.schedules, seed);
  return exploration.all() ?? new Exploration(program, weakness).some(INSTEAD, seed);
}

class Exploration {
  readonly #program: Program;
  readonly #buffer: ArrayBuffer | SharedArrayBuffer;
  readonly #memory: SteppedMemory;
  readonly #initial: readonly Entry[];
  /** Which thread went at each step up to now. */
  readonly #schedule: number[] = [];
  /** How many ways lead from each state to an end. */
  readonly #ways = new Map<string, number>();
  #steps = 0;

  constructor(program: Program, weakness: Weakness | undefined) {
    this.#program = program;
    const table = MemTable.create(program.capacity);
    this.#buffer = table.buffer;
    for (const operation of program.before) perform(table, table.cursor(), operation);
    this.#initial = program.before.map(addedBy).sort(inOrder);
    const bodies = program.threads.map((thread): Body => this.#bodyOf(thread));
    this.#memory = new SteppedMemory(table.buffer, bodies, weakness);
    this.#memory.inCharge(() => {
      for (const [i, thread] of this.#memory.threads.entries()) {
        this.#memory.memory[GENERATORS_WORD] = program.threads[i].generator;
        this.#memory.advanceToOperation(thread);
      }
    });
  }

  /** Follows every schedule; undefined if there are too many. */
  all(): Counts | undefined {
    const schedules = this.#reporting(() => this.#memory.inCharge(() => this.#follow()));
    if (this.#ways.size > MOST_STATES) return undefined;
    return { 'programs in full': 1, [explorer.unit]: this.#steps, schedules };
  }

  /** Follows so many random ones. */
  some(schedules: number, seed: number): Counts {
    const random = new Random(seed);
    const start = this.#memory.now();
    for (let i = 0; i < schedules; i++) {
      this.#memory.goBack(start);
      this.#schedule.length = 0;
      this.#reporting(() => this.#memory.inCharge(() => this.#walk(random)));
    }
    return { 'programs in part': 1, [explorer.unit]: this.#steps, schedules };
  }

  #follow(): number {
    const key = this.#memory.keyOfNow();
    const known = this.#ways.get(key);
    if (known !== undefined) return known;
    if (this.#ways.size > MOST_STATES) return 0;
    const open = this.#open();
    let ways = 0;
    if (open.length === 0) {
      this.#check();
      ways = 1;
    }
    const now = this.#memory.now();
    for (const thread of open) {
      this.#step(thread);
      ways += this.#follow();
      this.#schedule.pop();
      this.#memory.goBack(now);
    }
    this.#ways.set(key, ways);
    return ways;
  }

  #walk(random: Random): void {
    let current = 0;
    for (let open = this.#open(); open.length > 0; open = this.#open()) {
      if (!open.includes(current) || random.oneIn(4)) current = open[random.below(open.length)];
      this.#step(current);
    }
    this.#check();
  }

  #open(): number[] {
    return this.#memory.threads.flatMap(({ over }, i) => (over ? [] : [i]));
  }

  #step(thread: number): void {
    this.#schedule.push(thread);
    this.#steps++;
    this.#memory.advance(this.#memory.threads[thread]);
  }

  /** When all threads are over. */
  #check(): void {
    const { threads } = this.#memory;
    for (const thread of threads) this.#memory.rerun(thread);
    const history = threads.flatMap((_, i) => this.#historyOf(i));
    assert.ok(linearize(sortedList(this.#initial), history), 'the operations can be put in an order');
    const added = history.filter(({ operation }) => operation.outcome === ADDED);
    const entries = [...this.#initial, ...added.map(({ operation }) => addedBy(operation.operation))];
    assertWhole(
      this.#buffer,
      entries,
      history.map(({ operation }) => operation),
    );
  }

  #historyOf(index: number): Timed<Done>[] {
    const thread = this.#memory.threads[index];
    let from: Entry | undefined;
    return this.#program.threads[index].operations.map((operation, i) => {
      const done: Done = { operation, outcome: thread.outcomes[i], from };
      if (operation.kind !== 'add' && operation.kind !== 'get') from = entryOf(done.outcome);
      return { operation: done, call: thread.calls[i].time, return: thread.returns[i] };
    });
  }

  #bodyOf({ operations }: ThreadProgram): Body {
    return (thread) => {
      const table = MemTable.attach(this.#buffer);
      const cursor = table.cursor();
      for (const operation of operations) {
        thread.operation(operation.kind === 'add', () => perform(table, cursor, operation));
      }
    };
  }

  /** Adds to an error what the threads did. */
  #reporting<Result>(work: () => Result): Result {
    try {
      return work();
    } catch (cause) {
      const threads = this.#program.threads.map(({ operations }, i) => {
        const { outcomes } = this.#memory.threads[i];
        const lines = operations.map((operation, j) => `${JSON.stringify(operation)}: ${outcomes[j]}`);
        return `thread ${i}\n  ${lines.join('\n  ')}`;
      });
      const before = this.#initial.map(({ text }) => text).join(' ');
      throw new Error(
        `in the order ${this.#schedule.join('')}, with ${before || 'nothing'} before\n${threads.join('\n')}`,
        { cause },
      );
    }
  }
}
