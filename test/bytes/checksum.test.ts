import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { checksumAt, fileSeed } from '../../src/bytes/checksum.ts';
import { checkProperty } from '../support/property.ts';

const databaseId = new Uint8Array(16).map((_, i) => i);
const bytes = new Uint8Array(64).map((_, i) => i * 29 + 3);

test('the checksum of given bytes at a given place never changes, since files on disk depend on it', () => {
  assert.equal(fileSeed(databaseId, 7), 0x06c1d65f);
  assert.equal(fileSeed(databaseId, 2 ** 40 + 7), 0x0703bc68);
  const seed = fileSeed(databaseId, 7);
  assert.equal(checksumAt(seed, 0, bytes, 0, 20), 0x39250218);
  assert.equal(checksumAt(seed, 48, bytes, 0, 20), 0x861b0b95);
  assert.equal(checksumAt(seed, 2 ** 32, bytes, 0, 20), 0x964df416);
  assert.equal(checksumAt(seed, 2 ** 40 + 5, bytes, 0, 20), 0x45be5fc3);
});

test('the same bytes at another offset of a file have another checksum', () => {
  checkProperty(
    fc.property(fc.nat(2 ** 31 - 1), fc.nat(2 ** 31 - 1), fc.nat(64), (one, other, length) => {
      fc.pre(one !== other);
      assert.notEqual(checksumAt(9, one, bytes, 0, length), checksumAt(9, other, bytes, 0, length));
    }),
  );
});

test('the same bytes in another file, or in another database, have another checksum', () => {
  const seed = fileSeed(databaseId, 7);
  const otherFile = fileSeed(databaseId, 8);
  const otherDatabase = fileSeed(
    databaseId.map((byte) => byte + 1),
    7,
  );
  for (const other of [otherFile, otherDatabase]) {
    assert.notEqual(checksumAt(seed, 48, bytes, 0, 64), checksumAt(other, 48, bytes, 0, 64));
  }
});
