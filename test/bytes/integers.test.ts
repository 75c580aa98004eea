import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { readU16, readU32, readU64, writeU16, writeU32, writeU64 } from '../../src/bytes/integers.ts';
import { toHex } from '../support/hex.ts';
import { checkProperty } from '../support/property.ts';

test('integers are little-endian', () => {
  const bytes = new Uint8Array(14);
  writeU16(bytes, 0, 0x0102);
  writeU32(bytes, 2, 0x03040506);
  writeU64(bytes, 6, 0x1f_0203_0405_0607);
  assert.equal(toHex(bytes), '0201060504030706050403021f00');
});

test('a u16 and a u32 are read back as written, at any place, and touch nothing beside them', () => {
  checkProperty(
    fc.property(fc.nat(5), fc.nat(0xffff), fc.nat(0xffff_ffff), (at, short, long) => {
      const bytes = new Uint8Array(16).fill(0xaa);
      writeU16(bytes, at, short);
      assert.equal(readU16(bytes, at), short);
      assert.equal(bytes[at + 2], 0xaa);
      writeU32(bytes, at + 3, long);
      assert.equal(readU32(bytes, at + 3), long);
      assert.equal(bytes[at + 2], 0xaa);
      assert.equal(bytes[at + 7], 0xaa);
    }),
  );
});

test('a u64 is read back as written up to the largest safe integer', () => {
  const bytes = new Uint8Array(8);
  const view = new DataView(bytes.buffer);
  checkProperty(
    fc.property(fc.maxSafeNat(), (value) => {
      writeU64(bytes, 0, value);
      assert.equal(view.getBigUint64(0, true), BigInt(value));
      assert.equal(readU64(bytes, 0), value);
    }),
  );
  for (const value of [0, 1, 2 ** 31, 2 ** 32 - 1, 2 ** 32, 2 ** 53 - 1]) {
    writeU64(bytes, 0, value);
    assert.equal(readU64(bytes, 0), value);
  }
});

test('a u64 beyond the safe integers is read as something that is not a safe integer', () => {
  for (const high of [0x20_0000, 0x7fff_ffff, 0xffff_ffff]) {
    const bytes = new Uint8Array(8);
    writeU32(bytes, 0, 1);
    writeU32(bytes, 4, high);
    assert.equal(Number.isSafeInteger(readU64(bytes, 0)), false);
  }
});
