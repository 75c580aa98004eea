import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { MiniLsm } from '../../src/db/mini-lsm.ts';
import { MemoryFileSystem } from '../../src/fs/memory-file-system.ts';
import type { Options } from '../../src/options.ts';
import { CODECS } from '../support/codecs.ts';
import { failOnLeaks } from '../support/leaks.ts';
import { DATABASE } from '../support/small-database.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

failOnLeaks();

const ENTRIES = 2000;

function valueFor(i: number, round: number): string {
  return `${i} in round ${round}, `.repeat(8);
}

function fill(db: MiniLsm, round: number): void {
  for (let i = 0; i < ENTRIES; i++) db.put(`key ${i}`, valueFor(i, round));
}

function assertHolds(db: MiniLsm, round: number): void {
  for (let i = 0; i < ENTRIES; i += 7) {
    assert.equal(Buffer.from(db.get(`key ${i}`) ?? []).toString(), valueFor(i, round));
  }
  assert.equal([...db.scan()].length, ENTRIES);
  assert.equal([...db.scan({ reverse: true, fillCache: false })].length, ENTRIES);
  assert.ok(db.verify().ok);
}

/** Bytes of all tables. */
function bytesOf(db: MiniLsm): number {
  return db.stats().bytes;
}

describe('compression', () => {
  const hosts: readonly (readonly [string, (parent: string) => { path: string; options: Options }])[] = [
    ['in memory', () => ({ path: DATABASE, options: { fileSystem: new MemoryFileSystem() } })],
    ['on the disk with a worker thread', (path) => ({ path, options: { background: 'worker' } })],
  ];
  for (const [where, host] of hosts) {
    test(`${where}, flushes and merges pack by every codec but none`, (t) => {
      const sizes = CODECS.map((compression) => {
        const { path, options } = host(temporaryDirectory(t));
        const db = MiniLsm.open(path, { ...options, compression });
        fill(db, 1);
        db.flush();
        const flushed = bytesOf(db);
        fill(db, 2);
        db.compact();
        assertHolds(db, 2);
        const merged = bytesOf(db);
        db.close();
        return { flushed, merged };
      });
      const [none, ...packed] = sizes;
      for (const { flushed, merged } of packed) {
        assert.ok(flushed < none.flushed / 2, `flushed: ${flushed} of ${none.flushed} bytes`);
        assert.ok(merged < none.merged / 2, `merged: ${merged} of ${none.merged} bytes`);
      }
    });
  }

  for (const [where, host] of hosts) {
    test(`${where}, each level is packed as its entry of the list says`, (t) => {
      const { path, options } = host(temporaryDirectory(t));
      const db = MiniLsm.open(path, { ...options, compression: ['none', 'none', 'lz4'] });
      fill(db, 1);
      db.flush();
      const top = db.stats().levels[0];
      db.compact();
      assertHolds(db, 1);
      const { levels } = db.stats();
      const bottom = levels[6];
      assert.deepEqual([top.files, bottom.files > 0], [1, true], 'tables went from the top to the bottom');
      assert.ok(top.bytes > top.dataBytes && bottom.dataBytes === top.dataBytes);
      assert.ok(bottom.bytes < bottom.dataBytes / 2, `${bottom.bytes} of ${bottom.dataBytes} bytes`);
      const codecs = levels.map(({ compression }) => compression);
      assert.deepEqual(codecs, ['none', 'none', 'lz4', 'lz4', 'lz4', 'lz4', 'lz4']);
      db.close();
    });
  }

  test('the default leaves L0 as it is and packs the others by lz4', () => {
    const db = MiniLsm.open(DATABASE, { fileSystem: new MemoryFileSystem() });
    const codecs = db.stats().levels.map(({ compression }) => compression);
    assert.deepEqual(codecs, ['none', 'lz4', 'lz4', 'lz4', 'lz4', 'lz4', 'lz4']);
    db.close();
  });

  test('tables of either kind are read under the other option, and merges write by the present one', () => {
    const fileSystem = new MemoryFileSystem();
    const sizes: number[] = [];
    for (const [round, compression] of (['none', 'lz4', 'none', 'lz4'] as const).entries()) {
      const db = MiniLsm.open(DATABASE, { fileSystem, compression });
      if (round > 0) assertHolds(db, round - 1);
      fill(db, round);
      db.flush();
      assertHolds(db, round);
      db.compact();
      assertHolds(db, round);
      sizes.push(bytesOf(db));
      db.close();
    }
    assert.ok(sizes[1] < sizes[0] / 2 && sizes[3] < sizes[2] / 2, `${sizes}`);
  });

  test('values that cannot be packed are stored as they are, whatever their size', () => {
    const fileSystem = new MemoryFileSystem();
    const db = MiniLsm.open(DATABASE, { fileSystem, compression: 'lz4' });
    const value = (i: number): Uint8Array =>
      crypto.getRandomValues(new Uint8Array(100 * 7 ** (i % 6)).subarray(0, 65_536));
    const values = Array.from({ length: 60 }, (_, i) => value(i));
    let bytes = 0;
    for (const [i, random] of values.entries()) {
      db.put(`key ${i}`, random);
      bytes += random.length;
    }
    db.compact();
    for (const [i, random] of values.entries()) assert.deepEqual(db.get(`key ${i}`), random);
    const stored = bytesOf(db);
    assert.ok(stored > bytes && stored < bytes * 1.05, `${stored} for ${bytes}`);
    db.close();
  });
});
