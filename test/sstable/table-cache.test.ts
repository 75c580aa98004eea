import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { BlockCache } from '../../src/cache/block-cache.ts';
import type { FileSystem, ReadableFile } from '../../src/fs/file-system.ts';
import { MemoryFileSystem } from '../../src/fs/memory-file-system.ts';
import type { Table } from '../../src/sstable/table.ts';
import { TableCache } from '../../src/sstable/table-cache.ts';
import type { CachedBlock } from '../../src/sstable/table-reader.ts';
import { expectError } from '../support/expect-error.ts';
import {
  buildTable,
  DATABASE_ID,
  DIRECTORY,
  type Entry,
  lookup,
  memoryFileSystem,
  pathOf,
  randomNumbers,
  readFile,
  scanForward,
  showCursor,
  showEntry,
  tableCache,
  text,
  writeFile,
} from './support.ts';

/** Counts the handles that are open at once. */
class CountingFileSystem extends MemoryFileSystem {
  open = 0;
  opened = 0;
  mostOpen = 0;

  override openFile(path: string): ReadableFile {
    const file = super.openFile(path);
    this.open += 1;
    this.opened += 1;
    this.mostOpen = Math.max(this.mostOpen, this.open);
    let isOpen = true;
    return {
      path: file.path,
      size: file.size,
      read: (into, start, length, position) => file.read(into, start, length, position),
      close: () => {
        if (isOpen) this.open -= 1;
        isOpen = false;
        file.close();
      },
    };
  }
}

function entriesOf(fileNumber: number): Entry[] {
  return Array.from({ length: 50 }, (_, i) => ({
    key: text(`key ${String(i).padStart(3, '0')}`),
    sequence: i + 1,
    value: text(`table ${fileNumber}, value ${i}`),
  }));
}

function buildTables(fs: FileSystem, count: number): Map<number, number> {
  const sizes = new Map<number, number>();
  for (let fileNumber = 1; fileNumber <= count; fileNumber++) {
    const identity = { databaseId: DATABASE_ID, fileNumber };
    const summary = buildTable(fs, entriesOf(fileNumber), { blockBytes: 100 }, identity);
    sizes.set(fileNumber, summary.fileBytes);
  }
  return sizes;
}

function countingFileSystem(): CountingFileSystem {
  const fs = new CountingFileSystem();
  fs.makeDirectory(DIRECTORY);
  return fs;
}

function assertHolds(table: Table, fileNumber: number): void {
  assert.deepEqual(scanForward(table.cursor()), entriesOf(fileNumber).map(showEntry));
}

describe('TableCache', () => {
  it('never has more handles open than it may, and every table stays readable', () => {
    for (const maxOpen of [1, 3]) {
      const fs = countingFileSystem();
      const sizes = buildTables(fs, 8);
      const cache = tableCache(fs, 0, maxOpen);
      const random = randomNumbers(11);
      const tables: Table[] = [];
      for (const [fileNumber, size] of sizes) tables.push(cache.table(fileNumber, size));
      for (let i = 0; i < 200; i++) {
        const fileNumber = 1 + (random() % 8);
        const entry = entriesOf(fileNumber)[random() % 50];
        assert.equal(lookup(tables[fileNumber - 1], entry.key, 1000), showEntry(entry));
        assert.ok(cache.openCount <= maxOpen);
      }
      assert.equal(fs.mostOpen, maxOpen);
      assert.equal(cache.openCount, fs.open);
    }
  });

  it('keeps cursors working after the handles of their tables were closed', () => {
    const fs = countingFileSystem();
    const sizes = buildTables(fs, 4);
    const cache = tableCache(fs, 0, 1);
    const cursors = [...sizes].map(([fileNumber, size]) => cache.table(fileNumber, size).cursor());
    for (const cursor of cursors) cursor.seekToFirst();
    for (let i = 0; i < 50; i++) {
      cursors.forEach((cursor, at) => {
        assert.equal(showCursor(cursor), showEntry(entriesOf(at + 1)[i]));
        cursor.next();
      });
    }
    assert.equal(fs.mostOpen, 1);
  });

  it('keeps the block of a cursor readable when the cache and the file are gone', () => {
    const fs = countingFileSystem();
    const sizes = buildTables(fs, 1);
    const cache = tableCache(fs);
    const cursor = cache.table(1, sizes.get(1) ?? 0).cursor();
    cursor.seekToFirst();
    cache.evict(1);
    fs.remove(pathOf(1));
    assert.equal(showCursor(cursor), showEntry(entriesOf(1)[0]));
    cursor.next();
    assert.equal(showCursor(cursor), showEntry(entriesOf(1)[1]));
  });

  it('closes the handle of a table that was not read lately before an older one that was', () => {
    const fs = countingFileSystem();
    const sizes = buildTables(fs, 5);
    // What is mapped is read once.
    const cache = tableCache(fs, 0, 3, false);
    for (const fileNumber of [1, 2, 3, 4, 2, 5]) {
      assertHolds(cache.table(fileNumber, sizes.get(fileNumber) ?? 0), fileNumber);
    }
    const { opened } = fs;
    assertHolds(cache.table(2, 0), 2);
    assert.equal(fs.opened, opened);
    assertHolds(cache.table(3, 0), 3);
    assert.equal(fs.opened, opened + 1);
  });

  it('returns one table for one number, and opens its file once', () => {
    const fs = countingFileSystem();
    const sizes = buildTables(fs, 1);
    const cache = tableCache(fs);
    const table = cache.table(1, sizes.get(1) ?? 0);
    assert.equal(cache.table(1, sizes.get(1) ?? 0), table);
    assertHolds(table, 1);
    assert.equal(fs.opened, 1);
  });

  it('forgets an evicted table and its blocks, so that its file can be removed', () => {
    const fs = countingFileSystem();
    const sizes = buildTables(fs, 2);
    const blocks = new BlockCache<CachedBlock>(1 << 20);
    const cache = new TableCache(fs, pathOf, DATABASE_ID, blocks, 10);
    assertHolds(cache.table(1, sizes.get(1) ?? 0), 1);
    assert.ok(blocks.stats().blocks > 0);
    cache.evict(1);
    cache.evict(2);
    assert.equal(blocks.stats().blocks, 0);
    assert.equal(fs.open, 0);
  });

  it('refuses a file of another size than it was told, and leaves no handle open', () => {
    const fs = countingFileSystem();
    const sizes = buildTables(fs, 1);
    const cache = tableCache(fs);
    const error = expectError('LSM_CORRUPTION', () => cache.table(1, (sizes.get(1) ?? 0) + 1));
    assert.equal(error.file, pathOf(1));
    assert.equal(fs.open, 0);
  });

  it('leaves no handle open when a table cannot be opened, and can open it once it is mended', () => {
    const fs = countingFileSystem();
    const sizes = buildTables(fs, 1);
    const good = readFile(fs, pathOf(1));
    writeFile(fs, pathOf(1), good.with(good.length - 1, 1));
    const cache = tableCache(fs);
    expectError('LSM_CORRUPTION', () => cache.table(1, good.length));
    assert.equal(fs.open, 0);
    writeFile(fs, pathOf(1), good);
    assertHolds(cache.table(1, sizes.get(1) ?? 0), 1);
  });

  it('says that a file is not there', () => {
    expectError('LSM_NOT_FOUND', () => tableCache(memoryFileSystem()).table(5, 1000));
  });

  it('closes every handle and opens no table after that', () => {
    const fs = countingFileSystem();
    const sizes = buildTables(fs, 3);
    const cache = tableCache(fs);
    for (const [fileNumber, size] of sizes) cache.table(fileNumber, size);
    cache.close();
    assert.equal(fs.open, 0);
    expectError('LSM_CLOSED', () => cache.table(1, sizes.get(1) ?? 0));
  });
});
