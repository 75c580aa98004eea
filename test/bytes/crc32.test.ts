import assert from 'node:assert/strict';
import { test } from 'node:test';
import zlib from 'node:zlib';
import fc from 'fast-check';
import { crc32 } from '../../src/bytes/crc32.ts';
import { checkProperty } from '../support/property.ts';

test('the check value of CRC-32 is cbf43926', () => {
  assert.equal(crc32(Buffer.from('123456789'), 0, 9), 0xcbf43926);
});

test('any range of any length, from any seed, has the checksum that zlib gives it', () => {
  const bytes = fc.uint8Array({ minLength: 400, maxLength: 400 });
  checkProperty(
    fc.property(bytes, fc.nat(40), fc.nat(360), fc.nat(0xffff_ffff), (data, start, length, seed) => {
      assert.equal(crc32(data, start, length, seed), zlib.crc32(data.subarray(start, start + length), seed));
    }),
    500,
  );
});

test('the lengths around the change from table to native code agree with zlib', () => {
  const data = new Uint8Array(400).map((_, i) => i * 37);
  for (let length = 0; length <= 300; length++) {
    for (const seed of [0, 1, 0x8000_0000, 0xffff_ffff]) {
      assert.equal(crc32(data, 7, length, seed), zlib.crc32(data.subarray(7, 7 + length), seed));
    }
  }
});

test('a checksum can be continued over pieces', () => {
  const data = new Uint8Array(400).map((_, i) => i * 11);
  const whole = crc32(data, 0, 400);
  for (const cut of [0, 1, 50, 143, 144, 256, 257, 399, 400]) {
    assert.equal(crc32(data, cut, 400 - cut, crc32(data, 0, cut)), whole);
  }
});
