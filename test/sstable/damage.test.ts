/** What a table answers when its file does not hold what was written. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { checksumAt, fileSeed } from '../../src/bytes/checksum.ts';
import type { Compression } from '../../src/bytes/compression.ts';
import { readU32, readU64, writeU32, writeU64 } from '../../src/bytes/integers.ts';
import { BlockCache } from '../../src/cache/block-cache.ts';
import { LsmError, type LsmErrorCode } from '../../src/errors.ts';
import type { FileSystem } from '../../src/fs/file-system.ts';
import { FOOTER_BYTES, type Handle } from '../../src/sstable/format.ts';
import { Table } from '../../src/sstable/table.ts';
import type { CachedBlock } from '../../src/sstable/table-reader.ts';
import { CODECS } from '../support/codecs.ts';
import { expectError } from '../support/expect-error.ts';
import {
  buildTable,
  DATABASE_ID,
  type Entry,
  IDENTITY,
  lookup,
  memoryFileSystem,
  openTable,
  pathOf,
  randomNumbers,
  readFile,
  scanBackward,
  scanForward,
  text,
  writeFile,
} from './support.ts';

/** Several blocks in less than 4 KiB, */
const LAYOUTS = {
  // with two levels of index,
  none: { blockBytes: 64, bloomBitsPerKey: 10, compression: 'none' },
  // long enough for packing to pay.
  lz4: { blockBytes: 200, bloomBitsPerKey: 10, compression: 'lz4' },
  zstd: { blockBytes: 400, bloomBitsPerKey: 10, compression: 'zstd' },
} as const;
const PATH = pathOf(7);

function sampleEntries(): Entry[] {
  const entries: Entry[] = [];
  for (let i = 0; i < 40; i++) {
    const key = text(`user:${String(i * 3).padStart(4, '0')}`);
    if (i % 5 === 0) entries.push({ key, sequence: 200 + i, value: undefined });
    entries.push({ key, sequence: 100 + i, value: text(`value ${i}`) });
  }
  return entries;
}

const ENTRIES = sampleEntries();

function sampleFile(compression: Compression = 'none'): Uint8Array {
  const fs = memoryFileSystem();
  buildTable(fs, ENTRIES, LAYOUTS[compression]);
  return readFile(fs, PATH);
}

function fileSystemWith(content: Uint8Array): FileSystem {
  const fs = memoryFileSystem();
  writeFile(fs, PATH, content);
  return fs;
}

/** Everything that can be asked of a table; a question that meets damage is answered 'refused'. */
function answers(fs: FileSystem, mapped?: boolean): unknown[] {
  let table: Table;
  try {
    table = openTable(fs, undefined, undefined, mapped);
  } catch (error) {
    return [refusal(error)];
  }
  const questions: (() => unknown)[] = [
    ...ENTRIES.map(
      ({ key, sequence }) =>
        () =>
          lookup(table, key, sequence),
    ),
    () => lookup(table, text('user:0001'), 1000),
    () => lookup(table, text('zebra'), 1000),
    () => scanForward(table.cursor()),
    () => scanBackward(table.cursor()),
    () => scanForward(table.cursor({ readAheadBytes: 1000 })),
    () => table.properties,
    () => table.verify(),
  ];
  return questions.map((ask) => {
    try {
      return ask();
    } catch (error) {
      return refusal(error);
    }
  });
}

function refusal(error: unknown): string {
  assert.ok(error instanceof LsmError, String(error));
  assert.ok(error.code === 'LSM_CORRUPTION' || error.code === 'LSM_UNSUPPORTED_FORMAT', error.message);
  assert.equal(error.file, PATH);
  assert.equal(typeof error.offset, 'number');
  return 'refused';
}

/** Every answer is right or refused; verification, or opening, refuses. */
function assertNothingWrong(
  content: Uint8Array,
  right: readonly unknown[],
  what: string,
  mapped?: boolean,
): void {
  const given = answers(fileSystemWith(content), mapped);
  assert.equal(given.at(-1), 'refused', `${what} goes unnoticed`);
  if (given.length === 1) return;
  given.forEach((answer, i) => {
    if (answer !== 'refused') assert.deepEqual(answer, right[i], what);
  });
}

/** Makes the footer's checksum right again. */
function resealFooter(content: Uint8Array): void {
  const offset = content.length - FOOTER_BYTES;
  writeU32(content, offset + 108, checksumAt(0, offset, content, offset, 108));
}

/** Makes the checksum of a section right again. */
function resealSection(content: Uint8Array, offset: number, length: number): void {
  const seed = fileSeed(DATABASE_ID, IDENTITY.fileNumber);
  writeU32(content, offset + length - 4, checksumAt(seed, offset, content, offset, length - 4));
}

for (const compression of CODECS) {
  describe(`a damaged table, compression ${compression}`, () => {
    const good = sampleFile(compression);
    const right = answers(fileSystemWith(good));
    const footer = good.length - FOOTER_BYTES;

    it('has several blocks of that kind before it is damaged', () => {
      const codecs = dataHandles(good).map(({ offset, length }) => good[offset + length - 5]);
      const wanted = { none: 0, lz4: 2, zstd: 3 }[compression];
      assert.ok(codecs.filter((codec) => codec === wanted).length > 3);
    });

    it('gives the right answer or LSM_CORRUPTION with a flipped bit at any byte', () => {
      assert.ok(!right.includes('refused'));
      for (let at = 0; at < good.length; at++) {
        const content = good.slice();
        content[at] ^= 1 << (at % 8);
        assertNothingWrong(content, right, `bit ${at % 8} of byte ${at}`);
      }
    });

    it('gives the right answer or LSM_CORRUPTION with a flipped bit at any byte of a mapping', () => {
      assert.deepEqual(answers(fileSystemWith(good), true), right);
      for (let at = 0; at < good.length; at++) {
        const content = good.slice();
        content[at] ^= 1 << (at % 8);
        assertNothingWrong(content, right, `bit ${at % 8} of byte ${at}`, true);
      }
    });

    it('cannot be opened with any flipped bit in its footer or properties', () => {
      const properties = readU64(good, footer + 24);
      for (let at = properties; at < good.length; at++) {
        for (let bit = 0; bit < 8; bit++) {
          const content = good.slice();
          content[at] ^= 1 << bit;
          expectError('LSM_CORRUPTION', () => openTable(fileSystemWith(content)));
        }
      }
    });

    it('cannot be opened when its end is cut off anywhere', () => {
      for (let length = 0; length < good.length; length++) {
        expectError('LSM_CORRUPTION', () => openTable(fileSystemWith(good.slice(0, length))));
      }
    });

    it('cannot be opened with bytes added at its end or its start', () => {
      const longer = new Uint8Array(good.length + 1);
      longer.set(good);
      expectError('LSM_CORRUPTION', () => openTable(fileSystemWith(longer)));
      longer.set(good, 1);
      expectError('LSM_CORRUPTION', () => openTable(fileSystemWith(longer)));
    });

    it('notices zeroed and random stretches anywhere', () => {
      const random = randomNumbers(3);
      for (let at = 0; at < good.length; at += 50) {
        const zeroed = good.slice().fill(0, at, at + 100);
        // The magic ends with a zero.
        if (at < good.length - 1) assertNothingWrong(zeroed, right, `zeros at ${at}`);
        const noise = good.slice();
        for (let i = at; i < Math.min(at + 100, noise.length); i++) noise[i] = random();
        assertNothingWrong(noise, right, `noise at ${at}`);
      }
    });

    it('cannot be opened when its footer lies, although the checksum is right', () => {
      for (let field = 0; field <= 80; field += 4) {
        for (const lie of [0, 1, 24, 1000, 0x7fff_ffff, 0xffff_ffff]) {
          const content = good.slice();
          if (readU32(content, footer + field) === lie) continue;
          writeU32(content, footer + field, lie);
          resealFooter(content);
          const given = answers(fileSystemWith(content));
          assert.equal(given.at(-1), 'refused', `field ${field} = ${lie}`);
        }
      }
    });

    it('allocates no more than the file has when handles lie about lengths', () => {
      const index = openTable(fileSystemWith(good)).footer.root;
      for (const lie of [0xffff_ffff, 0x4000_0000, good.length, index.offset + 1]) {
        const content = good.slice();
        // The length in the handle of the first entry, whose key is as long as its `rest_len` says.
        const rest = content[index.offset + 2];
        writeU32(content, index.offset + 4 + rest + 12 + 8, lie);
        resealSection(content, index.offset, index.length);
        const table = openTable(fileSystemWith(content));
        expectError('LSM_CORRUPTION', () => scanForward(table.cursor()));
        expectError('LSM_CORRUPTION', () => lookup(table, ENTRIES[0].key, 1000));
        expectError('LSM_CORRUPTION', () => table.verify());
      }
    });

    it('ends every walk when an index block names itself or one behind it', () => {
      const index = openTable(fileSystemWith(good)).footer.root;
      for (const lie of [index.offset, index.offset + 25, good.length, 2 ** 53]) {
        const content = good.slice();
        const rest = content[index.offset + 2];
        writeU64(content, index.offset + 4 + rest + 12, lie);
        resealSection(content, index.offset, index.length);
        const table = openTable(fileSystemWith(content));
        expectError('LSM_CORRUPTION', () => scanForward(table.cursor()));
      }
    });

    it('is read once more when a checksum is wrong, so that a passing fault does no harm', () => {
      const fs = fileSystemWith(good);
      const file = fs.openFile(PATH);
      let faults = 0;
      const reads = new Set<number>();
      const flaky = {
        path: PATH,
        size: file.size,
        read(into: Uint8Array, start: number, length: number, position: number): void {
          file.read(into, start, length, position);
          if (reads.has(position)) return;
          reads.add(position);
          into[start + (length >> 1)] ^= 4;
          faults += 1;
        },
      };
      const cache = new BlockCache<CachedBlock>(1 << 20);
      const table = new Table(flaky, IDENTITY, cache);
      const given = ENTRIES.map(({ key, sequence }) => lookup(table, key, sequence));
      assert.deepEqual(given, right.slice(0, ENTRIES.length));
      assert.deepEqual(scanForward(table.cursor({ readAheadBytes: 500 })), right[ENTRIES.length + 2]);
      assert.ok(faults > 5);
    });

    it('leaves nothing in the cache that was not verified', () => {
      const content = good.slice();
      content[30] ^= 1;
      const file = fileSystemWith(content).openFile(PATH);
      const cache = new BlockCache<CachedBlock>(1 << 20);
      const table = new Table(file, IDENTITY, cache);
      expectError('LSM_CORRUPTION', () => lookup(table, ENTRIES[0].key, 1000));
      expectError('LSM_CORRUPTION', () => lookup(table, ENTRIES[0].key, 1000));
      assert.equal(cache.get(7, 0), undefined);
    });

    it('makes the move of a cursor that meets the damage throw, and the cursor invalid', () => {
      const [, second] = dataHandles(good);
      const content = good.slice();
      content[second.offset + 3] ^= 1;
      const cursor = openTable(fileSystemWith(content)).cursor();
      cursor.seekToFirst();
      expectError('LSM_CORRUPTION', () => {
        while (cursor.valid) cursor.next();
        return 'the end of the data';
      });
      assert.equal(cursor.valid, false);
      cursor.seekToFirst();
      assert.equal(cursor.valid, true);
    });
  });
}

describe('a damaged table', () => {
  const good = sampleFile();
  const right = answers(fileSystemWith(good));
  const footer = good.length - FOOTER_BYTES;

  it('notices two blocks that changed places', () => {
    assert.equal(openTable(fileSystemWith(good)).footer.indexHeight, 2);
    const blocks = dataHandles(good);
    const pair = blocks.findIndex((handle, i) => i > 0 && handle.length === blocks[i - 1].length);
    assert.ok(pair > 0);
    const [a, b] = [blocks[pair - 1], blocks[pair]];
    const content = good.slice();
    content.set(good.subarray(b.offset, b.offset + b.length), a.offset);
    content.set(good.subarray(a.offset, a.offset + a.length), b.offset);
    assertNothingWrong(content, right, 'a swap');
  });

  it('says that it belongs elsewhere when it stands in the place of another table', () => {
    const fs = memoryFileSystem();
    buildTable(fs, ENTRIES, LAYOUTS.none, { databaseId: DATABASE_ID, fileNumber: 8 });
    writeFile(fs, PATH, readFile(fs, pathOf(8)));
    assert.match(expectError('LSM_CORRUPTION', () => openTable(fs)).message, /belongs elsewhere/);
    buildTable(fs, ENTRIES, LAYOUTS.none, { databaseId: DATABASE_ID.with(3, 99), fileNumber: 9 });
    assert.match(expectError('LSM_CORRUPTION', () => openTable(fs, 0, 9)).message, /another database/);
  });

  it('is called a newer format only when its checksum is right', () => {
    const content = good.slice();
    writeU32(content, footer + 104, 2);
    expectError('LSM_CORRUPTION', () => openTable(fileSystemWith(content)));
    resealFooter(content);
    expectError('LSM_UNSUPPORTED_FORMAT', () => openTable(fileSystemWith(content)));
  });

  it('fails verification when a key, a count or the filter is not true, although all checksums are right', () => {
    const [firstBlock] = dataHandles(good);
    const swappedOrder = good.slice();
    // The last letter of the second key of the first block sorts it after the third one.
    const secondEntry = 16 + 9;
    assert.equal(good[secondEntry], 9);
    writeU32(swappedOrder, secondEntry + 4, readU32(good, secondEntry + 4) + 0x100 * 200);
    resealSection(swappedOrder, firstBlock.offset, firstBlock.length);
    expectError('LSM_CORRUPTION', () => openTable(fileSystemWith(swappedOrder)).verify());

    for (const field of [40, 48, 56, 64, 72]) {
      const content = good.slice();
      writeU64(content, footer + field, readU64(good, footer + field) - 1);
      resealFooter(content);
      expectError('LSM_CORRUPTION', () => openTable(fileSystemWith(content)).verify());
    }

    const noFilter = good.slice();
    const filter = openTable(fileSystemWith(good)).footer.filter;
    noFilter.fill(0, filter.offset, filter.offset + filter.length - 6);
    resealSection(noFilter, filter.offset, filter.length);
    assert.match(
      expectError('LSM_CORRUPTION', () => openTable(fileSystemWith(noFilter)).verify()).message,
      /filter/,
    );
  });
});

describe('a packed block whose checksum is right', () => {
  const good = sampleFile('lz4');
  const packed = dataHandles(good).filter(({ offset, length }) => good[offset + length - 5] === 2);

  /** Everything that reads the block refuses it, by that code and at its place. */
  function assertRefused(content: Uint8Array, code: LsmErrorCode, handle: Handle): void {
    resealSection(content, handle.offset, handle.length);
    const table = openTable(fileSystemWith(content));
    const reads: (() => unknown)[] = [
      () => scanForward(table.cursor()),
      () => scanBackward(table.cursor({ fillCache: false })),
      () => scanForward(table.cursor({ readAheadBytes: 1000 })),
      () => ENTRIES.map(({ key, sequence }) => lookup(table, key, sequence)),
      () => table.verify(),
    ];
    for (const read of reads) {
      const error = expectError(code, read);
      assert.deepEqual([error.file, error.offset], [PATH, handle.offset]);
    }
  }

  it('is damaged when its content is not as long as it says', () => {
    for (const handle of packed) {
      const lengthAt = handle.offset + handle.length - 9;
      const length = readU32(good, lengthAt);
      for (const lie of [0, 1, length - 1, length + 1, 5000, 0x4000_0000, 0xffff_ffff]) {
        const content = good.slice();
        writeU32(content, lengthAt, lie);
        assertRefused(content, 'LSM_CORRUPTION', handle);
      }
    }
  });

  it('is damaged when it is no LZ4 block, or one that holds no block', () => {
    const [, handle] = packed;
    const broken = good.slice();
    broken.fill(0xff, handle.offset, handle.offset + 6);
    assertRefused(broken, 'LSM_CORRUPTION', handle);
    const other = good.slice();
    // The number of entries is among the last literals.
    other[handle.offset + handle.length - 9 - 2] += 1;
    assertRefused(other, 'LSM_CORRUPTION', handle);
  });

  it('is unsupported when its codec is unknown', () => {
    for (const codec of [1, 255]) {
      const content = good.slice();
      content[packed[1].offset + packed[1].length - 5] = codec;
      assertRefused(content, 'LSM_UNSUPPORTED_FORMAT', packed[1]);
    }
  });
});

/** The places of all data blocks. */
function dataHandles(content: Uint8Array): Handle[] {
  const { root, indexHeight } = openTable(fileSystemWith(content)).footer;
  let handles: Handle[] = [root];
  for (let level = indexHeight; level > 0; level--) {
    handles = handles.flatMap(({ offset, length }) => readBlockHandles(content, offset, length));
  }
  return handles;
}

/** The handles in an index block, read from its bytes alone. */
function readBlockHandles(content: Uint8Array, offset: number, length: number): Handle[] {
  const block = content.subarray(offset, offset + length);
  const count = block[length - 7] | (block[length - 6] << 8);
  return Array.from({ length: count }, (_, i) => {
    const offsetAt = length - 7 - 2 * (count - i);
    const at = block[offsetAt] | (block[offsetAt + 1] << 8);
    const value = at + 4 + (block[at + 2] | (block[at + 3] << 8)) + 12;
    return { offset: readU64(block, value), length: readU32(block, value + 8) };
  });
}
