/**
 * What another thread may do between any two steps of an operation, tried out one by one on one thread: a
 * step is an atomic access, since nothing else of a half-done insertion can be seen. At the n-th step of
 * one operation a second one runs from beginning to end, for every n.
 */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { MemTable } from '../../src/memtable/mem-table.ts';
import { backwards, forwards, lookup, put } from './support.ts';

/** Runs `operation`, and `intruder` just before its n-th atomic access; false when it has fewer. */
function interrupt(n: number, operation: () => void, intruder: () => void): boolean {
  const { load, add, sub, or, compareExchange } = Atomics;
  let countdown = n;
  const step = (): void => {
    // The accesses of the intruder find the countdown below zero.
    if (countdown-- === 0) intruder();
  };
  Object.assign(Atomics, {
    load: (array: Int32Array, index: number): number => {
      step();
      return load(array, index);
    },
    add: (array: Int32Array, index: number, value: number): number => {
      step();
      return add(array, index, value);
    },
    sub: (array: Int32Array, index: number, value: number): number => {
      step();
      return sub(array, index, value);
    },
    or: (array: Int32Array, index: number, value: number): number => {
      step();
      return or(array, index, value);
    },
    compareExchange: (array: Int32Array, index: number, expected: number, value: number): number => {
      step();
      return compareExchange(array, index, expected, value);
    },
  });
  try {
    operation();
  } finally {
    Object.assign(Atomics, { load, add, sub, or, compareExchange });
  }
  return countdown < 0;
}

/** Calls `scenario` for step 0, 1, 2... until it says that the operation has no such step. */
function forEveryStep(scenario: (step: number, one: MemTable, other: MemTable) => boolean): void {
  let steps = 0;
  for (; ; steps++) {
    const one = MemTable.create(1 << 16);
    if (!scenario(steps, one, MemTable.attach(one.buffer))) break;
  }
  assert.ok(steps > 5, `only ${steps} steps were met: the accesses are not intercepted`);
}

function keysOf(table: MemTable): string {
  return forwards(table)
    .map((entry) => entry.key)
    .join(' ');
}

// Enough entries that some have tall towers, on both sides of where the insertions go.
const around = Array.from({ length: 60 }, (_, i) => `${i < 30 ? 'a' : 'z'}${String(i).padStart(2, '0')}`);

function fill(table: MemTable): void {
  for (const key of around) put(table, 1, key, key);
}

/** All that is there is found: in order, backwards, and by lookup through the upper levels. */
function check(table: MemTable, ...added: string[]): void {
  const expected = [...around, ...added].sort();
  assert.equal(keysOf(table), expected.join(' '));
  assert.deepEqual(backwards(table), forwards(table).reverse());
  for (const key of expected) assert.equal(lookup(table, key)?.value, key);
  assert.equal(table.entryCount, expected.length);
}

describe('insertions interrupted at any step', () => {
  // Several insertions and several intruders, so that short and tall towers meet on every level.
  const own = Array.from({ length: 8 }, (_, i) => `mm${i}`);

  for (const [prefix, where] of [
    ['ma', 'right before them'],
    ['mm4+', 'between them'],
    ['mz', 'right behind them'],
    ['a00+', 'far before'],
    ['zz', 'at the end'],
  ] as const) {
    const others = Array.from({ length: 12 }, (_, i) => `${prefix}${String(i).padStart(2, '0')}`);
    const intrude = (table: MemTable): void => {
      for (const name of others) put(table, 1, name, name);
    };

    for (const [order, names] of [
      ['ascending', own],
      ['descending', own.toReversed()],
    ] as const) {
      it(`keep their places when ${order} and others are put ${where}`, () => {
        forEveryStep((step, one, other) => {
          fill(one);
          const operation = (): void => {
            for (const name of names) put(one, 1, name, name);
          };
          const met = interrupt(step, operation, () => intrude(other));
          if (met) check(one, ...own, ...others);
          return met;
        });
      });
    }
  }

  it('begin an empty list together with another', () => {
    forEveryStep((step, one, other) => {
      const names = Array.from({ length: 20 }, (_, i) => `k${i}`);
      const met = interrupt(
        step,
        () => put(one, 1, 'k', ''),
        () => {
          for (const name of names) put(other, 1, name, '');
        },
      );
      if (met) assert.equal(keysOf(one), ['k', ...names].sort().join(' '));
      return met;
    });
  });

  it('succeed for one of two threads that put the same version', () => {
    forEveryStep((step, one, other) => {
      fill(one);
      let refused = 0;
      const attempt = (table: MemTable): void => {
        try {
          put(table, 1, 'mm', 'mm');
        } catch {
          refused++;
        }
      };
      const met = interrupt(
        step,
        () => attempt(one),
        () => attempt(other),
      );
      if (met) {
        assert.equal(refused, 1, `step ${step}`);
        check(one, 'mm');
      }
      return met;
    });
  });

  it('are found by lookup as soon as a walk shows them', () => {
    const names = Array.from({ length: 20 }, (_, i) => `m${i}`);
    forEveryStep((step, one, other) => {
      fill(one);
      return interrupt(
        step,
        () => {
          for (const name of names) put(one, 1, name, name);
        },
        () => {
          for (const { key } of forwards(other)) assert.ok(lookup(other, key), `${key}, step ${step}`);
        },
      );
    });
  });

  it('get no memory that another got', () => {
    const room = MemTable.overheadBytes + MemTable.entryBytes(2, 2) + 4;
    let steps = 0;
    for (let met = true; met; steps++) {
      const one = MemTable.create(room);
      const other = MemTable.attach(one.buffer);
      const taken: string[] = [];
      const attempt = (table: MemTable, key: string): void => {
        if (put(table, 1, key, key)) taken.push(key);
      };
      met = interrupt(
        steps,
        () => attempt(one, 'k1'),
        () => attempt(other, 'k2'),
      );
      if (met) {
        assert.equal(keysOf(one), taken.sort().join(' '), `step ${steps}`);
        assert.ok(taken.length >= 1);
        assert.ok(one.byteSize <= room);
      }
    }
    assert.ok(steps > 5);
  });
});

describe('a lookup interrupted at any step', () => {
  it('finds what was there before it began', () => {
    forEveryStep((step, one, other) => {
      fill(one);
      put(one, 1, 'mm', 'mm');
      let found: string | undefined;
      const met = interrupt(
        step,
        () => {
          found = lookup(one, 'mm')?.value;
        },
        () => {
          for (let i = 0; i < 20; i++) put(other, 1, `m${i}`, '');
          for (let i = 0; i < 20; i++) put(other, 1, `mn${i}`, '');
        },
      );
      assert.equal(found, 'mm', `step ${step}`);
      return met;
    });
  });
});

describe('a walk interrupted at any step', () => {
  it('shows everything that was there before it began, in order, either way', () => {
    for (const walk of [forwards, backwards]) {
      forEveryStep((step, one, other) => {
        fill(one);
        let seen: string[] = [];
        const met = interrupt(
          step,
          () => {
            seen = walk(one).map((entry) => entry.key);
          },
          () => {
            for (let i = 0; i < 20; i++) put(other, 1, `${i % 2 ? 'a' : 'z'}${i}+`, '');
          },
        );
        if (walk === backwards) seen.reverse();
        assert.deepEqual(seen, seen.toSorted(), `step ${step}`);
        for (const key of around) assert.ok(seen.includes(key), `${key}, step ${step}`);
        return met && step < 400;
      });
    }
  });
});
