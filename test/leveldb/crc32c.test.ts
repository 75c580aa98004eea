import assert from 'node:assert/strict';
import { test } from 'node:test';
import { crc32c, masked } from '../../src/leveldb/crc32c.ts';

const ascending = Uint8Array.from({ length: 32 }, (_, i) => i);

// RFC 3720, appendix B.4, and the check value of the catalogue of parametrised CRC algorithms.
for (const [what, bytes, expected] of [
  ['32 zeros', new Uint8Array(32), 0x8a9136aa],
  ['32 ones', new Uint8Array(32).fill(0xff), 0x62a8ab43],
  ['ascending bytes', ascending, 0x46dd794e],
  ['descending bytes', ascending.toReversed(), 0x113fdb5c],
  ['123456789', new TextEncoder().encode('123456789'), 0xe3069283],
  ['nothing', new Uint8Array(0), 0],
] as const) {
  test(`CRC-32C of ${what} is as published`, () => {
    assert.equal(crc32c(bytes, 0, bytes.length), expected);
  });
}

test('a checksum can be made in pieces, and of a range', () => {
  const bytes = new TextEncoder().encode('..123456789..');
  assert.equal(crc32c(bytes, 6, 5, crc32c(bytes, 2, 4)), 0xe3069283);
});

test('a mask rotates right by 15 bits and adds 0xa282ead8', () => {
  assert.equal(masked(0), 0xa282ead8);
  assert.equal(masked(1), 0xa284ead8);
  assert.equal(masked(0x8000), 0xa282ead9);
  assert.equal(masked(0xffffffff), 0xa282ead7);
});
