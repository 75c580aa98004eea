import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { compareKeys } from '../../src/bytes/compare.ts';
import { readU16, writeU16, writeU32 } from '../../src/bytes/integers.ts';
import { LsmError } from '../../src/errors.ts';
import { compareInternal, KIND_DELETE } from '../../src/keys/internal-key.ts';
import { BlockCursor } from '../../src/sstable/block-cursor.ts';
import { decodeBlock } from '../../src/sstable/block-decoder.ts';
import { headCount } from '../../src/sstable/key-heads.ts';
import { expectError } from '../support/expect-error.ts';
import { fromHex, toHex } from '../support/hex.ts';
import { checkProperty } from '../support/property.ts';
import {
  type Entry,
  encodeBlock,
  randomNumbers,
  scanBackward,
  scanForward,
  showEntry,
  sorted,
  text,
} from './support.ts';

const FRUIT: readonly Entry[] = [
  { key: text('apple'), sequence: 2 ** 53 - 1, value: text('red') },
  { key: text('apple'), sequence: 258, value: undefined },
  { key: text('apricot'), sequence: 3, value: text('') },
  { key: text('banana'), sequence: 0, value: text('y') },
];

/** Written by hand from docs/formats.md; the checksum is that of these bytes at offset 4096. */
const FRUIT_BYTES = `
  0000 0500 6170706c65      01ffffff ffffff1f 03000000 726564
  0500 0000                 02020100 00000000 00000000
  0200 0500 7269636f74      01030000 00000000 00000000
  0000 0600 62616e616e61    01000000 00000000 01000000 79
  0000 1800 2800 3d00  0400  00`;
const FRUIT_CHECKSUM = '46a7c674';

describe('Block', () => {
  it('holds as many entries as come, and finds each', () => {
    const entries: Entry[] = Array.from({ length: 600 }, (_, i) => ({
      key: text(String(i).padStart(4, '0')),
      sequence: 1,
      value: text('v'),
    }));
    const block = decodeBlock(encodeBlock(entries), 'data', 'file', 0);
    assert.equal(block.count, 600);
    for (const [i, { key }] of entries.entries()) assert.equal(block.lowerBound(key, 0, key.length, 1), i);
  });

  it('tells keys apart that differ only in what they would share with its first key', () => {
    const entries = ['abcX', 'abcY'].map((key) => ({ key: text(key), sequence: 1, value: text('') }));
    const block = decodeBlock(encodeBlock(entries), 'data', 'file', 0);
    assert.equal(block.keyEquals(1, text('abcY'), 0, 4), true);
    assert.equal(block.keyEquals(1, text('aXcY'), 0, 4), false);
  });

  it('finds keys whose heads are the greatest there are', () => {
    const keys = [[0], [255, 255, 255, 255], [255, 255, 255, 255, 1], [255, 255, 255, 255, 2]];
    const entries = keys.map((key) => ({ key: Uint8Array.from(key), sequence: 1, value: text('') }));
    const block = decodeBlock(encodeBlock(entries), 'data', 'file', 0);
    block.addHeads(new Int32Array(block.count), 0, 0);
    for (const [i, { key }] of entries.entries()) assert.equal(block.lowerBound(key, 0, key.length, 1), i);
    assert.equal(block.lowerBound(Uint8Array.of(255, 255, 255, 255, 3), 0, 5, 1), 4);
  });

  it('is not needed by a cursor that stands nowhere', () => {
    const cursor = new BlockCursor();
    cursor.seekToLast();
    assert.equal(cursor.valid, false);
    cursor.seek(text('a'), 0, 1, 1);
    assert.equal(cursor.valid, false);
  });

  it('has these bytes', () => {
    const body = toHex(fromHex(FRUIT_BYTES));
    const block = toHex(encodeBlock(FRUIT, 4096));
    assert.equal(block.slice(0, -8), body);
    assert.equal(block.slice(-8), FRUIT_CHECKSUM);
  });

  it('has no value that goes on beyond its entries', () => {
    const bytes = encodeBlock(FRUIT);
    const valueLengthAt = fromHex(FRUIT_BYTES).length - 1 - 2 - 2 * FRUIT.length - 'y'.length - 4;
    for (const length of [0, 2, 5, 0x7fff_ffff, 0xffff_ffff]) {
      writeU32(bytes, valueLengthAt, length);
      expectError('LSM_CORRUPTION', () => decodeBlock(bytes, 'data', 'file', 0));
    }
  });

  it('is read where it lies', () => {
    const cursor = new BlockCursor();
    cursor.attach(decodeBlock(encodeBlock(FRUIT), 'data', 'file', 0));
    assert.deepEqual(scanForward(cursor), FRUIT.map(showEntry));
    assert.deepEqual(scanBackward(cursor), FRUIT.map(showEntry).toReversed());
    cursor.seekToFirst();
    assert.equal(cursor.value, cursor.key);
  });

  it('is searched by the heads of its keys as by the keys', () => {
    const letters = fc.constantFrom(0x00, 0x01, 0x61, 0x62, 0x80, 0xff);
    const key = fc
      .tuple(fc.constantFrom(0, 1, 5), fc.array(letters, { maxLength: 9 }))
      .map(([prefix, rest]) => Uint8Array.from([...new Uint8Array(prefix).fill(0x61), ...rest]));
    const internal = fc.record({ key, sequence: fc.nat(3), value: fc.constant(text('v')) });
    const entries = fc.array(internal, { minLength: 1, maxLength: 40 }).map(sorted);
    const targets = fc.array(internal, { maxLength: 20 });
    checkProperty(
      fc.property(entries, targets, fc.nat(7), fc.nat(3), (model, others, shift, at) => {
        const plain = decodeBlock(encodeBlock(model), 'data', 'file', 0);
        const headed = decodeBlock(encodeBlock(model), 'data', 'file', 0);
        headed.addHeads(new Int32Array(at + headCount(headed.count, shift)), at, shift);
        for (const { key, sequence } of [...model, ...others]) {
          const after = model.findIndex(
            (e) => compareInternal(e.key, 0, e.key.length, e.sequence, key, 0, key.length, sequence) >= 0,
          );
          const expected = after === -1 ? model.length : after;
          assert.equal(plain.lowerBound(key, 0, key.length, sequence), expected);
          assert.equal(headed.lowerBound(key, 0, key.length, sequence), expected);
          const isThere = expected < model.length && compareKeys(model[expected].key, key) === 0;
          const isNewest = expected === 0 || compareKeys(model[expected - 1].key, key) !== 0;
          for (const part of [0, 31, 63]) {
            const found = headed.find(key, 0, key.length, sequence, part);
            // It may not know, but with a head for each key it knows the newest version.
            if (found !== -1) assert.ok(isThere && found === expected);
            else assert.ok(!(shift === 0 && isThere && isNewest));
          }
        }
      }),
    );
  });

  it('is searched by a ruler as by the keys when it is an index block', () => {
    const letters = fc.constantFrom(0x00, 0x30, 0x31, 0x32, 0x61, 0xff);
    const key = fc
      .tuple(fc.constantFrom(0, 1, 5), fc.array(letters, { maxLength: 20 }))
      .map(([prefix, rest]) => Uint8Array.from([...new Uint8Array(prefix).fill(0x61), ...rest]));
    const internal = fc.record({ key, sequence: fc.nat(3) });
    const keys = fc.array(internal, { minLength: 1, maxLength: 40 });
    checkProperty(
      fc.property(keys, fc.array(internal, { maxLength: 20 }), (own, others) => {
        const handle = new Uint8Array(12);
        const entries = sorted(own.map((one) => ({ ...one, value: handle.slice() })));
        for (const [i, { value }] of entries.entries()) {
          writeU32(value ?? handle, 0, 100 * i);
          writeU32(value ?? handle, 8, 100);
        }
        const bytes = encodeBlock(entries);
        const plain = decodeBlock(bytes, 'index', 'file', 5000);
        const ruled = decodeBlock(bytes, 'index', 'file', 5000);
        ruled.addRuler();
        for (const { key, sequence } of [...entries, ...others]) {
          const last = entries.findLastIndex(
            (e) => compareInternal(e.key, 0, e.key.length, e.sequence, key, 0, key.length, sequence) <= 0,
          );
          assert.equal(plain.floor(key, 0, key.length, sequence), Math.max(0, last));
          assert.equal(ruled.floor(key, 0, key.length, sequence), Math.max(0, last));
        }
      }),
    );
  });

  it('has a checksum that depends on where it stands', () => {
    assert.notEqual(toHex(encodeBlock(FRUIT, 0)), toHex(encodeBlock(FRUIT, 4096)));
  });

  it('is refused as damage when any of its structure is wrong, however its checksum was made', () => {
    const good = encodeBlock(FRUIT);
    const countAt = good.length - 7;
    const offsetsAt = countAt - 2 * readU16(good, countAt);
    const broken: [string, (bytes: Uint8Array) => void][] = [
      ['no entries', (b) => writeU16(b, countAt, 0)],
      ['more entries than fit', (b) => writeU16(b, countAt, 65_535)],
      ['one entry too few', (b) => writeU16(b, countAt, 3)],
      ['one entry too many', (b) => writeU16(b, countAt, 5)],
      ['an offset inside an entry', (b) => writeU16(b, offsetsAt + 2, 0x19)],
      ['a first offset that is not 0', (b) => writeU16(b, offsetsAt, 1)],
      ['an offset past the end', (b) => writeU16(b, offsetsAt + 6, 65_535)],
      ['a first entry that shares', (b) => writeU16(b, 0, 1)],
      ['an entry that shares more than the first key has', (b) => writeU16(b, 0x18, 6)],
      ['an entry that shares less than it could', (b) => (b[0x28 + 4] = 0x70)],
      ['an entry that sorts before the first', (b) => (b[0x28 + 4] = 0x6f)],
      ['a rest that is too long', (b) => writeU16(b, 2, 65_535)],
      ['a value that is too long', (b) => writeU32(b, 17, 2 ** 32 - 1)],
      ['a value that is too short', (b) => writeU32(b, 17, 2)],
      ['an unknown kind', (b) => (b[9] = 3)],
      ['a sequence over 2^53', (b) => (b[16] = 0x20)],
      ['a tombstone with a value', (b) => (b[9] = KIND_DELETE)],
    ];
    for (const [what, damage] of broken) {
      const bytes = good.slice();
      damage(bytes);
      assert.notDeepEqual(bytes, good, what);
      const error = expectError('LSM_CORRUPTION', () => decodeBlock(bytes, 'data', 'some file', 77));
      assert.deepEqual([error.file, error.offset], ['some file', 77]);
    }
  });

  it('is refused as a format of the future when it is packed with an unknown codec', () => {
    const bytes = encodeBlock(FRUIT);
    bytes[bytes.length - 5] = 1;
    expectError('LSM_UNSUPPORTED_FORMAT', () => decodeBlock(bytes, 'data', 'file', 0));
  });

  it('is no index block unless its values are handles of blocks that touch and stand before it', () => {
    const handle = (offset: number, length: number): Uint8Array => {
      const bytes = new Uint8Array(12);
      writeU32(bytes, 0, offset);
      writeU32(bytes, 8, length);
      return bytes;
    };
    const index = (...values: Uint8Array[]): Uint8Array =>
      encodeBlock(values.map((value, i) => ({ key: text(`${i}`), sequence: 1, value })));
    const decode = (bytes: Uint8Array): unknown => decodeBlock(bytes, 'index', 'file', 1000);
    decode(index(handle(0, 400), handle(400, 600)));
    expectError('LSM_CORRUPTION', () => decode(index(text('short'))));
    expectError('LSM_CORRUPTION', () => decode(index(handle(0, 400), handle(401, 500))));
    expectError('LSM_CORRUPTION', () => decode(index(handle(0, 400), handle(399, 500))));
    expectError('LSM_CORRUPTION', () => decode(index(handle(0, 400), handle(400, 601))));
    expectError('LSM_CORRUPTION', () => decode(index(handle(0, 24))));
    expectError('LSM_CORRUPTION', () => decode(index(handle(0, 2 ** 32 - 1))));
    expectError('LSM_CORRUPTION', () => decode(index(handle(1000, 100))));
  });

  it('of random bytes is damage or can be read to its end, and never another error', (t) => {
    const { SEED: seed = '1' } = process.env;
    t.diagnostic(`SEED=${seed}`);
    const random = randomNumbers(Number(seed));
    const good = encodeBlock(FRUIT);
    let readable = 0;
    for (let run = 0; run < 20_000; run++) {
      const bytes = good.slice();
      for (let flips = random() % 4; flips >= 0; flips--) bytes[random() % bytes.length] = random();
      try {
        const cursor = new BlockCursor();
        cursor.attach(decodeBlock(bytes, run % 2 === 0 ? 'data' : 'index', 'file', 0));
        const forward = scanForward(cursor);
        assert.deepEqual(scanBackward(cursor), forward.toReversed());
        cursor.seek(text('apple'), 0, 5, 5);
        readable += 1;
      } catch (error) {
        assert.ok(error instanceof LsmError, String(error));
      }
    }
    assert.ok(readable > 0);
  });
});
