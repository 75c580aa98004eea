/** That counters count: coverage and fuzzing stand on them. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Counters } from './counters.ts';
import { instrument } from './instrument.ts';

interface Counted {
  readonly run: (...parameters: unknown[]) => unknown;
  /** How often each way of each branch was taken. */
  readonly ways: () => readonly number[];
  readonly counters: Counters;
}

/** A module that exports `run`, with counters of its own. */
async function counted(code: string): Promise<Counted> {
  const counters = new Counters().install();
  const { code: source, places } = instrument(code, 'a/module.js');
  const { run } = await import(`data:text/javascript,${encodeURIComponent(source)}`);
  const first = Object.keys(places.statementMap).length + Object.keys(places.fnMap).length;
  const [{ start, length }] = counters.modules;
  return { run, counters, ways: () => [...counters.hits.subarray(start + first, start + length)] };
}

test('both ways of an if count, also the one that is not written', async () => {
  const { run, ways } = await counted('export function run(a) { if (a) return 1; return 2; }');
  run(true);
  run(true);
  assert.deepEqual(ways(), [2, 0]);
  run(false);
  assert.deepEqual(ways(), [2, 1]);
});

test('operands, choices, cases and defaults count one by one', async () => {
  const { run, ways } = await counted(
    `export function run(a, b = 5) {
      switch (a) { case 1: return b || 7; case 2: return b > 5 ? 'more' : 'less'; default: return a ?? b; }
    }`,
  );
  assert.deepEqual([run(1), run(1, 0), run(2), run(3, 9)], [5, 7, 'less', 3]);
  const total = ways().reduce((sum, count) => sum + count, 0);
  // Two defaults; four cases; three operands of ||, one of ??; one choice.
  assert.equal(total, 2 + 4 + 3 + 1 + 1);
  assert.ok(ways().includes(0), 'the choice that was not made');
});

test('private members, generators and asynchronous functions do what they did', async () => {
  const { run } = await counted(
    `class A { #x = 1; static { A.y = 2; } get x() { return this.#x ??= 3; } *[Symbol.iterator]() { yield this.x; } }
     export async function run() { return [...new A(), A.y, await 4]; }`,
  );
  assert.deepEqual(await run(), [1, 2, 4]);
});

test('arrays that a counted module makes are metered, and are arrays like any other', async () => {
  const { run, counters } = await counted(
    `export function run(n) {
      const words = new Int32Array(n);
      const view = new Uint8Array(words.buffer, 4, 4);
      return [words instanceof Int32Array, view.length, Uint8Array.of(1, 2)[1], Uint8Array.from([3])[0], ArrayBuffer.isView(view)];
    }`,
  );
  counters.allocated = 0;
  assert.deepEqual(run(10), [true, 4, 2, 3, true]);
  assert.equal(counters.allocated, 40);
});
