import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { writeU32 } from '../../src/bytes/integers.ts';
import {
  type BloomFilter,
  BloomFilterBuilder,
  decodeBloomFilter,
  tableKeyHash,
} from '../../src/sstable/bloom-filter.ts';
import { expectError } from '../support/expect-error.ts';
import { fromHex, toHex } from '../support/hex.ts';
import { randomNumbers } from './support.ts';

const KEYS = 60_000;

/** Worked out by another program, from docs/formats.md. */
const GOLDEN = `
  0000000002000000 0080000000000000 0000000000020000 000000c000000000
  0000000003000040 0200000000000000 0100000000000000 0000000000000000
  06 00 308bdcc1`;

/** Keys 0, 1, 2, ... of eight bytes, well apart for different kinds. */
function hashOfKey(kind: number, index: number): number {
  const key = new Uint8Array(8);
  writeU32(key, 0, index);
  writeU32(key, 4, kind);
  return tableKeyHash(key, 0, key.length);
}

function filterOf(keys: number, bitsPerKey: number): BloomFilter {
  const builder = new BloomFilterBuilder(bitsPerKey);
  for (let i = 0; i < keys; i++) builder.add(hashOfKey(1, i));
  return decodeBloomFilter(builder.finish(0, 0), 'filter', 0);
}

function falsePositiveRate(bitsPerKey: number): number {
  const filter = filterOf(KEYS, bitsPerKey);
  let positives = 0;
  for (let i = 0; i < KEYS; i++) if (filter.mayContain(hashOfKey(2, i))) positives += 1;
  return positives / KEYS;
}

describe('BloomFilter', () => {
  for (const bitsPerKey of [1, 4, 10, 16, 32]) {
    it(`passes every key that was added, with ${bitsPerKey} bits a key`, () => {
      const filter = filterOf(KEYS, bitsPerKey);
      for (let i = 0; i < KEYS; i++) assert.ok(filter.mayContain(hashOfKey(1, i)), `key ${i}`);
    });
  }

  it('passes keys of every length that was added', () => {
    const random = randomNumbers(1);
    const keys = Array.from({ length: 3000 }, (_, i) => Uint8Array.from({ length: i % 100 }, random));
    const builder = new BloomFilterBuilder(10);
    for (const key of keys) builder.add(tableKeyHash(key, 0, key.length));
    const filter = decodeBloomFilter(builder.finish(0, 0), 'filter', 0);
    for (const key of keys) assert.ok(filter.mayContain(tableKeyHash(key, 0, key.length)));
  });

  // What an unblocked filter has is 40 %, 15 %, 0.9 %, 0.05 %; lines cost a little more.
  for (const [bitsPerKey, least, most] of [
    [2, 0.3, 0.55],
    [4, 0.1, 0.22],
    [10, 0.004, 0.015],
    [16, 0, 0.002],
  ]) {
    it(`passes about as many other keys as theory says, with ${bitsPerKey} bits a key`, () => {
      const rate = falsePositiveRate(bitsPerKey);
      assert.ok(rate >= least && rate <= most, `${rate}`);
    });
  }

  it('takes the bits it was given, rounded up to lines', () => {
    const builder = new BloomFilterBuilder(10);
    for (let i = 0; i < 1000; i++) builder.add(hashOfKey(1, i));
    const size = Math.ceil((1000 * 10) / 512) * 64 + 6;
    assert.equal(builder.size, size);
    assert.equal(builder.finish(0, 0).length, size);
  });

  it('is no bytes at all with 0 bits a key', () => {
    const builder = new BloomFilterBuilder(0);
    builder.add(1);
    assert.equal(builder.finish(0, 0).length, 0);
  });

  it('has these bytes for two keys', () => {
    const builder = new BloomFilterBuilder(10);
    builder.add(tableKeyHash(Uint8Array.of(0x61), 0, 1));
    builder.add(tableKeyHash(Uint8Array.of(), 0, 0));
    assert.equal(toHex(builder.finish(5, 100)), toHex(fromHex(GOLDEN)));
  });

  it('refuses an impossible number of probes and an unknown codec', () => {
    const bytes = new BloomFilterBuilder(10).finish(0, 0);
    const end = bytes.length - 6;
    expectError('LSM_CORRUPTION', () => decodeBloomFilter(bytes.with(end, 0), 'filter', 0));
    expectError('LSM_CORRUPTION', () => decodeBloomFilter(bytes.with(end, 17), 'filter', 0));
    expectError('LSM_UNSUPPORTED_FORMAT', () => decodeBloomFilter(bytes.with(end + 1, 1), 'filter', 0));
  });
});
