import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  commonPrefixLength,
  compareBytes,
  compareKeys,
  copyBytes,
  equalBytes,
} from '../../src/bytes/compare.ts';
import { checkProperty } from '../support/property.ts';

/** Few different bytes, so that prefixes are often shared. */
const keys = fc
  .uint8Array({ maxLength: 12, size: 'max', min: 0, max: 255 })
  .map((key) => key.map((byte) => (byte < 128 ? byte % 3 : byte)));

test('keys order as Buffer.compare orders them', () => {
  checkProperty(
    fc.property(keys, keys, (a, b) => {
      assert.equal(Math.sign(compareKeys(a, b)), Buffer.compare(a, b));
    }),
    500,
  );
});

test('bytes are unsigned: 0x80 sorts after 0x7f', () => {
  assert.ok(compareKeys(Uint8Array.of(0x80), Uint8Array.of(0x7f)) > 0);
});

test('a prefix sorts before what it begins, and the empty key before all', () => {
  assert.ok(compareKeys(Uint8Array.of(1), Uint8Array.of(1, 0)) < 0);
  assert.ok(compareKeys(new Uint8Array(0), Uint8Array.of(0)) < 0);
  assert.equal(compareKeys(new Uint8Array(0), new Uint8Array(0)), 0);
});

test('only the ranges count, not what stands around them', () => {
  checkProperty(
    fc.property(keys, keys, fc.nat(5), fc.nat(5), (a, b, aStart, bStart) => {
      const left = Uint8Array.of(...new Uint8Array(aStart).fill(9), ...a, 1, 2);
      const right = Uint8Array.of(...new Uint8Array(bStart).fill(8), ...b, 3, 4);
      const order = compareBytes(left, aStart, a.length, right, bStart, b.length);
      assert.equal(Math.sign(order), Buffer.compare(a, b));
      const equal = equalBytes(left, aStart, a.length, right, bStart, b.length);
      assert.equal(equal, Buffer.compare(a, b) === 0);
      const shared = commonPrefixLength(left, aStart, a.length, right, bStart, b.length);
      assert.deepEqual(a.slice(0, shared), b.slice(0, shared));
      assert.ok(shared === a.length || shared === b.length || a[shared] !== b[shared]);
    }),
    300,
  );
});

test('a copy of any length moves its range and nothing else', () => {
  const from = new Uint8Array(300).map((_, i) => i + 1);
  for (const length of [0, 1, 95, 96, 97, 200]) {
    const to = new Uint8Array(300);
    copyBytes(from, 5, length, to, 9);
    assert.deepEqual(to.subarray(9, 9 + length), from.subarray(5, 5 + length));
    assert.ok(to.subarray(0, 9).every((byte) => byte === 0));
    assert.ok(to.subarray(9 + length).every((byte) => byte === 0));
  }
});
