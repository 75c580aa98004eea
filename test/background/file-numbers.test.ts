import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FileNumbers } from '../../src/background/file-numbers.ts';

test('file numbers are given once, to whichever side asks', () => {
  const owner = new FileNumbers();
  const worker = new FileNumbers(owner.buffer);
  owner.raise(7);
  assert.deepEqual([owner.allocate(), worker.allocate(), owner.allocate()], [7, 8, 9]);
  assert.equal(worker.next, 10);
});

test('file numbers never go back', () => {
  const numbers = new FileNumbers();
  numbers.raise(100);
  numbers.raise(5);
  assert.equal(numbers.allocate(), 100);
});

test('file numbers go beyond 32 bits', () => {
  const numbers = new FileNumbers();
  numbers.raise(2 ** 40);
  assert.equal(numbers.allocate(), 2 ** 40);
});
