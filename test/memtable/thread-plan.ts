/** What the threads of threads.test.ts share: the plan of a run, the patterns of keys, and the barrier. */
import { compareBytes } from '../../src/bytes/compare.ts';
import { readU16, writeU16 } from '../../src/bytes/integers.ts';
import type { Cursor } from '../../src/cursor/cursor.ts';
import { KIND_PUT } from '../../src/keys/internal-key.ts';
import type { MemTable } from '../../src/memtable/mem-table.ts';

/** The data that a thread is started with. */
export interface Plan {
  readonly buffer: SharedArrayBuffer | ArrayBuffer;
  readonly control: Int32Array;
  readonly writers: number;
  readonly readers: number;
  readonly rounds: number;
  /** Insertions of each writer in each round. */
  readonly insertions: number;
  readonly pattern: PatternName;
}

export interface Role {
  readonly plan: Plan;
  /** Writers come first: 0 to `writers - 1`. */
  readonly thread: number;
}

export type Report = { readonly failure: string } | { readonly partialViews: number };

export type PatternName = 'disjoint' | 'adjacent' | 'appending' | 'versions' | 'scattered' | 'duel';

interface Pattern {
  /** The key of a writer's i-th insertion, as a u8, a u16 and a u8. */
  readonly key: (writer: number, i: number, insertions: number) => readonly [number, number, number];
  /** The direction in which a writer's earlier entries come behind its later ones. */
  readonly walk: 'forwards' | 'backwards' | 'any';
}

const PATTERNS: Readonly<Record<PatternName, Pattern>> = {
  /** Every writer in a range of its own. */
  disjoint: { key: (writer, i, insertions) => [writer, insertions - i, 0], walk: 'forwards' },
  /** All writers insert at one point: each new key right before all the others. */
  adjacent: { key: (writer, i, insertions) => [1, insertions - i, writer], walk: 'forwards' },
  /** All writers append, each of them behind its last key. */
  appending: { key: (writer, i) => [1, i, writer], walk: 'backwards' },
  /** One key; the sequences alone differ. */
  versions: { key: () => [1, 1, 1], walk: 'forwards' },
  /** All over the place. */
  scattered: { key: (writer, i) => [(i * 167) & 0xff, i, writer], walk: 'any' },
  /** All writers try to insert the same, and one of them may. */
  duel: { key: (_writer, i, insertions) => [1, insertions - i, 1], walk: 'any' },
};

export function sequenceOf(plan: Plan, writer: number, i: number): number {
  return plan.pattern === 'duel' ? i + 1 : i * plan.writers + writer + 1;
}

/** Words of `Plan.control`. */
export const ARRIVED = 0;
export const PHASE = 1;
export const WRITERS_DONE = 2;
export const INSERTED = 3;
export const CONTROL_WORDS = 4;

const DEADLOCK_MILLISECONDS = 60_000;

/** Waits until all threads of the plan are here. */
export function barrier(plan: Plan): void {
  const { control, writers, readers } = plan;
  const phase = Atomics.load(control, PHASE);
  if (Atomics.add(control, ARRIVED, 1) + 1 === writers + readers) {
    Atomics.store(control, ARRIVED, 0);
    Atomics.add(control, PHASE, 1);
    Atomics.notify(control, PHASE);
    return;
  }
  while (Atomics.load(control, PHASE) === phase) {
    if (Atomics.wait(control, PHASE, phase, DEADLOCK_MILLISECONDS) === 'timed-out') {
      throw new Error('the other threads did not come');
    }
  }
}

export const KEY_BYTES = 4;
export const VALUE_BYTES = 3;

const scratch = new Uint8Array(KEY_BYTES + VALUE_BYTES);

/** Inserts a writer's i-th entry. The value says whose it is, so that a reader can check it. */
export function insert(table: MemTable, plan: Plan, writer: number, i: number): boolean {
  writeKey(plan, writer, i);
  scratch[KEY_BYTES] = writer;
  writeU16(scratch, KEY_BYTES + 1, i);
  const sequence = sequenceOf(plan, writer, i);
  return table.add(sequence, KIND_PUT, scratch, 0, KEY_BYTES, scratch, KEY_BYTES, VALUE_BYTES);
}

/** The key of a writer's i-th entry, in the first bytes of an array that is used again. */
export function writeKey(plan: Plan, writer: number, i: number): Uint8Array {
  const [first, middle, last] = PATTERNS[plan.pattern].key(writer, i, plan.insertions);
  scratch[0] = first;
  scratch[1] = middle >>> 8;
  scratch[2] = middle;
  scratch[3] = last;
  return scratch;
}

/**
 * Walks all entries and checks each one's bytes, their order, and that the view is closed: behind a writer's
 * i-th entry, in the direction of the walk, all its earlier ones must come. Returns the entries seen.
 */
export function checkedWalk(cursor: Cursor, plan: Plan): number {
  const walk = PATTERNS[plan.pattern].walk;
  const lastOf: number[] = Array.from({ length: plan.writers }, () => -1);
  const previousKey = new Uint8Array(KEY_BYTES);
  let previousSequence = 0;
  let seen = 0;
  if (walk === 'backwards') cursor.seekToLast();
  else cursor.seekToFirst();
  while (cursor.valid) {
    const writer = cursor.value[cursor.valueStart];
    const i = readU16(cursor.value, cursor.valueStart + 1);
    expect(
      cursor.valueLength === VALUE_BYTES && writer < plan.writers && i < plan.insertions,
      'a value is whole',
    );
    const key = writeKey(plan, writer, i);
    expect(
      compareBytes(key, 0, KEY_BYTES, cursor.key, cursor.keyStart, cursor.keyLength) === 0,
      'a key is whole',
    );
    expect(cursor.kind === KIND_PUT && cursor.sequence === sequenceOf(plan, writer, i), 'a trailer is whole');
    if (seen > 0) {
      let order =
        compareBytes(previousKey, 0, KEY_BYTES, key, 0, KEY_BYTES) || cursor.sequence - previousSequence;
      if (walk === 'backwards') order = -order;
      expect(order < 0, 'entries are in order');
    }
    if (walk !== 'any') {
      expect(lastOf[writer] === -1 || lastOf[writer] === i + 1, `entry ${i + 1} is not seen without ${i}`);
      lastOf[writer] = i;
    }
    previousKey.set(key.subarray(0, KEY_BYTES));
    previousSequence = cursor.sequence;
    seen++;
    if (walk === 'backwards') cursor.prev();
    else cursor.next();
  }
  for (const i of lastOf) expect(i <= 0, 'the first entry is seen when later ones are');
  return seen;
}

export function expect(condition: boolean, rule: string): asserts condition {
  if (!condition) throw new Error(`violated: ${rule}`);
}
