import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { DataMaker, KEY_BYTES, SLICE } from '../../bench/src/data.ts';
import { Permutation } from '../../bench/src/permutation.ts';

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

describe('DataMaker', () => {
  it('gives keys of 16 digits in the order of their numbers, and values of the size that was asked for', () => {
    for (const encoding of ['utf8', 'view'] as const) {
      for (const valueBytes of [0, 1, 16, 100, 1024]) {
        const maker = new DataMaker({ keys: encoding, values: encoding }, valueBytes, 1);
        const key = maker.key(1234);
        assert.equal(key.length, KEY_BYTES);
        assert.equal(Buffer.from(key).toString(), '0000000000001234');
        assert.equal(maker.value(1234).length, valueBytes);
        const strings = new DataMaker({ keys: 'utf8', values: 'utf8' }, valueBytes, 1);
        assert.deepEqual(Buffer.from(maker.value(7)), Buffer.from(strings.value(7)));
      }
    }
  });

  it('repeats the first half of a value in its second, and values differ', () => {
    const maker = new DataMaker({ keys: 'utf8', values: 'utf8' }, 100, 1);
    const value = String(maker.value(5));
    assert.equal(value.slice(0, 50), value.slice(50));
    assert.equal(new Set(Array.from({ length: 1000 }, (_, i) => maker.value(2 * i))).size, 1000);
  });

  it('cuts operations into slices, the last one shorter', () => {
    const maker = new DataMaker({ keys: 'utf8', values: 'utf8' }, 100, 1);
    assert.equal(maker.slice(0, SLICE + 5, (operation) => operation).count, SLICE);
    const rest = maker.slice(SLICE, SLICE + 5, (operation) => operation);
    assert.equal(rest.count, 5);
    assert.equal(rest.keys[0], maker.key(SLICE));
  });
});
