import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { Compression } from '../../src/bytes/compression.ts';
import { BlockCache } from '../../src/cache/block-cache.ts';
import type { Table } from '../../src/sstable/table.ts';
import { TableCache } from '../../src/sstable/table-cache.ts';
import type { CachedBlock } from '../../src/sstable/table-reader.ts';
import { CODECS } from '../support/codecs.ts';
import { checkProperty } from '../support/property.ts';
import {
  buildTable,
  DATABASE_ID,
  type Entry,
  lookup,
  memoryFileSystem,
  pathOf,
  showCursor,
  showEntry,
  text,
} from './support.ts';

const ENTRIES: readonly Entry[] = Array.from({ length: 200 }, (_, i) => ({
  key: text(`key ${String(i).padStart(3, '0')}`),
  sequence: i + 1,
  value: text(`value ${i}`.repeat(4)),
}));

/** The memory of the block in which a cursor finds a key. */
function firstMemory(table: Table, key: Uint8Array): ArrayBufferLike {
  const cursor = table.cursor();
  cursor.seek(key, 0, key.length, 1000);
  const memory = cursor.value.buffer;
  cursor.close();
  return memory;
}

interface Kind {
  readonly compression: Compression;
  /** Whether blocks lie in frames, or each in memory of its own. */
  readonly framed: boolean;
}

const KINDS: readonly Kind[] = CODECS.flatMap((compression) =>
  [true, false].map((framed) => ({ compression, framed })),
);

/** A table of many blocks behind a cache that holds so few of them that a chunk is one frame. */
function setUp({ compression, framed }: Kind): { table: Table; blocks: BlockCache<CachedBlock> } {
  const fs = memoryFileSystem();
  buildTable(fs, ENTRIES, { blockBytes: 512, bloomBitsPerKey: 0, compression });
  const blocks = new BlockCache<CachedBlock>(5 * 1024, 1);
  const cache = new TableCache(fs, pathOf, DATABASE_ID, blocks, 10, framed ? 512 : 4096);
  return { table: cache.table(7, fs.status(pathOf(7))?.bytes ?? 0), blocks };
}

function readAll(table: Table): void {
  for (const entry of ENTRIES) assert.equal(lookup(table, entry.key, 1000), showEntry(entry));
}

/** The memory of every data block that a walk comes by. */
function memoryOf(table: Table): Set<ArrayBufferLike> {
  const seen = new Set<ArrayBufferLike>();
  const cursor = table.cursor();
  for (cursor.seekToFirst(); cursor.valid; cursor.next()) seen.add(cursor.value.buffer);
  cursor.close();
  return seen;
}

for (const compression of CODECS) {
  it(`a block of any size is looked up, compression ${compression}`, () => {
    for (const bytes of [20_000, 33_000, 73_000, 200_000]) {
      const value = new Uint8Array(bytes).map((_, i) => i >> 3);
      const entry: Entry = { key: text('key'), sequence: 1, value };
      const fs = memoryFileSystem();
      buildTable(fs, [entry], { blockBytes: 512, bloomBitsPerKey: 0, compression });
      const blocks = new BlockCache<CachedBlock>(5 * 1024, 1);
      const cache = new TableCache(fs, pathOf, DATABASE_ID, blocks, 10, 512);
      const table = cache.table(7, fs.status(pathOf(7))?.bytes ?? 0);
      assert.equal(lookup(table, entry.key, 1000), showEntry(entry));
    }
  });
}

for (const kind of KINDS) {
  const { compression, framed } = kind;
  describe(`memory of data blocks, compression ${compression}, ${framed ? '' : 'not '}in frames`, () => {
    it('is used again when the cache drops a block', () => {
      const { table, blocks } = setUp(kind);
      const used = memoryOf(table);
      const dataBlocks = table.verify().dataBlocks;
      assert.ok(blocks.stats().blocks < dataBlocks / 2);
      assert.ok(used.size < dataBlocks / 2, `${used.size} pieces for ${dataBlocks} blocks`);
    });

    it('is not used again while a cursor stands in the block, but is afterwards', () => {
      const { table, blocks } = setUp(kind);
      const cursor = table.cursor();
      cursor.seek(ENTRIES[100].key, 0, ENTRIES[100].key.length, 1000);
      const piece = cursor.value.buffer;
      blocks.clear();
      readAll(table);
      assert.equal(memoryOf(table).has(piece), false);
      assert.equal(showCursor(cursor), showEntry(ENTRIES[100]));
      cursor.close();
      const used = ENTRIES.map(({ key }) => {
        // A full cache admits what is asked for twice.
        for (let i = 0; i < 2; i++) lookup(table, key, 1000);
        return firstMemory(table, key);
      });
      // A frame that is alone in its chunk is let go instead; block-frames.test.ts has larger chunks.
      if (!framed) assert.ok(used.includes(piece));
    });

    it('is looked up by its frame, and the cache learns that it is used', () => {
      const { table, blocks } = setUp(kind);
      const often = ENTRIES[7];
      for (const entry of [...ENTRIES, ...ENTRIES]) {
        lookup(table, entry.key, 1000);
        assert.equal(lookup(table, often.key, 1000), showEntry(often));
      }
      const { misses, hits } = blocks.stats();
      assert.equal(lookup(table, often.key, 1000), showEntry(often));
      assert.deepEqual([blocks.stats().misses, blocks.stats().hits], [misses, hits + 2]);
    });

    it('shows every reader its own entries, whatever the others read', () => {
      const entry = fc.nat(ENTRIES.length - 1);
      const cursors = 3;
      const step = fc.oneof(
        fc.record({ do: fc.constant('get' as const), entry }),
        fc.record({ do: fc.constant('seek' as const), cursor: fc.nat(cursors - 1), entry }),
        fc.record({ do: fc.constantFrom('next' as const, 'prev' as const), cursor: fc.nat(cursors - 1) }),
        fc.record({ do: fc.constant('reopen' as const), cursor: fc.nat(cursors - 1) }),
      );
      checkProperty(
        fc.property(fc.array(step, { minLength: 50, maxLength: 150 }), (steps) => {
          const { table } = setUp(kind);
          const open = Array.from({ length: cursors }, () => ({ cursor: table.cursor(), at: -1 }));
          for (const step of steps) {
            if (step.do === 'get') {
              const { key } = ENTRIES[step.entry];
              assert.equal(lookup(table, key, 1000), showEntry(ENTRIES[step.entry]));
            } else if (step.do === 'seek') {
              const { key } = ENTRIES[step.entry];
              open[step.cursor].cursor.seek(key, 0, key.length, 1000);
              open[step.cursor].at = step.entry;
            } else if (step.do === 'reopen') {
              open[step.cursor].cursor.close();
              open[step.cursor] = { cursor: table.cursor(), at: -1 };
            } else if (open[step.cursor].cursor.valid) {
              open[step.cursor].cursor[step.do]();
              open[step.cursor].at += step.do === 'next' ? 1 : -1;
            }
            for (const { cursor, at } of open) assert.equal(showCursor(cursor), showEntry(ENTRIES[at]));
          }
        }),
      );
    });
  });
}

describe('a cache of packed blocks', () => {
  it('is charged for the memory that they take unpacked', () => {
    const { table, blocks } = setUp({ compression: 'lz4', framed: false });
    const root = table.root();
    const index = root.bytes.length + 20 * root.count;
    const block = table.dataBlock(table.root(), 0);
    assert.ok(root.childLength(0) < 400);
    assert.ok(block.bytes.length > 400);
    assert.equal(blocks.stats().bytes, index + block.bytes.length);
  });

  it('does not keep a block that is larger than it looked, and leaves it to its reader', () => {
    const fs = memoryFileSystem();
    const large = ['a', 'b'].map((name) => ({
      key: text(name),
      sequence: 1,
      value: text(name.repeat(8000)),
    }));
    buildTable(fs, large, { blockBytes: 200, compression: 'lz4' });
    const blocks = new BlockCache<CachedBlock>(3 * 1024, 1);
    const table = new TableCache(fs, pathOf, DATABASE_ID, blocks, 10).table(
      7,
      fs.status(pathOf(7))?.bytes ?? 0,
    );
    const cursor = table.cursor();
    cursor.seek(large[0].key, 0, 1, 1);
    for (let i = 0; i < 3; i++) assert.equal(lookup(table, large[1].key, 1), showEntry(large[1]));
    assert.equal(showCursor(cursor), showEntry(large[0]));
    assert.ok(blocks.stats().bytes <= 3 * 1024);
  });

  it('keeps what it has when it is full and a scan goes by', () => {
    const { table, blocks } = setUp({ compression: 'lz4', framed: false });
    const { root } = table.footer;
    const data = (index: number): boolean => table.cachedData(table.root(), index) !== undefined;
    readAll(table);
    const indices = Array.from({ length: table.root().count }, (_, i) => i);
    const kept = indices.filter(data);
    assert.ok(kept.length > 2 && root.length < blocks.stats().bytes);
    scanOnce(table);
    assert.deepEqual(indices.filter(data), kept);
  });
});

function scanOnce(table: Table): void {
  const cursor = table.cursor();
  for (cursor.seekToFirst(); cursor.valid; cursor.next());
  cursor.close();
}
