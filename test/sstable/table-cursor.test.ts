import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { BlockCache } from '../../src/cache/block-cache.ts';
import type { Cursor } from '../../src/cursor/cursor.ts';
import type { TableFile } from '../../src/sstable/section-reader.ts';
import { Table } from '../../src/sstable/table.ts';
import type { CachedBlock } from '../../src/sstable/table-reader.ts';
import {
  buildTable,
  type Entry,
  IDENTITY,
  lookup,
  memoryFileSystem,
  pathOf,
  scanBackward,
  scanForward,
  showCursor,
  showEntry,
  text,
} from './support.ts';

const ENTRIES: readonly Entry[] = Array.from({ length: 2000 }, (_, i) => ({
  key: text(`key ${String(i).padStart(6, '0')}`),
  sequence: i + 1,
  value: text(`value ${i}`),
}));

/** Holds about a fifth of the table. */
const SMALL_CACHE = 16 * 1024;

interface Setup {
  readonly table: Table;
  readonly blocks: BlockCache<CachedBlock>;
  /** Where the file was read, and how much. */
  readonly reads: { readonly position: number; readonly length: number }[];
}

function setUp(cacheBytes = 1 << 22): Setup {
  const fs = memoryFileSystem();
  buildTable(fs, ENTRIES, { blockBytes: 512 });
  const reads: { position: number; length: number }[] = [];
  const file = fs.openFile(pathOf(7));
  const counted: TableFile = {
    path: file.path,
    size: file.size,
    read(into, start, length, position) {
      reads.push({ position, length });
      file.read(into, start, length, position);
    },
  };
  const blocks = new BlockCache<CachedBlock>(cacheBytes, 1);
  return { table: new Table(counted, IDENTITY, blocks), blocks, reads };
}

describe('TableCursor', () => {
  it('brings no data block into the cache with fillCache false', () => {
    const { table, blocks } = setUp();
    assert.equal(scanForward(table.cursor({ fillCache: false })).length, ENTRIES.length);
    const { indexBlocks } = table.verify();
    assert.equal(blocks.stats().blocks, indexBlocks);
  });

  it('uses data blocks that are in the cache also with fillCache false', () => {
    const { table, reads } = setUp();
    scanForward(table.cursor());
    reads.length = 0;
    scanForward(table.cursor({ fillCache: false }));
    assert.equal(reads.length, 0);
  });

  it('brings what it reads into the cache unless told otherwise', () => {
    const { table, blocks, reads } = setUp();
    scanForward(table.cursor());
    reads.length = 0;
    scanBackward(table.cursor());
    assert.equal(reads.length, 0);
    assert.ok(blocks.stats().blocks > 100);
  });

  for (const [direction, scan] of [
    ['forwards', scanForward],
    ['backwards', scanBackward],
  ] as const) {
    it(`reads ${direction} in pieces of readAheadBytes, past the cache`, () => {
      const { table, blocks, reads } = setUp();
      scan(table.cursor({ readAheadBytes: 16_384 }));
      const pieces = reads.filter(({ length }) => length > 8000);
      const dataBytes = table.footer.root.offset;
      assert.ok(
        pieces.length <= Math.ceil(dataBytes / 15_800),
        `${pieces.length} pieces of ${dataBytes} bytes`,
      );
      assert.ok(pieces.every(({ length }) => length <= 16_384));
      assert.equal(blocks.stats().blocks, table.verify().indexBlocks);
    });
  }

  it('reads no more than one piece when it is closed after its first entry', () => {
    const { table, reads } = setUp();
    const cursor = table.cursor({ readAheadBytes: 4096 });
    table.root();
    reads.length = 0;
    cursor.seekToFirst();
    cursor.close();
    assert.ok(reads.length <= 3);
    assert.equal(cursor.valid, false);
  });

  for (const [direction, scan, seek] of [
    ['forwards', scanForward, (cursor: Cursor) => cursor.seekToFirst()],
    ['backwards', scanBackward, (cursor: Cursor) => cursor.seekToLast()],
  ] as const) {
    it(`reads ahead, past a full cache, when it has walked far ${direction}`, () => {
      const { table, blocks, reads } = setUp(SMALL_CACHE);
      assert.deepEqual(scan(table.cursor()).length, ENTRIES.length);
      const { dataBlocks } = table.verify();
      const kept = blocks.stats();
      reads.length = 0;
      assert.deepEqual(scan(table.cursor()).length, ENTRIES.length);
      assert.ok(reads.length < dataBlocks / 5, `${reads.length} reads of ${dataBlocks} blocks`);
      // An index block that comes in is as large as some of its data blocks.
      assert.ok(Math.abs(blocks.stats().blocks - kept.blocks) <= 4);
    });

    it(`reads block by block on a short walk ${direction}`, () => {
      const { table, reads } = setUp(SMALL_CACHE);
      scan(table.cursor());
      reads.length = 0;
      const cursor = table.cursor();
      seek(cursor);
      for (let moves = 0; moves < 10; moves++) {
        if (direction === 'forwards') cursor.next();
        else cursor.prev();
      }
      cursor.close();
      const firstIndexBlock = table.root().childOffset(0);
      const dataReads = reads.filter(({ position }) => position < firstIndexBlock);
      assert.ok(
        dataReads.every(({ length }) => length <= 512),
        JSON.stringify(dataReads),
      );
    });
  }

  it('leaves a full cache as it is when it reads blocks once', () => {
    const { table, blocks } = setUp(SMALL_CACHE);
    const hot = [0, 1, 2, 3].map((i) => ENTRIES[i * 3]);
    for (let round = 0; round < 3; round++) for (const { key } of hot) lookup(table, key, 100_000);
    scanForward(table.cursor());
    scanBackward(table.cursor());
    const { misses } = blocks.stats();
    for (const { key } of hot) lookup(table, key, 100_000);
    assert.equal(blocks.stats().misses, misses);
  });

  it('can be closed twice', () => {
    const cursor = setUp().table.cursor();
    cursor.seekToFirst();
    cursor.close();
    cursor.close();
    assert.equal(cursor.valid, false);
  });

  it('seeks before the first and past the last entry', () => {
    const cursor = setUp().table.cursor();
    cursor.seek(text('a'), 0, 1, 5);
    assert.equal(showCursor(cursor), showEntry(ENTRIES[0]));
    cursor.seek(text('z'), 0, 1, 5);
    assert.equal(cursor.valid, false);
    cursor.seekToLast();
    cursor.next();
    assert.equal(cursor.valid, false);
    cursor.seekToFirst();
    cursor.prev();
    assert.equal(cursor.valid, false);
  });
});
