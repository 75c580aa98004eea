/**
 * Random histories of a database, as plain data: fast-check makes them shorter when one fails, and prints
 * what is left. Keys are numbers of {@link KEYS}; values are made from the number of the step and a size.
 */
import fc from 'fast-check';
import type { RangeOptions } from '../../src/db/arguments.ts';

const text = new TextEncoder();

/** Few enough to collide: empty, extremes of a byte, shared prefixes, text of several bytes a character. */
export const KEYS: readonly Uint8Array[] = [
  new Uint8Array(0),
  Uint8Array.of(0),
  Uint8Array.of(0, 0),
  Uint8Array.of(0, 0xff),
  Uint8Array.of(1),
  ...['a', 'a\0', 'aa', 'ab', 'abc', 'abcdefgh', 'b'].map((key) => text.encode(key)),
  ...Array.from({ length: 40 }, (_, i) => text.encode(`user:${String(i).padStart(4, '0')}`)),
  ...Array.from({ length: 6 }, (_, i) => text.encode(`${'long prefix '.repeat(12)}${i}`)),
  ...['é', '世界', '～', '😀', '😀!'].map((key) => text.encode(key)),
  Uint8Array.of(0xff),
  Uint8Array.of(0xff, 0),
  Uint8Array.of(0xff, 0xff),
];

/** Ends of a range, as numbers of keys. */
export interface Ends {
  readonly gt?: number;
  readonly gte?: number;
  readonly lt?: number;
  readonly lte?: number;
}

export type Move = 'first' | 'last' | 'next' | 'prev' | readonly ['seek' | 'seekBack', key: number];

/** `live` numbers choose among the snapshots or cursors that are open, by their remainder. */
export type Step =
  | readonly ['put', key: number, size: number]
  | readonly ['delete', key: number]
  | readonly ['batch', writes: readonly (readonly [key: number, size: number | 'delete'])[]]
  | readonly ['fill', first: number, count: number, size: number]
  | readonly ['clear', first: number, count: number]
  | readonly ['get', key: number, live: number | undefined]
  | readonly ['scan', ends: Ends, how: ScanStep]
  | readonly ['snapshot']
  | readonly ['close snapshot', live: number]
  | readonly ['cursor', ends: Ends, live: number | undefined]
  | readonly ['move', live: number, moves: readonly Move[]]
  | readonly ['close cursor', live: number]
  | readonly ['flush']
  | readonly ['compact', ends: Ends]
  | readonly ['sync']
  | readonly ['checkpoint']
  | readonly ['repair', what: 'whole' | 'without CURRENT']
  | readonly ['reopen']
  | readonly ['kill'];

export interface ScanStep {
  readonly reverse?: boolean;
  readonly limit?: number;
  readonly fillCache?: boolean;
  readonly live?: number;
}

const key: fc.Arbitrary<number> = fc.nat(KEYS.length - 1);
const live: fc.Arbitrary<number> = fc.nat(5);
const maybeLive: fc.Arbitrary<number | undefined> = fc.option(live, { nil: undefined });

/** Empty, small, and larger than the memtables of these tests. */
const size: fc.Arbitrary<number> = fc.oneof(
  { weight: 2, arbitrary: fc.constant(0) },
  { weight: 8, arbitrary: fc.integer({ min: 1, max: 40 }) },
  { weight: 4, arbitrary: fc.integer({ min: 100, max: 300 }) },
  { weight: 1, arbitrary: fc.integer({ min: 3000, max: 6000 }) },
);

const ends: fc.Arbitrary<Ends> = fc.oneof(
  { weight: 1, arbitrary: fc.constant({}) },
  {
    weight: 4,
    arbitrary: fc.record({ gt: key, gte: key, lt: key, lte: key }, { requiredKeys: [] }),
  },
);

const move: fc.Arbitrary<Move> = fc.oneof(
  { weight: 5, arbitrary: fc.constant<Move>('next') },
  { weight: 5, arbitrary: fc.constant<Move>('prev') },
  { weight: 1, arbitrary: fc.constant<Move>('first') },
  { weight: 1, arbitrary: fc.constant<Move>('last') },
  { weight: 2, arbitrary: fc.tuple(fc.constantFrom('seek' as const, 'seekBack' as const), key) },
);

const writes: readonly fc.WeightedArbitrary<Step>[] = [
  { weight: 12, arbitrary: fc.tuple(fc.constant('put' as const), key, size) },
  { weight: 5, arbitrary: fc.tuple(fc.constant('delete' as const), key) },
  {
    weight: 4,
    arbitrary: fc.tuple(
      fc.constant('batch' as const),
      fc.array(
        fc.tuple(key, fc.oneof<fc.Arbitrary<number | 'delete'>[]>(size, fc.constant<'delete'>('delete'))),
        { maxLength: 12 },
      ),
    ),
  },
  {
    weight: 5,
    arbitrary: fc.tuple(
      fc.constant('fill' as const),
      key,
      fc.integer({ min: 5, max: 60 }),
      fc.integer({ max: 160, min: 0 }),
    ),
  },
  { weight: 2, arbitrary: fc.tuple(fc.constant('clear' as const), key, fc.integer({ min: 3, max: 30 })) },
];

const snapshots: readonly fc.WeightedArbitrary<Step>[] = [
  { weight: 3, arbitrary: fc.constant<Step>(['snapshot']) },
  { weight: 2, arbitrary: fc.tuple(fc.constant('close snapshot' as const), live) },
];

const cursors: readonly fc.WeightedArbitrary<Step>[] = [
  { weight: 3, arbitrary: fc.tuple(fc.constant('cursor' as const), ends, maybeLive) },
  {
    weight: 12,
    arbitrary: fc.tuple(fc.constant('move' as const), live, fc.array(move, { minLength: 1, maxLength: 12 })),
  },
  { weight: 1, arbitrary: fc.tuple(fc.constant('close cursor' as const), live) },
];

const reads: readonly fc.WeightedArbitrary<Step>[] = [
  { weight: 6, arbitrary: fc.tuple(fc.constant('get' as const), key, maybeLive) },
  {
    weight: 6,
    arbitrary: fc.tuple(
      fc.constant('scan' as const),
      ends,
      fc.record(
        { reverse: fc.boolean(), limit: fc.integer({ min: -1, max: 20 }), fillCache: fc.boolean(), live },
        { requiredKeys: [] },
      ),
    ),
  },
];

const upkeep: readonly fc.WeightedArbitrary<Step>[] = [
  { weight: 3, arbitrary: fc.constant<Step>(['flush']) },
  { weight: 2, arbitrary: fc.tuple(fc.constant('compact' as const), ends) },
];

const restarts: readonly fc.WeightedArbitrary<Step>[] = [
  { weight: 1, arbitrary: fc.constant<Step>(['sync']) },
  { weight: 1, arbitrary: fc.constant<Step>(['checkpoint']) },
  {
    weight: 1,
    arbitrary: fc.tuple(
      fc.constant('repair' as const),
      fc.constantFrom('whole' as const, 'without CURRENT' as const),
    ),
  },
  { weight: 1, arbitrary: fc.constant<Step>(['reopen']) },
  { weight: 1, arbitrary: fc.constant<Step>(['kill']) },
];

/** Every kind of step. */
export function anyHistory(maxLength: number): fc.Arbitrary<Step[]> {
  return history([...writes, ...snapshots, ...cursors, ...reads, ...upkeep, ...restarts], maxLength);
}

/** Writes under snapshots and cursors, with flushes and compactions in between. */
export function snapshotHistory(maxLength: number): fc.Arbitrary<Step[]> {
  return history([...writes, ...snapshots, cursors[0], ...upkeep], maxLength);
}

function history(steps: readonly fc.WeightedArbitrary<Step>[], maxLength: number): fc.Arbitrary<Step[]> {
  return fc.array(fc.oneof(...steps), { maxLength, minLength: 1, size: 'max' });
}

/** The value that a step writes: hardly two of a history are alike. */
export function valueFor(step: number, within: number, bytes: number): Uint8Array {
  const value = new Uint8Array(bytes);
  for (let i = 0; i < bytes; i++) value[i] = (step >> (8 * (i & 1))) + within * 7 + (i >> 1) * 13;
  return value;
}

/** The range with the keys themselves. */
export function rangeFor(chosen: Ends): RangeOptions {
  const range: Record<string, Uint8Array> = {};
  for (const [name, number] of Object.entries(chosen)) range[name] = KEYS[number];
  return range;
}
