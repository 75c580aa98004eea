import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Permutation } from '../../bench/permutation.ts';
import { KEY_BYTES, SLICE, VALUE_BYTES, Workload } from '../../bench/workload.ts';

describe('Permutation', () => {
  it('has every number once, whatever the size', () => {
    for (const size of [1, 2, 3, 5, 16, 17, 1000, 4097]) {
      for (const seed of [0, 1, 99]) {
        const order = new Permutation(size, seed);
        const seen = new Set(Array.from({ length: size }, (_, i) => order.at(i)));
        assert.equal(seen.size, size);
        for (const number of seen) assert.ok(number >= 0 && number < size);
      }
    }
  });

  it('is the same for a seed and another for another', () => {
    const numbers = (seed: number): number[] => {
      const order = new Permutation(1000, seed);
      return Array.from({ length: 1000 }, (_, i) => order.at(i));
    };
    assert.deepEqual(numbers(1), numbers(1));
    assert.notDeepEqual(numbers(1), numbers(2));
  });
});

describe('Workload', () => {
  it('gives keys of 16 digits in the order of their numbers, and values of 100 bytes', () => {
    for (const encoding of ['utf8', 'view'] as const) {
      const workload = new Workload(encoding, 1);
      const key = workload.key(1234);
      assert.equal(key.length, KEY_BYTES);
      assert.equal(Buffer.from(key).toString(), '0000000000001234');
      assert.equal(workload.value(1234).length, VALUE_BYTES);
      assert.deepEqual(Buffer.from(workload.value(7)), Buffer.from(new Workload('utf8', 1).value(7)));
    }
  });

  it('repeats the first half of a value in its second', () => {
    const value = String(new Workload('utf8', 1).value(5));
    assert.equal(value.slice(0, 50), value.slice(50));
  });

  it('cuts operations into slices, the last one shorter', () => {
    const workload = new Workload('utf8', 1);
    assert.equal(workload.slice(0, SLICE + 5, (operation) => operation).count, SLICE);
    const rest = workload.slice(SLICE, SLICE + 5, (operation) => operation);
    assert.equal(rest.count, 5);
    assert.equal(rest.keys[0], workload.key(SLICE));
  });
});
