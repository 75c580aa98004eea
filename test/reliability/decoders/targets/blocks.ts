/** The parts of tables by themselves: blocks, packed ones, filters, properties, footers, and the cache's frames. */

import { nativeZstd } from '#platform';
import { checksumAt, fileSeed } from '../../../../src/bytes/checksum.ts';
import { compareBytes } from '../../../../src/bytes/compare.ts';
import { writeU32 } from '../../../../src/bytes/integers.ts';
import { compareInternal, MAX_SEQUENCE } from '../../../../src/keys/internal-key.ts';
import type { Zstd } from '../../../../src/platform/zstd.ts';
import type { Block, BlockRole } from '../../../../src/sstable/block.ts';
import { BlockBuilder } from '../../../../src/sstable/block-builder.ts';
import { BlockPacker, unpackBlock } from '../../../../src/sstable/block-codec.ts';
import { mostRows, toColumns, toRows } from '../../../../src/sstable/block-columns.ts';
import { BlockCursor } from '../../../../src/sstable/block-cursor.ts';
import { decodeBlock } from '../../../../src/sstable/block-decoder.ts';
import { BlockFrames } from '../../../../src/sstable/block-frames.ts';
import { FRESH_MEMORY } from '../../../../src/sstable/block-memory.ts';
import { BloomFilterBuilder, decodeBloomFilter, tableKeyHash } from '../../../../src/sstable/bloom-filter.ts';
import {
  decodeFooter,
  encodeFooter,
  FILTER_TRAILER_BYTES,
  FOOTER_BYTES,
  type Footer,
  footerIdentity,
  type TableIdentity,
} from '../../../../src/sstable/format.ts';
import {
  buildProperties,
  readProperties,
  type StoredProperties,
} from '../../../../src/sstable/properties.ts';
import { type Entry, encodeBlock } from '../../../sstable/support.ts';
import { STAND_IN_ZSTD } from '../../../support/stand-in-zstd.ts';
import { SECRET, type Target } from '../target.ts';
import { check, checkSameBytes } from './checks.ts';
import { DATABASE_ID } from './disk.ts';

const PATH = '/db/000007.sst';
export const IDENTITY: TableIdentity = { databaseId: DATABASE_ID, fileNumber: 7 };
/** Where the block stands: what an index block names stands before it. */
const OFFSET = 100_000;

export function entry(key: string, sequence: number, value: string | undefined): Entry {
  return { key: latin1(key), sequence, value: value === undefined ? undefined : latin1(value) };
}

export function latin1(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}

const ENTRIES: readonly Entry[] = [
  entry(`${SECRET}a`, 9, SECRET),
  entry(`${SECRET}ab`, 8, undefined),
  entry(`${SECRET}ab`, 7, `${SECRET}1`),
  entry(`${SECRET}abcdefgh`, 2 ** 40, ''),
  entry(`${SECRET}abcz`, 3, `${SECRET}${'v'.repeat(60)}`),
  entry(`${SECRET}b`, 1, SECRET),
  entry('b', 5, SECRET),
];

/** What a cursor shows, copied. */
export interface Shown {
  readonly key: Uint8Array;
  readonly sequence: number;
  readonly kind: number;
  readonly value: Uint8Array;
}

export function shownBy(cursor: BlockCursor): Shown {
  const { key, keyStart, keyLength, value, valueStart, valueLength, sequence, kind } = cursor;
  return {
    key: key.slice(keyStart, keyStart + keyLength),
    sequence,
    kind,
    value: value.slice(valueStart, valueStart + valueLength),
  };
}

/** Everything in a block, from its first entry to its last; the other way round it is the same. */
function walk(block: Block): Shown[] {
  const cursor = new BlockCursor();
  cursor.attach(block);
  const entries: Shown[] = [];
  for (cursor.seekToFirst(); cursor.valid; cursor.next()) entries.push(shownBy(cursor));
  let at = entries.length;
  for (cursor.seekToLast(); cursor.valid; cursor.prev()) checkSame(shownBy(cursor), entries[--at]);
  check(at === 0, 'both ways through a block are equally long');
  return entries;
}

function checkSame(found: Shown, expected: Shown): void {
  check(found.sequence === expected.sequence && found.kind === expected.kind, 'an entry is the same again');
  checkSameBytes(found.key, expected.key, 'a key');
  checkSameBytes(found.value, expected.value, 'a value');
}

function compareShown(a: Shown, b: Shown): number {
  return compareInternal(a.key, 0, a.key.length, a.sequence, b.key, 0, b.key.length, b.sequence);
}

function isAscending(entries: readonly Shown[]): boolean {
  return entries.every((one, i) => i === 0 || compareShown(entries[i - 1], one) < 0);
}

/** A search finds what going through all entries finds. */
function checkSearches(block: Block, entries: readonly Shown[]): void {
  const ascending = isAscending(entries);
  for (const { key, sequence } of entries.slice(0, 24)) {
    for (const target of [key, key.subarray(0, key.length - 1), Uint8Array.of(...key.subarray(0, 200), 0)]) {
      const found = block.lowerBound(target, 0, target.length, sequence);
      check(found >= 0 && found <= entries.length, 'a search ends within its block');
      if (!ascending) continue;
      const wanted = { key: target, sequence, kind: 1, value: target };
      const expected = entries.findIndex((one) => compareShown(one, wanted) >= 0);
      check(
        found === (expected < 0 ? entries.length : expected),
        'a search finds the first entry at or after',
      );
      if (found === entries.length) continue;
      const equal =
        compareBytes(entries[found].key, 0, entries[found].key.length, target, 0, target.length) === 0;
      check(block.keyEquals(found, target, 0, target.length) === equal, 'keys are told apart');
    }
  }
}

/** An index block is searched by a ruler as it is by its keys. */
function checkRuler(block: Block, entries: readonly Shown[]): void {
  const targets = entries.slice(0, 24).flatMap(({ key }) => [key, key.subarray(1), Uint8Array.of(...key, 0)]);
  const floors = (): number[] => targets.map((key) => block.floor(key, 0, key.length, 5));
  const expected = floors();
  block.addRuler();
  const found = floors();
  check(
    found.every((entry) => entry >= 0 && entry < block.count),
    'a ruler leads to an entry',
  );
  if (isAscending(entries)) {
    check(
      found.every((entry, i) => entry === expected[i]),
      'a ruler leads where the keys lead',
    );
  }
}

function checkRebuilt(entries: readonly Shown[], bytes: Uint8Array): void {
  const builder = new BlockBuilder();
  for (const { key, sequence, kind, value } of entries) {
    const shared = builder.shared(key, 0, key.length);
    builder.add(key, 0, key.length, shared, sequence, kind, value, 0, value.length);
  }
  const again = builder.finish(0, OFFSET);
  checkSameBytes(again.subarray(0, -4), bytes.subarray(0, -4), 'the block written again');
}

function indexBytes(): Uint8Array {
  const handles = [0, 200, 400].map((offset, i) => {
    const value = new Uint8Array(12);
    writeU32(value, 0, offset);
    writeU32(value, 8, 200);
    return { key: latin1(`${SECRET}${i}`), sequence: 9 - i, value };
  });
  return encodeBlock(handles, OFFSET);
}

function blockTarget(role: BlockRole): Target {
  return {
    name: `${role} block`,
    covers: [
      'src/sstable/block-decoder',
      'src/sstable/block.',
      'src/sstable/block-cursor',
      'src/sstable/key-heads',
      'src/keys/key-ruler',
    ],
    seeds: () =>
      role === 'data'
        ? [encodeBlock(ENTRIES, OFFSET), encodeBlock(ENTRIES.slice(0, 1), OFFSET)]
        : [indexBytes()],
    memory: { base: 16_384, perByte: 64 },
    steps: { base: 4000, perByte: 200 },
    run(bytes) {
      const block = decodeBlock(bytes, role, PATH, OFFSET);
      const entries = walk(block);
      checkSearches(block, entries);
      if (role === 'index') {
        for (let i = 0; i < block.count; i++) {
          check(block.childOffset(i) + block.childLength(i) <= OFFSET, 'children stand before their parent');
        }
      }
      if (role === 'index') checkRuler(block, entries);
      // Heads narrow a search down and must not change what it finds.
      block.addHeads(new Int32Array(block.count), 0, 0);
      checkSearches(block, entries);
      if (isAscending(entries)) checkRebuilt(entries, bytes);
    },
  };
}

function packedTarget(codec: 'lz4' | 'zstd', zstd: Zstd | null): Target {
  return {
    name: `packed block, ${codec}`,
    covers: ['src/sstable/block-codec', 'src/sstable/block-columns', 'src/bytes/lz4-decoder'],
    seeds: () => {
      const entries = Array.from({ length: 12 }, (_, i) =>
        entry(`${SECRET}${'k'.repeat(20)}${i + 10}`, i, SECRET.repeat(9)),
      );
      const block = encodeBlock(entries, OFFSET);
      const seed = fileSeed(DATABASE_ID, 7);
      const packed = new BlockPacker(codec, false, zstd).pack(block, block.length - 5, seed, OFFSET);
      return [block, packed?.slice() ?? block];
    },
    // The most that a byte of a packed block stands for, in columns and in rows, which have offsets too.
    memory: { base: 4096, perByte: 2 * 256 + 32 },
    run(bytes) {
      if (bytes.length < 16) return;
      const unpacked = unpackBlock(bytes, FRESH_MEMORY, PATH, OFFSET, zstd);
      if (unpacked === bytes) return;
      check(unpacked.length <= (256 + 32) * bytes.length, 'a block unpacks to what its length allows');
      walk(decodeBlock(unpacked, 'data', PATH, OFFSET));
    },
  };
}

const columns: Target = {
  name: 'block columns',
  covers: ['src/sstable/block-columns'],
  longest: 512,
  seeds: () =>
    [ENTRIES, ENTRIES.slice(0, 1)].map((entries) => {
      const rows = encodeBlock(entries, OFFSET).subarray(0, -5);
      return columnsOf(rows);
    }),
  run(bytes) {
    if (bytes.length < 2) return;
    const start = bytes.length;
    const end = start + mostRows(start);
    const memory = new Uint8Array(end + 8).fill(0xa5);
    memory.set(bytes);
    const size = toRows(memory, start);
    check(
      memory.subarray(end).every((byte) => byte === 0xa5),
      'nothing is written behind the rows',
    );
    if (size === 0) return;
    const again = columnsOf(memory.subarray(start, start + size));
    check(again.length === start, 'the columns are as long as they were');
    checkSameBytes(again, bytes, 'the columns of the rows');
  },
};

function columnsOf(rows: Uint8Array): Uint8Array {
  const memory = new Uint8Array(2 * rows.length);
  memory.set(rows);
  const length = toColumns(memory, rows.length);
  return memory.subarray(rows.length, rows.length + length);
}

const frames: Target = {
  name: 'block frames',
  covers: ['src/sstable/block-frames', 'src/sstable/block.'],
  longest: 700,
  seeds: () => [
    encodeBlock([...ENTRIES, entry('c', 1, 'v'.repeat(250))], OFFSET),
    encodeBlock(ENTRIES, OFFSET),
  ],
  memory: { base: 2 ** 17, perByte: 64 },
  steps: { base: 8000, perByte: 400 },
  run(bytes) {
    const block = decodeBlock(bytes, 'data', PATH, OFFSET);
    const cache = new BlockFrames(512, 16_384);
    if (!cache.fits(bytes.length)) return;
    const entries = walk(block);
    cache.keep(block, 7, OFFSET);
    const { frame } = block;
    check(cache.show(frame, 8, OFFSET) === undefined, 'a frame is of one file');
    check(cache.show(frame, 7, OFFSET + 1) === undefined, 'a frame is of one place');
    const shown = cache.show(frame, 7, OFFSET);
    check(shown !== undefined, 'a frame shows its block');
    const again = walk(shown);
    check(again.length === entries.length, 'a frame has all entries');
    for (const [i, one] of again.entries()) checkSame(one, entries[i]);
    checkSearches(shown, entries);
    cache.drop(block);
    check(cache.show(frame, 7, OFFSET) === undefined, 'a frame that was given back holds nothing');
  },
};

function filterBytes(keys: readonly Uint8Array[], bitsPerKey: number): Uint8Array {
  const builder = new BloomFilterBuilder(bitsPerKey);
  for (const key of keys) builder.add(tableKeyHash(key, 0, key.length));
  return builder.finish(fileSeed(DATABASE_ID, 7), OFFSET);
}

/** The first bytes of the input are a filter, and what it is asked for is all that can be asked with some hashes. */
const filter: Target = {
  name: 'bloom filter',
  covers: ['src/sstable/bloom-filter'],
  longest: 64 * 5 + FILTER_TRAILER_BYTES,
  seeds: () => [
    filterBytes(
      ENTRIES.map(({ key }) => key),
      10,
    ),
    filterBytes(
      Array.from({ length: 90 }, (_, i) => latin1(`${SECRET}${i}`)),
      20,
    ),
  ],
  run(bytes) {
    if (bytes.length >= 64 + FILTER_TRAILER_BYTES && bytes.length % 64 === FILTER_TRAILER_BYTES) {
      const decoded = decodeBloomFilter(bytes, PATH, OFFSET);
      const isFull = bytes.subarray(0, -FILTER_TRAILER_BYTES).every((byte) => byte === 255);
      for (let hash = 0; hash < 2 ** 32; hash += 0x0357_9bdf) {
        check(decoded.mayContain(hash) || !isFull, 'a full filter passes everything');
      }
    }
    // The input as keys of eight bytes: none of them is ever denied.
    const keys: Uint8Array[] = [];
    for (let at = 0; at + 8 <= bytes.length; at += 8) keys.push(bytes.subarray(at, at + 8));
    const built = filterBytes(keys, 1 + (bytes.length % 20));
    const decoded = decodeBloomFilter(built, PATH, OFFSET);
    for (const key of keys) check(decoded.mayContain(tableKeyHash(key, 0, key.length)), 'no key is denied');
  },
};

const PROPERTIES: StoredProperties = {
  blockBytes: 4096,
  bloomBitsPerKey: 10,
  compression: 'lz4',
  creator: 'mini-lsm',
  dataBytes: 2 ** 33,
  smallest: latin1(`${SECRET}a`),
  largest: latin1(`${SECRET}z`),
};

const properties: Target = {
  name: 'table properties',
  covers: ['src/sstable/properties'],
  longest: 1024,
  seeds: () =>
    [PROPERTIES, { ...PROPERTIES, compression: 'none', smallest: new Uint8Array(0) }].map((seed) =>
      buildProperties(seed).finish(0, OFFSET).slice(),
    ),
  words: ['block-bytes', 'bloom-bits-per-key', 'compression', 'creator', 'data-bytes', 'user-key-range'],
  run(bytes) {
    const read = readProperties(decodeBlock(bytes, 'data', PATH, OFFSET), PATH, OFFSET);
    const built = buildProperties(read).finish(0, OFFSET).slice();
    const again = readProperties(decodeBlock(built, 'data', PATH, OFFSET), PATH, OFFSET);
    for (const name of ['blockBytes', 'bloomBitsPerKey', 'compression', 'creator', 'dataBytes'] as const) {
      check(again[name] === read[name], `the property ${name} is the same again`);
    }
    checkSameBytes(again.smallest, read.smallest, 'the smallest key');
    checkSameBytes(again.largest, read.largest, 'the largest key');
  },
};

const FOOTER: Footer = {
  root: { offset: 3000, length: 200 },
  filter: { offset: 3200, length: 64 + FILTER_TRAILER_BYTES },
  properties: { offset: 3270, length: 100 },
  indexHeight: 2,
  entryCount: 40,
  tombstoneCount: 3,
  keyCount: 30,
  minSequence: 5,
  maxSequence: MAX_SEQUENCE,
};
const FOOTER_OFFSET = 3370;

/** Makes the checksum of a footer right that stands at `offset`. */
export function mendFooter(bytes: Uint8Array, start: number, offset: number): void {
  if (start >= 0 && bytes.length >= start + FOOTER_BYTES) {
    writeU32(bytes, start + 108, checksumAt(0, offset, bytes, start, 108));
  }
}

const footer: Target = {
  name: 'table footer',
  covers: ['src/sstable/format'],
  longest: FOOTER_BYTES,
  seeds: () => [
    encodeFooter(FOOTER, IDENTITY, FOOTER_OFFSET),
    encodeFooter(
      { ...FOOTER, filter: { offset: 3200, length: 0 }, properties: { offset: 3200, length: 170 } },
      IDENTITY,
      FOOTER_OFFSET,
    ),
  ],
  mend: (bytes) => mendFooter(bytes, 0, FOOTER_OFFSET),
  run(bytes) {
    if (bytes.length !== FOOTER_BYTES) return;
    footerIdentity(bytes, PATH, FOOTER_OFFSET);
    const decoded = decodeFooter(bytes, IDENTITY, PATH, FOOTER_OFFSET);
    checkSameBytes(encodeFooter(decoded, IDENTITY, FOOTER_OFFSET), bytes, 'the footer written again');
    check(
      decoded.properties.offset + decoded.properties.length === FOOTER_OFFSET,
      'the sections fill the file',
    );
  },
};

export const BLOCK_TARGETS: readonly Target[] = [
  blockTarget('data'),
  blockTarget('index'),
  packedTarget('lz4', null),
  packedTarget('zstd', nativeZstd ?? STAND_IN_ZSTD),
  columns,
  frames,
  filter,
  properties,
  footer,
];
