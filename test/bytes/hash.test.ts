import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { hashBytes, mix32 } from '../../src/bytes/hash.ts';
import { checkProperty } from '../support/property.ts';

test('the hash of given bytes never changes, since filters on disk depend on it', () => {
  const bytes = new Uint8Array(64).map((_, i) => i * 29 + 3);
  const golden: [length: number, withZero: number, withSeed: number][] = [
    [0, 0, 0x3f177186],
    [1, 0x7ef49b98, 0x93b19227],
    [2, 0x8f35f579, 0x5c577640],
    [3, 0xc93944f2, 0x2c716124],
    [4, 0x991f32ba, 0xde576e23],
    [5, 0xbc2b269a, 0x6d931cd8],
    [8, 0x73a29b72, 0xdd591b1f],
    [16, 0x607138c5, 0xecfb522a],
    [33, 0x24669a12, 0xa20e935e],
  ];
  for (const [length, withZero, withSeed] of golden) {
    assert.equal(hashBytes(bytes, 1, length, 0), withZero);
    assert.equal(hashBytes(bytes, 1, length, 0xbc9f1d34), withSeed);
  }
});

test('mix32 is the finaliser of MurmurHash3', () => {
  assert.deepEqual([0, 1, 2, 0xffff_ffff].map(mix32), [0, 0x514e28b7, 0x30f4c306, 0x81f16f39]);
});

test('the hash depends on the bytes of the range and not on where it stands', () => {
  checkProperty(
    fc.property(
      fc.uint8Array({ maxLength: 40, size: 'max' }),
      fc.nat(9),
      fc.nat(0xffff_ffff),
      (bytes, at, seed) => {
        const moved = new Uint8Array(at + bytes.length + 3).fill(0xee);
        moved.set(bytes, at);
        const hash = hashBytes(bytes, 0, bytes.length, seed);
        assert.equal(hashBytes(moved, at, bytes.length, seed), hash);
        assert.ok(Number.isInteger(hash) && hash >= 0 && hash <= 0xffff_ffff);
      },
    ),
  );
});

test('keys that differ in length or in one bit hash apart', () => {
  const hashes = new Set<number>();
  for (let length = 0; length <= 20; length++) hashes.add(hashBytes(new Uint8Array(20), 0, length, 1));
  assert.equal(hashes.size, 21);
  for (let bit = 0; bit < 160; bit++) {
    const bytes = new Uint8Array(20);
    bytes[bit >> 3] = 1 << (bit & 7);
    hashes.add(hashBytes(bytes, 0, 20, 1));
  }
  assert.equal(hashes.size, 181);
});
