import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { nativeZstd } from '#platform';
import { checksumAt } from '../../src/bytes/checksum.ts';
import { readU16, readU32, writeU32 } from '../../src/bytes/integers.ts';
import { BlockPacker, unpackBlock } from '../../src/sstable/block-codec.ts';
import { FRESH_MEMORY } from '../../src/sstable/block-memory.ts';
import { MAX_BLOCK_BYTES } from '../../src/sstable/format.ts';
import { expectError } from '../support/expect-error.ts';
import { checkProperty } from '../support/property.ts';
import { STAND_IN_ZSTD } from '../support/stand-in-zstd.ts';
import { encodeBlock, randomNumbers, text } from './support.ts';

const SEED = 5;
const OFFSET = 1000;

/** The rows of a block with one value: `noise` random bytes, and zeros up to `length`. */
function content(noise: number, length: number): Uint8Array {
  const random = randomNumbers(7);
  const value = new Uint8Array(length).map((_, i) => (i < noise ? random() : 0));
  return encodeBlock([{ key: text('k'), sequence: 1, value }]).slice(0, -5);
}

/** What of those rows is not the value. */
const AROUND = 16 + 1 + 2 + 2;

function unpack(stored: Uint8Array): Uint8Array {
  return unpackBlock(stored, FRESH_MEMORY, 'file', OFFSET);
}

describe('a packed block', () => {
  it('ends with the length of its columns, the codec and its checksum', () => {
    const entries = Array.from({ length: 9 }, (_, i) => ({
      key: text(`${i}`),
      sequence: i,
      value: text('words'),
    }));
    const rows = encodeBlock(entries).slice(0, -5);
    const packed = new BlockPacker('lz4').pack(rows, rows.length, SEED, OFFSET);
    assert.ok(packed !== undefined);
    const end = packed.length;
    assert.equal(readU32(packed, end - 9), rows.length - 2 * entries.length);
    assert.equal(packed[end - 5], 2);
    assert.equal(readU32(packed, end - 4), checksumAt(SEED, OFFSET, packed, 0, end - 4));
  });

  it('is in memory what it was before, with codec 0', () => {
    const packer = new BlockPacker('lz4');
    checkProperty(
      fc.property(
        fc.integer({ min: 20, max: 300 }),
        fc.integer({ min: 400, max: 300_000 }),
        (noise, length) => {
          const rows = content(noise, length);
          const packed = packer.pack(rows, rows.length, SEED, OFFSET);
          if (packed === undefined) assert.ok(noise > length / 2);
          else assert.deepEqual(unpack(packed), Uint8Array.from([...rows, 0, 0, 0, 0, 0]));
        },
      ),
    );
  });

  it('is made only where it saves an eighth', () => {
    const packer = new BlockPacker('lz4');
    const length = 4096;
    let least = length;
    for (let noise = 0; noise <= length - AROUND; noise++) {
      const packed = packer.pack(content(noise, length - AROUND), length, SEED, OFFSET);
      if (packed !== undefined) {
        assert.ok(packed.length - 5 <= (length * 7) / 8);
      } else {
        least = Math.min(least, noise);
      }
    }
    // Where noise alone is an eighth less than the content, little is left to say about the rest.
    assert.ok(least > (length * 7) / 8 - 70, `${least}`);
    const short = content(0, 0);
    assert.equal(packer.pack(short, short.length, SEED, OFFSET), undefined);
  });

  it('is as long as the shortest block at least', () => {
    const packer = new BlockPacker('lz4');
    for (let length = 0; length < 400; length++) {
      const rows = content(0, length);
      const packed = packer.pack(rows, rows.length, SEED, OFFSET);
      assert.ok(packed === undefined || packed.length >= 25, `${length}`);
    }
  });

  it('is made of contents up to 64 MiB', () => {
    const packer = new BlockPacker('lz4');
    const most = 64 * 1024 * 1024;
    assert.ok(packer.pack(content(0, most - AROUND), most, SEED, OFFSET) !== undefined);
    assert.equal(packer.pack(content(0, most - AROUND + 1), most + 1, SEED, OFFSET), undefined);
  });

  it('leaves other codecs as they are', () => {
    for (const codec of [0, 1, 255]) {
      const stored = new Uint8Array(40);
      stored[35] = codec;
      assert.equal(unpack(stored), stored);
    }
  });

  it('is damaged when it does not hold what it says, and costs no memory if it cannot', () => {
    const rows = content(20, 2000);
    const packed = new BlockPacker('lz4').pack(rows, rows.length, SEED, OFFSET);
    assert.ok(packed !== undefined);
    const allocator = {
      take: (length: number): Uint8Array => {
        assert.ok(length <= 255 * packed.length + 5, `${length} bytes`);
        return new Uint8Array(length);
      },
      give: (): void => {},
    };
    const length = rows.length - 2;
    const lies = [
      0,
      17,
      18,
      19,
      length - 1,
      length + 1,
      50_000,
      2 ** 26,
      2 ** 26 + 1,
      MAX_BLOCK_BYTES,
      2 ** 32 - 1,
    ];
    for (const lie of lies) {
      const stored = packed.slice();
      writeU32(stored, stored.length - 9, lie);
      const error = expectError('LSM_CORRUPTION', () => unpackBlock(stored, allocator, 'file', OFFSET));
      assert.match(error.message, /said to hold/);
      assert.deepEqual([error.file, error.offset], ['file', OFFSET]);
    }
    const stored = packed.slice();
    stored.fill(0xff, 0, 10);
    expectError('LSM_CORRUPTION', () => unpack(stored));
  });

  for (const [name, zstd] of [
    ['zstd', nativeZstd],
    ['a stand-in for zstd', STAND_IN_ZSTD],
  ] as const) {
    describe(`by ${name}`, { skip: zstd === null && 'this runtime has none' }, () => {
      const rows = content(200, 2000);
      const pack = (): Uint8Array => {
        const packed = new BlockPacker('zstd', false, zstd).pack(rows, rows.length, SEED, OFFSET);
        assert.ok(packed !== undefined);
        return packed;
      };
      const unpackZstd = (stored: Uint8Array): Uint8Array =>
        unpackBlock(stored, FRESH_MEMORY, 'file', OFFSET, zstd);

      it('says so, and comes back', () => {
        const packed = pack();
        assert.equal(packed[packed.length - 5], 3);
        assert.deepEqual(unpackZstd(packed), Uint8Array.from([...rows, 0, 0, 0, 0, 0]));
      });

      it('is damaged when it does not hold what it says, whatever it does hold', () => {
        const packed = pack();
        for (const lie of [0, 17, 18, rows.length - 3, rows.length - 1, 50_000, 2 ** 26, 2 ** 32 - 1]) {
          const stored = packed.slice();
          writeU32(stored, stored.length - 9, lie);
          const error = expectError('LSM_CORRUPTION', () => unpackZstd(stored));
          assert.deepEqual([error.file, error.offset], ['file', OFFSET]);
        }
        const stored = packed.slice();
        stored.fill(0xff, 0, 10);
        expectError('LSM_CORRUPTION', () => unpackZstd(stored));
        const torn = Uint8Array.from([...packed.subarray(0, 20), ...packed.subarray(-9)]);
        expectError('LSM_CORRUPTION', () => unpackZstd(torn));
      });

      it('is packed by LZ4 where it would claim more than a reader believes', () => {
        const long = content(0, 1_000_000);
        const packed = new BlockPacker('zstd', false, zstd).pack(long, long.length, SEED, OFFSET);
        assert.ok(packed !== undefined);
        assert.equal(packed[packed.length - 5], 2);
        assert.deepEqual(unpack(packed).subarray(0, -5), long);
      });

      it('stays as it is where it cannot be packed', () => {
        const noise = content(2000, 2000);
        assert.equal(new BlockPacker('zstd', false, zstd).pack(noise, noise.length, SEED, OFFSET), undefined);
      });
    });
  }

  it('by zstd is unsupported where the runtime has none', () => {
    const rows = content(200, 2000);
    const packed = new BlockPacker('zstd', false, STAND_IN_ZSTD).pack(rows, rows.length, SEED, OFFSET);
    assert.ok(packed !== undefined);
    const error = expectError('LSM_UNSUPPORTED_FORMAT', () =>
      unpackBlock(packed, FRESH_MEMORY, 'file', OFFSET, null),
    );
    assert.deepEqual([error.file, error.offset], ['file', OFFSET]);
    assert.match(error.message, /Node\.js 22\.15/);
    expectError('LSM_INTERNAL', () => new BlockPacker('zstd', false, null));
  });

  it('is damaged when its columns do not fit each other', () => {
    // LZ4: 60 literals, none of which is a length of the value.
    const literals = new Uint8Array(60).fill(1, 58, 59);
    const stored = Uint8Array.of(0xf0, 45, ...literals, 60, 0, 0, 0, 2, 0, 0, 0, 0);
    const error = expectError('LSM_CORRUPTION', () => unpack(stored));
    assert.deepEqual([error.file, error.offset], ['file', OFFSET]);
    assert.match(error.message, /columns/);
  });

  it('of random bytes is damaged, or a block in form', () => {
    checkProperty(
      fc.property(fc.uint8Array({ minLength: 16, maxLength: 200 }), fc.nat(1000), (bytes, length) => {
        const stored = new Uint8Array(bytes.length + 9);
        stored.set(bytes);
        writeU32(stored, bytes.length, length);
        stored[bytes.length + 4] = 2;
        let unpacked: Uint8Array;
        try {
          unpacked = unpack(stored);
        } catch (error) {
          expectError('LSM_CORRUPTION', () => {
            throw error;
          });
          return;
        }
        assert.equal(unpacked.length, length + 2 * readU16(unpacked, unpacked.length - 7) + 5);
      }),
      500,
    );
  });
});
