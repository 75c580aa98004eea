import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { decodeLz4 } from '../../src/bytes/lz4-decoder.ts';
import { Lz4Encoder } from '../../src/bytes/lz4-encoder.ts';
import { fromHex, toHex } from '../support/hex.ts';
import { checkProperty } from '../support/property.ts';

const GUARD = 0xa5;

/** Packs into memory that is exactly as long as it has to be, behind which nothing may be written. */
function pack(content: Uint8Array, most: number, encoder = new Lz4Encoder()): Uint8Array | undefined {
  const memory = new Uint8Array(most + 1 + 16).fill(GUARD);
  const length = encoder.encode(content, content.length, memory.subarray(0, most + 1), most);
  assert.ok(length <= most);
  assert.ok(memory.subarray(most + 1).every((byte) => byte === GUARD));
  return length === 0 ? undefined : memory.slice(0, length);
}

function packed(content: Uint8Array, encoder?: Lz4Encoder): Uint8Array {
  const bytes = pack(content, worstCase(content.length), encoder);
  assert.ok(bytes !== undefined);
  return bytes;
}

/** What the format may need at most. */
function worstCase(length: number): number {
  return length + Math.ceil(length / 255) + 16;
}

/** Unpacks from and into the middle of memory whose other bytes nobody may read into the result or change. */
function unpack(block: Uint8Array, size: number): Uint8Array | undefined {
  const from = new Uint8Array(block.length + 32).fill(GUARD);
  from.set(block, 16);
  const to = new Uint8Array(size + 32).fill(GUARD);
  const isGood = decodeLz4(from.subarray(16), block.length, to.subarray(16), size);
  assert.ok(to.subarray(0, 16).every((byte) => byte === GUARD));
  assert.ok(to.subarray(16 + size).every((byte) => byte === GUARD));
  return isGood ? to.slice(16, 16 + size) : undefined;
}

interface Sequence {
  readonly literals: number;
  /** 0 in the last one. */
  readonly match: number;
}

/** The format word for word, byte by byte: the content and the sequences, or undefined if it is no block. */
function unpackSlowly(
  block: Uint8Array,
  size: number,
): { content: number[]; sequences: Sequence[] } | undefined {
  const input = [...block];
  const content: number[] = [];
  const sequences: Sequence[] = [];
  const length = (nibble: number): number => {
    if (nibble < 15) return nibble;
    let sum = nibble;
    for (;;) {
      const byte = input.shift() ?? Number.NaN;
      sum += byte;
      if (byte !== 255) return sum;
    }
  };
  while (input.length > 0) {
    const token = input.shift() ?? 0;
    const literals = length(token >> 4);
    if (!(literals <= input.length)) return undefined;
    content.push(...input.splice(0, literals));
    if (content.length > size) return undefined;
    if (input.length === 0) {
      sequences.push({ literals, match: 0 });
      return content.length === size ? { content, sequences } : undefined;
    }
    const offset = (input.shift() ?? Number.NaN) + 256 * (input.shift() ?? Number.NaN);
    if (!(offset >= 1 && offset <= content.length)) return undefined;
    const match = length(token & 15) + 4;
    if (!(content.length + match <= size)) return undefined;
    for (let i = 0; i < match; i++) content.push(content[content.length - offset]);
    sequences.push({ literals, match });
  }
  return undefined;
}

function ascii(text: string): Uint8Array {
  return Uint8Array.from(text, (letter) => letter.charCodeAt(0));
}

/** Bytes without a repetition of four. */
function unlike(length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => ((i * i * 31 + i * 7) >> 3) & 255);
}

/** What the reference implementation (version 1.9.4) makes of these contents. */
const REFERENCE: readonly (readonly [string, Uint8Array, string])[] = [
  ['nothing', ascii(''), '00'],
  ['one byte', ascii('x'), '1078'],
  ['a match that repeats its only byte', ascii('a'.repeat(30)), '1f 61 0100 05 50 6161616161'],
  ['a match that repeats three bytes', ascii('abc'.repeat(40)), '3f 616263 0300 5d 50 6263616263'],
  [
    'words',
    ascii('the quick brown fox, the quick brown dog, the quick brown fox, the lazy dog'),
    'fc 06 74686520717569636b2062726f776e20666f782c20 1500 3e 646f67 1500 05 2a00 80 6c617a7920646f67',
  ],
  [
    'a match of some length',
    ascii('0123456789'.repeat(100)),
    'af 30313233343536373839 0a00 ffffffc9 50 3536373839',
  ],
  ['many literals', unlike(300), `f0 ff1e ${toHex(unlike(300))}`],
  [
    'a match far back',
    Uint8Array.from([...unlike(280), ...unlike(280)]),
    `ff ff0a ${toHex(unlike(280))} 1801 ff01 50 a7ff5fc636`,
  ],
];

/** Random bytes, few letters, long repetitions, copies from near and far. */
const content = fc
  .array(
    fc.oneof(
      fc.record({ kind: fc.constant('bytes' as const), bytes: fc.uint8Array({ maxLength: 400 }) }),
      fc.record({
        kind: fc.constant('letters' as const),
        bytes: fc
          .array(fc.constantFrom(0, 1, 2), { maxLength: 60 })
          .map((letters) => Uint8Array.from(letters)),
      }),
      fc.record({
        kind: fc.constant('copy' as const),
        back: fc.oneof(fc.integer({ min: 1, max: 8 }), fc.integer({ min: 1, max: 80_000 })),
        length: fc.oneof(fc.nat(40), fc.nat(3000), fc.nat(40_000)),
      }),
    ),
    { maxLength: 12 },
  )
  .map((parts) => {
    const bytes: number[] = [];
    for (const part of parts) {
      if (part.kind !== 'copy') bytes.push(...part.bytes);
      else if (bytes.length > 0) {
        const back = Math.min(part.back, bytes.length);
        for (let i = 0; i < part.length; i++) bytes.push(bytes[bytes.length - back]);
      }
    }
    return Uint8Array.from(bytes);
  });

describe('LZ4', () => {
  for (const [name, bytes, block] of REFERENCE) {
    it(`packs as the reference implementation does: ${name}`, () => {
      assert.equal(toHex(packed(bytes)), toHex(fromHex(block)));
      assert.deepEqual(unpack(fromHex(block), bytes.length), bytes);
    });
  }

  it('gives back what was packed, whatever it is and whatever was packed before', () => {
    const encoder = new Lz4Encoder();
    checkProperty(
      fc.property(content, (bytes) => {
        assert.deepEqual(unpack(packed(bytes, encoder), bytes.length), bytes);
      }),
      300,
    );
  });

  it('gives back contents of every small length', () => {
    const encoder = new Lz4Encoder();
    for (let length = 0; length < 600; length++) {
      for (const bytes of [
        unlike(length),
        new Uint8Array(length),
        ascii('abcdefg'.repeat(90)).slice(0, length),
      ]) {
        assert.deepEqual(unpack(packed(bytes, encoder), length), bytes, `${length} bytes`);
      }
    }
  });

  it('gives back contents in which matches are up to 65,535 bytes away, and takes none further away', () => {
    for (const distance of [65_534, 65_535, 65_536, 65_537]) {
      const bytes = new Uint8Array(distance + 100);
      for (let i = 0; i < distance; i++) bytes[i] = Math.imul(i, 0x9e3779b1) >>> 24;
      bytes.copyWithin(distance, 0, 100);
      assert.deepEqual(unpack(packed(bytes), bytes.length), bytes, `${distance}`);
    }
  });

  it('keeps to the rules for the end of a block, and means what the format says', () => {
    checkProperty(
      fc.property(content, (bytes) => {
        const read = unpackSlowly(packed(bytes), bytes.length);
        assert.ok(read !== undefined);
        assert.deepEqual(Uint8Array.from(read.content), bytes);
        const last = read.sequences[read.sequences.length - 1];
        if (read.sequences.length === 1) return;
        const lastMatch = read.sequences[read.sequences.length - 2].match;
        assert.ok(last.literals >= 5 && last.literals + lastMatch >= 12);
      }),
    );
  });

  it('stops where its room ends, and not before', () => {
    checkProperty(
      fc.property(content, fc.nat(), (bytes, random) => {
        const block = packed(bytes);
        assert.deepEqual(pack(bytes, block.length), block);
        assert.equal(pack(bytes, random % block.length), undefined);
      }),
    );
  });

  it('makes little of repetitions and no more than the worst case of anything', () => {
    assert.ok(packed(new Uint8Array(4096)).length < 40);
    assert.ok(packed(ascii('some words '.repeat(400))).length < 60);
    checkProperty(
      fc.property(fc.uint8Array({ maxLength: 5000 }), (bytes) => {
        assert.ok(packed(bytes).length <= bytes.length + 1 + Math.ceil(bytes.length / 255));
      }),
    );
  });

  it('begins to count anew before its counts are used up', () => {
    const encoder = new Lz4Encoder();
    const large = new Uint8Array(2 ** 28);
    const memory = new Uint8Array(2 ** 21);
    const words = ascii('the quick brown fox and the quick brown dog and the quick brown fox');
    for (let i = 0; i < 9; i++) {
      assert.ok(encoder.encode(large, large.length, memory, memory.length - 1) > 0);
      assert.deepEqual(packed(words, encoder), packed(words));
    }
  });
});

describe('LZ4, of hostile bytes', () => {
  /** Both readers take it for the same content, or for no block. */
  function assertJudgedAlike(block: Uint8Array, size: number): boolean {
    const expected = unpackSlowly(block, size);
    const found = unpack(block, size);
    assert.deepEqual(found, expected === undefined ? undefined : Uint8Array.from(expected.content));
    return found !== undefined;
  }

  it('refuses random bytes, or unpacks them as the format says', () => {
    let taken = 0;
    const block = fc.oneof(
      fc.uint8Array({ maxLength: 200 }),
      fc
        .array(fc.oneof(fc.constantFrom(0, 1, 2, 0x0f, 0x10, 0x1f, 0x40, 0xf0, 0xff), fc.nat(255)), {
          maxLength: 40,
        })
        .map((bytes) => Uint8Array.from(bytes)),
    );
    checkProperty(
      fc.property(block, fc.nat(600), (bytes, size) => {
        if (assertJudgedAlike(bytes, size)) taken += 1;
        // The size it has, if it is a block at all.
        for (let length = 0; length < 80; length++) if (assertJudgedAlike(bytes, length)) taken += 1;
      }),
      300,
    );
    assert.ok(taken > 0);
  });

  it('refuses a block with any byte changed, or unpacks it as the format says', () => {
    const bytes = Uint8Array.from([
      ...unlike(30),
      ...ascii('abc'.repeat(20)),
      ...unlike(300),
      ...unlike(290),
    ]);
    const block = packed(bytes);
    for (let at = 0; at < block.length; at++) {
      for (const value of [0, 1, 3, 15, 16, 127, 240, 254, 255, block[at] ^ 1]) {
        assertJudgedAlike(block.with(at, value), bytes.length);
      }
    }
  });

  it('refuses a block that is cut off, goes on, or has another size', () => {
    const bytes = ascii('the quick brown fox, the quick brown dog, the quick brown fox, the lazy dog');
    const block = packed(bytes);
    for (let length = 0; length < block.length; length++) {
      assert.equal(unpack(block.slice(0, length), bytes.length), undefined);
    }
    assert.equal(unpack(Uint8Array.from([...block, 0]), bytes.length), undefined);
    for (const size of [0, 1, bytes.length - 1, bytes.length + 1, 1000]) {
      assert.equal(unpack(block, size), undefined, `${size}`);
    }
  });

  it('refuses an offset of 0 and one that leads before the start', () => {
    const block = (offset: number): Uint8Array =>
      fromHex(`40 61626364 ${toHex(Uint8Array.of(offset))}00 50 6566676869`);
    assert.deepEqual(unpack(block(4), 13), ascii('abcdabcdefghi'));
    assert.equal(unpack(block(0), 13), undefined);
    assert.equal(unpack(block(5), 13), undefined);
  });

  it('refuses lengths that go on for ever', () => {
    for (const token of ['f0', '1f 61 0100']) {
      assert.equal(unpack(fromHex(`${token} ${'ff'.repeat(5000)}`), 2000), undefined);
      assert.equal(unpack(fromHex(`${token} ${'ff'.repeat(5000)} 00`), 2000), undefined);
    }
  });
});
