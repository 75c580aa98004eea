import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { linearize, type Specification, type Timed } from './linearizable.ts';
import { Random, seedOf } from './random.ts';

interface Access {
  readonly kind: 'read' | 'write';
  readonly value: number;
}

const REGISTER: Specification<number, Access> = {
  initial: 0,
  step: (state, { kind, value }) => (kind === 'write' ? value : value === state ? state : undefined),
  keyOf: String,
  isRead: ({ kind }) => kind === 'read',
};

function timed(kind: Access['kind'], value: number, call: number, end: number): Timed<Access> {
  return { operation: { kind, value }, call, return: end };
}

/** The slow way: every order that keeps to the times. */
function hasOrder(history: readonly Timed<Access>[], state: number): boolean {
  if (history.length === 0) return true;
  const firstReturn = Math.min(...history.map((item) => item.return));
  return history.some((item) => {
    if (item.call > firstReturn) return false;
    const after = REGISTER.step(state, item.operation);
    return (
      after !== undefined &&
      hasOrder(
        history.filter((other) => other !== item),
        after,
      )
    );
  });
}

describe('a history of one register', () => {
  it('is linearizable when reads see what was written last', () => {
    assert.ok(linearize(REGISTER, [timed('write', 1, 1, 2), timed('read', 1, 3, 4)]));
    assert.ok(linearize(REGISTER, []));
  });

  it('is linearizable when a read during a write sees either value', () => {
    for (const value of [0, 1])
      assert.ok(linearize(REGISTER, [timed('write', 1, 1, 4), timed('read', value, 2, 3)]));
  });

  it('is not when a read misses an acknowledged write', () => {
    assert.equal(linearize(REGISTER, [timed('write', 1, 1, 2), timed('read', 0, 3, 4)]), undefined);
  });

  it('is not when a value goes away again that was seen', () => {
    const history = [timed('write', 1, 1, 8), timed('read', 1, 2, 3), timed('read', 0, 4, 5)];
    assert.equal(linearize(REGISTER, history), undefined);
  });

  it('is linearizable with a write that never returned, seen or not', () => {
    for (const value of [0, 1]) {
      assert.ok(linearize(REGISTER, [timed('write', 1, 1, Infinity), timed('read', value, 2, 3)]));
    }
  });

  it('is judged as by trying out all orders', (t) => {
    const random = new Random(seedOf(t));
    let good = 0;
    for (let round = 0; round < 2000; round++) {
      const times = shuffled(random, 12);
      const history = Array.from({ length: 6 }, (_, i) => {
        const [one, other] = [times[2 * i], times[2 * i + 1]];
        const kind = random.oneIn(2) ? 'read' : 'write';
        return timed(kind, random.below(3), Math.min(one, other), Math.max(one, other));
      });
      const expected = hasOrder(history, 0);
      assert.equal(linearize(REGISTER, history) !== undefined, expected, JSON.stringify(history));
      if (expected) good++;
    }
    assert.ok(good > 100 && good < 1900, `${good} of 2000 are linearizable`);
  });
});

function shuffled(random: Random, count: number): number[] {
  const numbers = Array.from({ length: count }, (_, i) => i);
  for (let i = count - 1; i > 0; i--) {
    const j = random.below(i + 1);
    [numbers[i], numbers[j]] = [numbers[j], numbers[i]];
  }
  return numbers;
}
