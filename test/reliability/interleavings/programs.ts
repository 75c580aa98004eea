/**
 * The programs that threads run: first every short one of two threads, in one neighbourhood of the list, with
 * low and tall towers, in an empty list and between others, and with room for one of them; then random ones.
 */

import { GENERATORS_WORD } from '../../../src/memtable/arena.ts';
import { MemTable } from '../../../src/memtable/mem-table.ts';
import { NODE_SIZES } from '../../../src/memtable/node.ts';
import { Random } from '../../support/random.ts';
import type { Operation } from './operations.ts';

export interface ThreadProgram {
  readonly operations: readonly Operation[];
  /** The state of the random numbers that give its towers their heights. */
  readonly generator: number;
}

export interface Program {
  readonly threads: readonly ThreadProgram[];
  /** What is in the list before. */
  readonly before: readonly Operation[];
  /** Bytes of the memtable. */
  readonly capacity: number;
  /** How many random schedules are tried; undefined: all there are. */
  readonly schedules?: number;
}

const put = (key: string, sequence: number, value = 'v'): Operation => ({
  kind: 'add',
  key,
  sequence,
  value,
});
const remove = (key: string, sequence: number): Operation => ({ kind: 'add', key, sequence });
const get = (key: string, sequence: number): Operation => ({ kind: 'get', key, sequence });
const seek = (key: string, sequence: number): Operation => ({ kind: 'seek', key, sequence });
const move = (kind: 'first' | 'last' | 'next' | 'prev'): Operation => ({ kind });

const ONE: readonly (readonly Operation[])[] = [
  [put('k', 5, 'one')],
  [put('k', 5, 'one'), put('l', 7, 'uno')],
  [put('l', 5, 'one'), put('k', 7, 'uno')],
  [remove('k', 5)],
];

const OTHER: readonly (readonly Operation[])[] = [
  [put('l', 6, 'two')],
  [move('first'), move('next'), move('next')],
  [move('last'), move('prev'), move('prev')],
  [put('j', 6, '')],
  [get('k', 9), get('l', 9)],
  [get('l', 9), get('k', 9)],
  [put('k', 6, 'two')],
  [move('first'), get('k', 9)],
  [put('k', 5, 'two')],
  [put('k', 4)],
  [seek('k', 9), move('next')],
  [seek('l', 0), move('prev')],
  [put('a', 6, 'two')],
  [put('z', 6, 'two')],
  [remove('k', 6), get('k', 9)],
  [put('kk', 6, 'two'), put('kl', 8, 'due')],
];

/** Lists before, with the room for what comes. */
const BEFORE: readonly Pick<Program, 'before' | 'capacity'>[] = [
  { before: [put('b', 1, 'before'), put('k', 3, 'old'), put('m', 2)], capacity: 640 },
  { before: [], capacity: 512 },
  { before: [put('m', 1)], capacity: MemTable.overheadBytes + 76 },
];

/** Heights of the first towers of both threads. */
const HEIGHTS: readonly (readonly [number, number])[] = [
  [1, 1],
  [2, 2],
  [1, 2],
  [2, 1],
  [3, 2],
];

/** The programs of the list; behind it random ones. */
export function programOf(seed: number): Program {
  LIST ??= listed();
  return LIST[seed] ?? randomProgram(new Random(seed), seed);
}

let LIST: readonly Program[] | undefined;

/** The shorter ones first, and among them every pair of threads before any pair comes in another place again. */
function listed(): readonly Program[] {
  const places = BEFORE.flatMap((before) => HEIGHTS.map((heights) => ({ before, heights })));
  return [1, 2].flatMap((length) => {
    const pairs = ONE.filter((one) => one.length === length).flatMap((one) =>
      OTHER.map((other) => [one, other] as const),
    );
    return places.flatMap((_, turn) =>
      pairs.map(([one, other], i) => {
        const { before, heights } = places[(turn + 4 * i) % places.length];
        const threads = [
          { operations: one, generator: generatorOf(heights[0]) },
          { operations: other, generator: generatorOf(heights[1], 1) },
        ];
        return { ...before, threads };
      }),
    );
  });
}

function randomProgram(random: Random, seed: number): Program {
  const many = seed % 4 !== 0;
  const keys = Array.from({ length: 1 + random.below(4) }, (_, i) => `k${'abcd'[i]}`);
  let sequence = 10;
  const operation = (): Operation => {
    const key = keys[random.below(keys.length)];
    switch (random.below(many ? 9 : 6)) {
      case 0:
        return get(key, random.below(sequence + 4));
      case 1:
        return seek(key, random.below(sequence + 4));
      case 2:
        return move((['first', 'last'] as const)[random.below(2)]);
      case 3:
        return move((['next', 'prev'] as const)[random.below(2)]);
      case 4:
        return remove(key, ++sequence);
      case 5:
        // Now and then a version that another thread adds too.
        return put(key, random.oneIn(4) ? sequence : ++sequence, 'v'.repeat(random.below(6)));
      default:
        return put(key, ++sequence, `${sequence}`);
    }
  };
  const threads = Array.from({ length: many ? 3 : 2 }, () => ({
    operations: Array.from({ length: many ? 3 + random.below(4) : 1 + random.below(2) }, operation),
    generator: random.below(GENERATORS),
  }));
  const around = random.oneIn(4) ? 24 : random.below(4);
  const before = Array.from({ length: around }, (_, i) =>
    put(i < 4 ? keys[i % keys.length] : `${i % 2 ? 'a' : 'z'}${i}`, i < 4 ? i + 1 : 1),
  );
  const room = random.oneIn(3) ? random.below(400) : many ? 1800 : 600;
  const capacity = (MemTable.overheadBytes + before.length * MemTable.entryBytes(3, 1) + room) & ~3;
  return many ? { threads, before, capacity, schedules: 20 } : { threads, before, capacity };
}

const GENERATORS = 500;

/** A generator whose first tower has at least this height; the n-th of them. */
function generatorOf(height: number, n = 0): number {
  const found = FIRST_HEIGHTS.flatMap((first, generator) => (first === height ? [generator] : []));
  return found[n];
}

/** Found out, not computed: how the list draws heights is its own affair. */
const FIRST_HEIGHTS: readonly number[] = Array.from({ length: GENERATORS }, (_, generator) => {
  const { buffer } = MemTable.create(512);
  const words = new Int32Array(buffer);
  words[GENERATORS_WORD] = generator;
  const table = MemTable.attach(buffer);
  table.add(1, 1, new Uint8Array(0), 0, 0, new Uint8Array(0), 0, 0);
  return words[MemTable.overheadBytes / 4 + NODE_SIZES] >>> 16;
});
