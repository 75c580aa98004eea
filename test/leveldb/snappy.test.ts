import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { compress } from 'snappyjs';
import { LsmError } from '../../src/errors.ts';
import { uncompress } from '../../src/leveldb/snappy.ts';
import { expectError } from '../support/expect-error.ts';
import { fromHex, toHex } from '../support/hex.ts';
import { checkProperty } from '../support/property.ts';
import { concat, text, varint } from './builders.ts';

const fault = (what: string): LsmError => new LsmError('LSM_CORRUPTION', what);

function unpack(bytes: Uint8Array, limit = 2 ** 20): Uint8Array {
  return uncompress(concat([9], bytes, [9]), 1, bytes.length, limit, fault);
}

test('a hand-made block with every kind of element is uncompressed', () => {
  const block = fromHex(
    `
    54              84 bytes
    0c 61626364     4 literals: abcd
    01 04           copy 4 bytes from 4 back
    1e 08 00        copy 8 bytes from 8 back
    0f 01 00 00 00  copy 4 bytes from 1 back
    f0 3f`.replace(/^\s+([0-9a-f ]+?)(?:\s{2,}.*)?$/gm, '$1'),
  );
  const literals = new Uint8Array(64).fill(0x7a);
  assert.equal(toHex(unpack(concat(block, literals))), toHex(text(`abcdabcdabcdabcddddd${'z'.repeat(64)}`)));
});

test('an empty block is nothing', () => {
  assert.equal(unpack(Uint8Array.of(0)).length, 0);
});

test('what the package compresses comes out as it was', () => {
  const words = fc.array(fc.constantFrom('a', 'ab', 'leveldb', 'x'.repeat(70), '\u0000', '€'), {
    maxLength: 300,
  });
  const any = fc.oneof(
    fc.uint8Array({ maxLength: 300 }),
    words.map((parts) => text(parts.join(''))),
  );
  checkProperty(
    fc.property(any, (bytes) => {
      assert.equal(toHex(unpack(compress(bytes))), toHex(bytes));
    }),
  );
});

for (const [what, bytes] of [
  ['nothing at all', []],
  ['a length without an end', [0x80, 0x80]],
  ['a length of six bytes', [0x80, 0x80, 0x80, 0x80, 0x80, 0x00]],
  ['no elements for its length', [5]],
  ['too few bytes for its length', [5, 0x04, 1, 2]],
  ['more bytes than its length', [1, 0x04, 1, 2]],
  ['elements after its length is reached', [2, 0x04, 1, 2, 0x00, 1]],
  ['a literal beyond its end', [9, 0x20, 1, 2]],
  ['a literal without its length', [9, 0xf4, 1]],
  // The package alone would go backwards here, and never come back.
  ['a literal whose length is negative for the package', [9, 0x00, 1, 0xfc, 0xf8, 0xff, 0xff, 0xff]],
  // The package wants four bytes behind the tag, whatever the length takes.
  ['a short literal at its end whose length takes a byte in vain', [1, 0xf0, 0, 1]],
  ['a copy from before its beginning', [9, 0x04, 1, 2, 0x01, 3]],
  ['a copy from nowhere', [9, 0x04, 1, 2, 0x01, 0]],
  ['a short copy without its offset', [6, 0x04, 1, 2, 0x01]],
  ['a copy without its offset', [9, 0x04, 1, 2, 0x02, 1]],
  ['a far copy without its offset', [9, 0x04, 1, 2, 0x03, 1, 0, 0]],
  [
    'a far copy with an offset that is negative for the package',
    [9, 0x04, 1, 2, 0x1b, 0xff, 0xff, 0xff, 0xff],
  ],
] as const) {
  test(`a block with ${what} is refused`, () => {
    expectError('LSM_CORRUPTION', () => unpack(Uint8Array.from(bytes)));
  });
}

test('an enormous length is refused before memory is taken for it', () => {
  expectError('LSM_CORRUPTION', () => unpack(concat(varint(2 ** 32 - 1), [0x00, 1])));
  // Within the limit, but no block of this size makes that much.
  expectError('LSM_CORRUPTION', () => unpack(concat(varint(2 ** 31 - 2 ** 20), [0x00, 1]), 2 ** 31));
});

test('random bytes and changed blocks are uncompressed to their length or refused', () => {
  const changed = fc
    .tuple(fc.uint8Array({ minLength: 1, maxLength: 200 }), fc.nat(), fc.integer({ min: 1, max: 255 }))
    .map(([bytes, at, change]) => {
      const block = compress(concat(bytes, bytes));
      block[at % block.length] ^= change;
      return block;
    });
  checkProperty(
    fc.property(fc.oneof(fc.uint8Array({ maxLength: 60 }), changed), (block) => {
      try {
        assert.ok(unpack(block).length <= 22 * block.length);
      } catch (error) {
        assert.ok(error instanceof LsmError);
      }
    }),
    1000,
  );
});
