/** The two ways of packing blocks: LZ4 of our own, and the Snappy of LevelDB. */

import { readU16, writeU16 } from '../../../../src/bytes/integers.ts';
import { decodeLz4 } from '../../../../src/bytes/lz4-decoder.ts';
import { Lz4Encoder } from '../../../../src/bytes/lz4-encoder.ts';
import { corruption } from '../../../../src/errors.ts';
import { uncompress } from '../../../../src/leveldb/snappy.ts';
import { SECRET, type Target } from '../target.ts';
import { check, checkSameBytes } from './checks.ts';

const TEXT: Uint8Array = Uint8Array.from(
  `${SECRET}${'a'.repeat(40)}${SECRET}bcd${SECRET}bcdefgh${'xy'.repeat(30)}${SECRET}bcdefghi`.repeat(3),
  (letter) => letter.charCodeAt(0),
);

/** How many bytes an input says that it unpacks to: its first two. */
const SIZE_BYTES = 2;

function packed(content: Uint8Array): Uint8Array {
  const to = new Uint8Array(SIZE_BYTES + 2 * content.length + 64);
  writeU16(to, 0, content.length);
  const length = new Lz4Encoder().encode(
    content,
    content.length,
    to.subarray(SIZE_BYTES),
    2 * content.length + 16,
  );
  return to.slice(0, SIZE_BYTES + length);
}

/** The format read byte by byte, without any of the decoder's short cuts; undefined if it is not that. */
function unpackSlowly(from: Uint8Array, size: number): Uint8Array | undefined {
  const out: number[] = [];
  let at = 0;
  const length = (nibble: number): number => {
    let sum = nibble;
    if (nibble < 15) return sum;
    for (;;) {
      const more = from[at++] ?? Number.NaN;
      sum += more;
      if (more !== 255) return sum;
    }
  };
  while (at < from.length) {
    const token = from[at++];
    const literals = length(token >>> 4);
    if (!(at + literals <= from.length && out.length + literals <= size)) return undefined;
    for (let i = 0; i < literals; i++) out.push(from[at++]);
    if (at === from.length) return out.length === size ? Uint8Array.from(out) : undefined;
    const offset = from[at] + 256 * from[at + 1];
    at += 2;
    if (!(offset >= 1 && offset <= out.length)) return undefined;
    const matched = length(token & 15) + 4;
    if (!(out.length + matched <= size)) return undefined;
    for (let i = 0; i < matched; i++) out.push(out[out.length - offset]);
  }
  return undefined;
}

const CANARY = 0xa5;

const lz4: Target = {
  name: 'lz4',
  covers: ['src/bytes/lz4-decoder'],
  longest: 1024,
  seeds: () => [
    packed(TEXT),
    packed(TEXT.subarray(0, 60)),
    packed(new Uint8Array(2000)),
    packed(Uint8Array.of(1)),
  ],
  run(bytes) {
    if (bytes.length < SIZE_BYTES) return;
    const size = readU16(bytes, 0) % 4096;
    const source = bytes.subarray(SIZE_BYTES);
    const to = new Uint8Array(size + 8).fill(CANARY);
    const done = decodeLz4(source, source.length, to, size);
    const expected = unpackSlowly(source, size);
    check(done === (expected !== undefined), 'the decoder accepts what the format allows');
    for (let i = size; i < to.length; i++) check(to[i] === CANARY, 'nothing is written beyond the size');
    if (expected !== undefined) checkSameBytes(to.subarray(0, size), expected, 'what was unpacked');
  },
};

const snappy: Target = {
  name: 'leveldb snappy',
  covers: ['src/leveldb/snappy', 'src/leveldb/byte-reader'],
  longest: 1024,
  seeds: () => [
    Uint8Array.of(5, 4 << 2, 1, 2, 3, 4, 5),
    Uint8Array.of(12, 3 << 2, 97, 98, 99, 100, 1 | (4 << 2), 4),
    Uint8Array.of(72, 3 << 2, 97, 98, 99, 100, 2 | (63 << 2), 2, 0, 3 | (3 << 2), 1, 0, 0, 0),
    Uint8Array.of(70, 60 << 2, 69, ...TEXT.subarray(0, 70)),
  ],
  // An element of three bytes makes at most 64.
  memory: { base: 4096, perByte: 64 },
  run(bytes) {
    const limit = 2 ** 20;
    const contents = uncompress(bytes, 0, bytes.length, limit, (what) => corruption('/db/1.ldb', 0, what));
    check(
      contents.length <= Math.max(64, 22 * bytes.length),
      'a block announces no more than its length allows',
    );
    checkSameBytes(contents, unsnapSlowly(bytes, contents.length), 'what was unpacked');
  },
};

/** What elements that were found right make, element by element. */
function unsnapSlowly(from: Uint8Array, size: number): Uint8Array {
  const out: number[] = [];
  let at = 0;
  while (from[at++] >= 128);
  while (at < from.length) {
    const tag = from[at++];
    const upper = tag >>> 2;
    const number = (bytes: number): number => {
      let value = 0;
      for (let i = 0; i < bytes; i++) value += from[at + i] * 2 ** (8 * i);
      at += bytes;
      return value;
    };
    if ((tag & 3) === 0) {
      const length = (upper < 60 ? upper : number(upper - 59)) + 1;
      for (let i = 0; i < length; i++) out.push(from[at++]);
      continue;
    }
    const isShort = (tag & 3) === 1;
    const length = isShort ? (upper & 7) + 4 : upper + 1;
    const offset = isShort ? (tag >>> 5) * 256 + number(1) : number((tag & 3) === 2 ? 2 : 4);
    for (let i = 0; i < length; i++) out.push(out[out.length - offset]);
  }
  check(out.length === size, 'a block makes as many bytes as it announces');
  return Uint8Array.from(out);
}

export const COMPRESSION_TARGETS: readonly Target[] = [lz4, snappy];
