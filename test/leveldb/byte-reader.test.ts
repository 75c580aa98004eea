import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { LsmError } from '../../src/errors.ts';
import { ByteReader } from '../../src/leveldb/byte-reader.ts';
import { expectError } from '../support/expect-error.ts';
import { checkProperty } from '../support/property.ts';
import { concat, prefixed, varint } from './builders.ts';

function reader(...bytes: readonly number[]): ByteReader {
  const fault = (what: string): LsmError => new LsmError('LSM_CORRUPTION', what);
  // Something stands on either side, which must not be read.
  return new ByteReader(fault).attach(Uint8Array.from([0x81, ...bytes, 0x01]), 1, bytes.length);
}

test('numbers of all sizes are read as they were written, one after another', () => {
  const numbers = fc.array(fc.maxSafeNat().chain((most) => fc.nat({ max: Math.min(most, 2 ** 31 - 1) })));
  checkProperty(
    fc.property(numbers, fc.array(fc.maxSafeNat()), (small, large) => {
      const read = reader(...small.flatMap(varint), ...large.flatMap(varint));
      assert.deepEqual(
        small.map(() => read.varint32()),
        small,
      );
      assert.deepEqual(
        large.map(() => read.varint64()),
        large,
      );
      assert.equal(read.remaining, 0);
    }),
  );
});

test('the largest numbers are read, and the next ones refused', () => {
  assert.equal(reader(...varint(2 ** 32 - 1)).varint32(), 2 ** 32 - 1);
  expectError('LSM_CORRUPTION', () => reader(...varint(2 ** 32)).varint32());
  assert.equal(reader(...varint(2 ** 53 - 1)).varint64(), 2 ** 53 - 1);
  expectError('LSM_CORRUPTION', () => reader(...varint(2 ** 53)).varint64());
});

test('a number that is too long or cut off is refused', () => {
  expectError('LSM_CORRUPTION', () => reader(128, 128, 128, 128, 128, 0).varint32());
  expectError('LSM_CORRUPTION', () => reader(...new Array<number>(10).fill(128), 0).varint64());
  expectError('LSM_CORRUPTION', () => reader(128, 128).varint32());
  expectError('LSM_CORRUPTION', () => reader().varint32());
  expectError('LSM_CORRUPTION', () => reader().varint64());
});

test('bytes behind their length are found, and no more than there are', () => {
  const read = reader(...concat(prefixed(Uint8Array.of(7, 8)), prefixed(Uint8Array.of())));
  const start = read.lengthPrefixed();
  assert.deepEqual([...read.bytes.subarray(start, read.position)], [7, 8]);
  assert.equal(read.lengthPrefixed(), read.position);
  assert.equal(read.remaining, 0);
  expectError('LSM_CORRUPTION', () => reader(3, 1, 2).lengthPrefixed());
  expectError('LSM_CORRUPTION', () => reader(...varint(2 ** 32 - 1)).lengthPrefixed());
});
