/** The oracle itself: it takes every prefix in its bounds and nothing else. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Write } from '../../support/writes.ts';
import { type State, stepsSurvived } from './state.ts';
import type { Step } from './story.ts';

const before: State = new Map([['old', 'here']]);
const steps: readonly Step[] = [
  write(['a', '1'], ['b', '1']),
  { kind: 'flush' },
  write(['old', undefined]),
  write(['a', '2'], ['c', '2']),
];

function write(...writes: Write[]): Step {
  return { kind: 'write', writes, sync: false };
}

function survived(found: Readonly<Record<string, string>>, least = 0, most = 4): number {
  return stepsSurvived(before, steps, new Map(Object.entries(found)), least, most);
}

test('every prefix is recognised, by the most steps that lead to it', () => {
  assert.equal(survived({ old: 'here' }), 0);
  assert.equal(survived({ old: 'here', a: '1', b: '1' }), 2);
  assert.equal(survived({ a: '1', b: '1' }), 3);
  assert.equal(survived({ a: '2', b: '1', c: '2' }), 4);
});

test('fewer steps than promised and more than begun are refused', () => {
  assert.throws(() => survived({ old: 'here' }, 1), /it is the state after 0 steps/);
  assert.throws(() => survived({ a: '1', b: '1' }, 4));
  assert.throws(() => survived({ a: '2', b: '1', c: '2' }, 0, 3));
});

test('a hole, half a batch, a ghost and a deleted key that is back are refused', () => {
  assert.throws(() => survived({ old: 'here', a: '2', b: '1', c: '2' }));
  assert.throws(() => survived({ old: 'here', a: '1' }));
  assert.throws(() => survived({ a: '1', b: '1', ghost: '' }));
  assert.throws(() => survived({ a: '2', b: '1', c: '2', old: 'here' }));
});

test('what differs is named by key, with no more than the start of a value', () => {
  assert.throws(() => survived({ a: 'x'.repeat(99) }), /differs in .*keys.*a: found "x{24}"/);
});
