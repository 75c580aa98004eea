import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { MemoryFileSystem } from '../../src/fs/memory-file-system.ts';
import { PieceWriter } from '../../src/sstable/piece-writer.ts';
import { checkProperty } from '../support/property.ts';

const PIECE = 64 * 1024;

test('what is appended in pieces stands in the file in one piece, however long its parts are', () => {
  const length = fc.oneof(fc.nat(3000), fc.integer({ min: PIECE - 2, max: PIECE + 2 }), fc.nat(3 * PIECE));
  checkProperty(
    fc.property(fc.array(length, { maxLength: 30 }), (lengths) => {
      const file = new MemoryFileSystem().createFile('/file');
      const writer = new PieceWriter(file);
      let expected = 0;
      const part = new Uint8Array(3 * PIECE);
      for (const [i, bytes] of lengths.entries()) {
        assert.equal(writer.size, expected);
        writer.append(part.fill(i, 0, bytes).subarray(0, bytes));
        expected += bytes;
      }
      writer.flush();
      writer.flush();
      assert.equal(file.size, expected);
      assert.equal(writer.size, expected);
    }),
  );
});

test('parts reach the file in their order, a piece at a time', () => {
  const fs = new MemoryFileSystem();
  const file = fs.createFile('/file');
  const appends: number[] = [];
  const watched = {
    path: file.path,
    get size(): number {
      return file.size;
    },
    append: (bytes: Uint8Array, start = 0, length: number = bytes.length - start): void => {
      appends.push(length);
      file.append(bytes, start, length);
    },
    sync: () => file.sync(),
    startSync: () => file.startSync(),
    close: () => file.close(),
  };
  const writer = new PieceWriter(watched);
  const part = new Uint8Array(100 * 1024);
  const lengths = [30_000, 30_000, 30_000, 100_000, 70_000, 5];
  for (const [i, length] of lengths.entries()) writer.append(part.fill(i + 1, 0, length).subarray(0, length));
  // Two parts fill a piece; a part that is longer than one goes by itself, after those before it.
  assert.deepEqual(appends, [60_000, 30_000, 100_000, 70_000]);
  writer.flush();
  assert.deepEqual(appends, [60_000, 30_000, 100_000, 70_000, 5]);

  const reader = fs.openFile('/file');
  const bytes = new Uint8Array(reader.size);
  reader.read(bytes, 0, bytes.length, 0);
  let at = 0;
  for (const [i, length] of lengths.entries()) {
    assert.ok(bytes.subarray(at, at + length).every((byte) => byte === i + 1));
    at += length;
  }
  assert.equal(at, bytes.length);
});
