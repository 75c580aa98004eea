import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { FileSystem } from '../../src/fs/file-system.ts';
import { KIND_DELETE, KIND_PUT, MAX_KEY_BYTES, MAX_SEQUENCE } from '../../src/keys/internal-key.ts';
import { TableBuilder, type TableOptions } from '../../src/sstable/table-builder.ts';
import { expectError } from '../support/expect-error.ts';
import {
  addEntry,
  buildTable,
  IDENTITY,
  lookup,
  memoryFileSystem,
  OPTIONS,
  openTable,
  pathOf,
  scanForward,
  showEntry,
  text,
} from './support.ts';

const PATH = pathOf(7);

function builderIn(fs: FileSystem, options: Partial<TableOptions> = {}): TableBuilder {
  return new TableBuilder(fs, PATH, IDENTITY, { ...OPTIONS, ...options });
}

function put(builder: TableBuilder, key: string, sequence: number, value = ''): void {
  addEntry(builder, { key: text(key), sequence, value: text(value) });
}

describe('TableBuilder', () => {
  it('refuses entries out of order and repeated ones', () => {
    for (const [key, sequence] of [
      ['a', 9],
      ['b', 5],
      ['b', 6],
      ['', 1],
    ] as const) {
      const builder = builderIn(memoryFileSystem());
      put(builder, 'b', 5);
      expectError('LSM_INTERNAL', () => put(builder, key, sequence));
    }
  });

  it('refuses entries that no table can hold', () => {
    const builder = builderIn(memoryFileSystem());
    const key = new Uint8Array(MAX_KEY_BYTES + 1);
    const none = new Uint8Array(1);
    expectError('LSM_INTERNAL', () => builder.add(key, 0, key.length, 1, KIND_PUT, key, 0, 0));
    expectError('LSM_INTERNAL', () => builder.add(none, 0, 1, MAX_SEQUENCE + 1, KIND_PUT, none, 0, 0));
    expectError('LSM_INTERNAL', () => builder.add(none, 0, 1, 1, 0, none, 0, 0));
    expectError('LSM_INTERNAL', () => builder.add(none, 0, 1, 1, KIND_DELETE, none, 0, 1));
    assert.equal(builder.entryCount, 0);
  });

  it('makes no table without entries', () => {
    expectError('LSM_INTERNAL', () => builderIn(memoryFileSystem()).finish());
  });

  it('does not overwrite a file', () => {
    const fs = memoryFileSystem();
    buildTable(fs, [{ key: text('a'), sequence: 1, value: text('') }]);
    expectError('LSM_EXISTS', () => builderIn(fs));
  });

  it('removes its file when it is abandoned, once, and takes no more entries', () => {
    const fs = memoryFileSystem();
    const builder = builderIn(fs);
    put(builder, 'a', 1);
    builder.abandon();
    builder.abandon();
    assert.equal(fs.status(PATH), undefined);
    expectError('LSM_INTERNAL', () => put(builder, 'b', 1));
    expectError('LSM_INTERNAL', () => builder.finish());
  });

  it('leaves a finished table alone when it is abandoned', () => {
    const fs = memoryFileSystem();
    const builder = builderIn(fs);
    put(builder, 'a', 1);
    builder.finish();
    builder.abandon();
    assert.equal(openTable(fs).verify().entryCount, 1);
  });

  it('says about how large the file would be', () => {
    for (const blockBytes of [64, 4096]) {
      const fs = memoryFileSystem();
      const builder = builderIn(fs, { blockBytes });
      for (let i = 0; i < 5000; i++) put(builder, `key ${String(i).padStart(6, '0')}`, i, `value ${i}`);
      const estimate = builder.fileBytes;
      const { fileBytes } = builder.finish();
      assert.equal(fs.status(PATH)?.bytes, fileBytes);
      assert.ok(Math.abs(estimate - fileBytes) < 0.05 * fileBytes + 500, `${estimate} for ${fileBytes}`);
    }
  });

  it('writes blocks while it goes, and holds little back', () => {
    const fs = memoryFileSystem();
    const builder = builderIn(fs);
    for (let i = 0; i < 5000; i++) put(builder, `key ${String(i).padStart(6, '0')}`, i, 'v'.repeat(100));
    const written = fs.status(PATH)?.bytes ?? 0;
    assert.ok(written > 500_000 && builder.fileBytes - written < 30_000);
  });

  it('keeps nothing of the arrays that it is given, also of a Buffer', () => {
    const fs = memoryFileSystem();
    const builder = builderIn(fs, { blockBytes: 1 });
    const scratch = Buffer.alloc(4);
    for (let i = 0; i < 100; i++) {
      scratch.writeUInt32BE(i);
      builder.add(scratch, 0, 4, i, KIND_PUT, scratch, 0, 4);
    }
    scratch.fill(0xee);
    const { smallest, largest } = builder.finish();
    assert.deepEqual([...smallest], [0, 0, 0, 0]);
    assert.deepEqual([...largest], [0, 0, 0, 99]);
    const table = openTable(fs);
    table.verify();
    assert.equal(scanForward(table.cursor()).length, 100);
  });

  it('takes entries with the extreme sequences and the longest key', () => {
    const fs = memoryFileSystem();
    const long = new Uint8Array(MAX_KEY_BYTES).fill(0xff);
    const entries = [
      { key: text(''), sequence: MAX_SEQUENCE, value: text('x') },
      { key: text(''), sequence: 0, value: undefined },
      { key: long, sequence: MAX_SEQUENCE, value: text('y') },
      { key: long, sequence: 0, value: text('z') },
    ];
    for (const blockBytes of [1, 4096]) {
      if (fs.status(PATH) !== undefined) fs.remove(PATH);
      buildTable(fs, entries, { blockBytes });
      const table = openTable(fs);
      table.verify();
      for (const entry of entries) assert.equal(lookup(table, entry.key, entry.sequence), showEntry(entry));
      assert.deepEqual(scanForward(table.cursor()), entries.map(showEntry));
    }
  });
});

it('a builder knows how large its file would be, with entries and without', () => {
  const builder = builderIn(memoryFileSystem());
  const empty = builder.fileBytes;
  put(builder, 'a', 1, 'v'.repeat(100));
  assert.ok(builder.fileBytes > empty + 100);
  const { fileBytes } = builder.finish();
  assert.ok(fileBytes > empty);
});
