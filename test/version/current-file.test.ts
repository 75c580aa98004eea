import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodeCurrent, encodeCurrent } from '../../src/version/current-file.ts';
import { asNewerFormat } from '../support/edit-file.ts';
import { expectError } from '../support/expect-error.ts';

const databaseId = new Uint8Array(16).fill(3);

test('a CURRENT with a right checksum and numbers that no writer writes is damage, at those numbers', () => {
  for (const [manifestNumber, manifestBytes, offset] of [
    [0, 48, 12],
    [2 ** 53, 48, 12],
    [7, 2 ** 53, 20],
  ]) {
    const bytes = encodeCurrent({ databaseId, manifestNumber, manifestBytes });
    assert.equal(expectError('LSM_CORRUPTION', () => decodeCurrent(bytes, 'CURRENT')).offset, offset);
  }
});

test('a CURRENT of a newer format is not damage', () => {
  const bytes = asNewerFormat(encodeCurrent({ databaseId, manifestNumber: 7, manifestBytes: 48 }), 'current');
  expectError('LSM_UNSUPPORTED_FORMAT', () => decodeCurrent(bytes, 'CURRENT'));
});
