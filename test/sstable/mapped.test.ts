/** Tables that are read in place, through a mapping of their file: whose memory it is, and for how long. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { BlockCache } from '../../src/cache/block-cache.ts';
import type { FileSystem } from '../../src/fs/file-system.ts';
import { TableCache } from '../../src/sstable/table-cache.ts';
import type { CachedBlock } from '../../src/sstable/table-reader.ts';
import { CorruptingFileSystem } from '../simulation/corrupting-file-system.ts';
import { FaultyFileSystem } from '../simulation/faulty-file-system.ts';
import { MappingFileSystem } from '../simulation/mapping-file-system.ts';
import { expectError } from '../support/expect-error.ts';
import {
  buildTable,
  DATABASE_ID,
  type Entry,
  lookup,
  memoryFileSystem,
  pathOf,
  scanBackward,
  scanForward,
  showCursor,
  showEntry,
  text,
} from './support.ts';

const ENTRIES: readonly Entry[] = Array.from({ length: 300 }, (_, i) => ({
  key: text(`key ${String(i).padStart(4, '0')}`),
  sequence: i + 1,
  value: text(`value ${i} `.padEnd(40, '.')),
}));

const SHOWN = ENTRIES.map(showEntry);

interface Opened {
  readonly cache: TableCache;
  readonly blocks: BlockCache<CachedBlock>;
  readonly fs: MappingFileSystem;
  readonly bytes: number;
}

/** A cache over a file system with one table, number 7. */
function opened(
  compression: 'none' | 'lz4',
  inner: FileSystem = memoryFileSystem(),
  cacheBytes = 2 ** 20,
): Opened {
  buildTable(inner, ENTRIES, { blockBytes: 512, compression });
  const fs = new MappingFileSystem(inner);
  const blocks = new BlockCache<CachedBlock>(cacheBytes);
  const cache = new TableCache(fs, pathOf, DATABASE_ID, blocks, 10, 512, true);
  return { cache, blocks, fs, bytes: inner.status(pathOf(7))?.bytes ?? 0 };
}

describe('a mapped table', () => {
  for (const compression of ['none', 'lz4'] as const) {
    for (const cacheBytes of [0, 2 ** 20]) {
      it(`answers as one that is read (${compression}, cache of ${cacheBytes})`, () => {
        const { cache, bytes } = opened(compression, undefined, cacheBytes);
        const table = cache.table(7, bytes);
        for (let round = 0; round < 2; round++) {
          for (const entry of ENTRIES) assert.equal(lookup(table, entry.key, 1000), showEntry(entry));
          assert.equal(lookup(table, text('key'), 1000), undefined);
          assert.deepEqual(scanForward(table.cursor()), SHOWN);
          assert.deepEqual(scanBackward(table.cursor({ fillCache: false })), SHOWN.toReversed());
          assert.deepEqual(scanForward(table.cursor({ readAheadBytes: 1000 })), SHOWN);
        }
        cache.close();
      });
    }
  }

  it('takes nothing from the cache, not even for its index and its filter, and reads nothing', () => {
    const counting = new FaultyFileSystem(memoryFileSystem(), undefined, new Set(['read']));
    const { cache, blocks, bytes } = opened('none', counting);
    const table = cache.table(7, bytes);
    const before = counting.operations;
    for (const { key } of ENTRIES) lookup(table, key, 1000);
    scanForward(table.cursor());
    assert.equal(counting.operations, before);
    assert.deepEqual([blocks.stats().blocks, blocks.stats().bytes], [0, 0]);
    cache.close();
  });

  it('has its filter whatever the cache has room for', () => {
    const { cache, bytes } = opened('none', undefined, 0);
    assert.ok(cache.table(7, bytes).filter() !== undefined);
    cache.close();
  });

  it('keeps packed blocks in the cache, unpacked once', () => {
    const { cache, blocks, bytes } = opened('lz4');
    const table = cache.table(7, bytes);
    lookup(table, ENTRIES[5].key, 1000);
    assert.equal(blocks.stats().blocks, 1);
    const { misses } = blocks.stats();
    lookup(table, ENTRIES[5].key, 1000);
    assert.equal(blocks.stats().misses, misses);
    cache.close();
  });

  it('shows two cursors two blocks, and a lookup a third', () => {
    const { cache, bytes } = opened('none');
    const table = cache.table(7, bytes);
    const one = table.cursor();
    const other = table.cursor();
    one.seek(ENTRIES[10].key, 0, 8, 1000);
    other.seek(ENTRIES[200].key, 0, 8, 1000);
    assert.equal(lookup(table, ENTRIES[100].key, 1000), SHOWN[100]);
    one.next();
    other.prev();
    assert.deepEqual([showCursor(one), showCursor(other)], [SHOWN[11], SHOWN[199]]);
    one.close();
    other.close();
    cache.close();
  });
});

describe('the checksum of a mapped block', () => {
  it('is looked at before the block is used, and again when it was wrong', () => {
    const inner = new CorruptingFileSystem(memoryFileSystem());
    const { cache, bytes } = opened('none', inner);
    const flip = { path: pathOf(7), position: 600, mask: 1 };
    inner.arm(flip);
    const table = cache.table(7, bytes);
    for (let round = 0; round < 2; round++) {
      expectError('LSM_CORRUPTION', () => ENTRIES.forEach(({ key }) => void lookup(table, key, 1000)));
      expectError('LSM_CORRUPTION', () => scanForward(table.cursor()));
    }
    cache.close();
  });

  it('may be wrong in the mapping alone: then the block is read', () => {
    const inner = new CorruptingFileSystem(memoryFileSystem());
    const { cache, bytes } = opened('none', inner);
    let flips = 0;
    // In data, in the filter and in the index.
    for (const position of [600, bytes - 400, bytes - 1000]) {
      inner.arm({ path: pathOf(7), position, mask: 1, once: true });
      const table = cache.table(7, bytes);
      flips += 1;
      assert.equal(inner.flips, flips, String(position));
      for (const entry of ENTRIES) assert.equal(lookup(table, entry.key, 1000), showEntry(entry));
      assert.deepEqual(scanForward(table.cursor()), SHOWN);
      cache.evict(7);
    }
    cache.close();
  });
});

describe('a mapping', () => {
  it('ends with its table, or with the last cursor in it', () => {
    const { cache, fs, bytes } = opened('none');
    const cursors = [cache.table(7, bytes).cursor(), cache.table(7, bytes).cursor()];
    for (const cursor of cursors) cursor.seekToFirst();
    assert.deepEqual(fs.mappedPaths(), [pathOf(7)]);
    cache.evict(7);
    assert.deepEqual(fs.mappedPaths(), [pathOf(7)]);
    for (const [at, cursor] of cursors.entries()) {
      cursor.next();
      assert.equal(showCursor(cursor), SHOWN[1]);
      cursor.close();
      cursor.close();
      assert.equal(fs.mappedPaths().length, 1 - at);
    }
    cache.close();
  });

  it('ends when the tables are closed, and nothing is read of it afterwards', () => {
    const { cache, fs, bytes } = opened('none');
    const table = cache.table(7, bytes);
    assert.equal(lookup(table, ENTRIES[3].key, 1000), SHOWN[3]);
    cache.close();
    assert.deepEqual(fs.mappedPaths(), []);
    expectError('LSM_INTERNAL', () => lookup(table, ENTRIES[3].key, 1000));
  });

  it('does not outlive a table that is refused', () => {
    const inner = new CorruptingFileSystem(memoryFileSystem());
    const { cache, fs, bytes } = opened('none', inner);
    inner.arm({ path: pathOf(7), position: bytes - 1, mask: 1 });
    expectError('LSM_CORRUPTION', () => cache.table(7, bytes));
    assert.deepEqual([fs.made, fs.mappedPaths()], [1, []]);
    cache.close();
  });

  it('is done without where there is none', () => {
    const inner = memoryFileSystem();
    buildTable(inner, ENTRIES, { blockBytes: 512 });
    const bytes = inner.status(pathOf(7))?.bytes ?? 0;
    const refusing = new MappingFileSystem(inner);
    refusing.openFile = (path) => Object.assign(inner.openFile(path), { map: () => undefined });
    for (const fs of [inner, refusing]) {
      const cache = new TableCache(fs, pathOf, DATABASE_ID, new BlockCache(0), 10, 512, true);
      assert.deepEqual(scanForward(cache.table(7, bytes).cursor()), SHOWN);
      cache.close();
    }
  });
});
