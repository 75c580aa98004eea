import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Random } from '../../bench/src/random.ts';
import { ScrambledZipfian, THETA, Zipfian } from '../../bench/src/zipfian.ts';

const DRAWS = 200_000;

function counts(items: number, next: () => number): number[] {
  const result = new Array<number>(items).fill(0);
  for (let i = 0; i < DRAWS; i++) result[next()] += 1;
  return result;
}

describe('Random', () => {
  it('is even over its range, and the same for a seed', () => {
    const random = new Random(5);
    for (const count of counts(10, () => random.below(10))) {
      assert.ok(Math.abs(count - DRAWS / 10) < DRAWS / 100, String(count));
    }
    const again = [new Random(1), new Random(1), new Random(2)].map((each) => [each.next(), each.next()]);
    assert.deepEqual(again[0], again[1]);
    assert.notDeepEqual(again[0], again[2]);
  });
});

describe('Zipfian', () => {
  it('draws rank i in proportion to 1 / (i + 1)^theta', () => {
    const items = 1000;
    const zipfian = new Zipfian(items, 1);
    const drawn = counts(items, () => zipfian.next());
    let zeta = 0;
    for (let i = 1; i <= items; i++) zeta += 1 / i ** THETA;
    // The method is exact for the first two ranks, and follows the curve from there on.
    for (const rank of [0, 1]) {
      const expected = DRAWS / zeta / (rank + 1) ** THETA;
      assert.ok(Math.abs(drawn[rank] / expected - 1) < 0.05, `rank ${rank}: ${drawn[rank]} of ${expected}`);
    }
    for (const [from, to] of [
      [2, 10],
      [10, 100],
      [100, 1000],
    ]) {
      let expected = 0;
      for (let i = from; i < to; i++) expected += DRAWS / zeta / (i + 1) ** THETA;
      const sum = drawn.slice(from, to).reduce((total, count) => total + count, 0);
      assert.ok(Math.abs(sum / expected - 1) < 0.1, `ranks ${from} to ${to}: ${sum} of ${expected}`);
    }
  });

  it('stays within its items, however few', () => {
    for (const items of [1, 2, 3, 10]) {
      const zipfian = new Zipfian(items, 1);
      assert.equal(counts(items, () => zipfian.next()).length, items);
    }
  });
});

describe('ScrambledZipfian', () => {
  it('is as uneven, and spreads the popular items over the range', () => {
    const items = 1000;
    const scrambled = new ScrambledZipfian(items, 1);
    const drawn = counts(items, () => scrambled.next());
    const plain = new Zipfian(items, 1);
    const ranked = counts(items, () => plain.next());
    const sort = (numbers: readonly number[]): number[] => [...numbers].sort((a, b) => b - a);
    assert.deepEqual(sort(drawn), sort(ranked));
    const popular = drawn.map((count, item) => ({ count, item })).sort((a, b) => b.count - a.count);
    const halves = popular.slice(0, 50).filter(({ item }) => item < items / 2).length;
    assert.ok(halves > 10 && halves < 40, `${halves} of the 50 most popular lie in the lower half`);
  });
});
