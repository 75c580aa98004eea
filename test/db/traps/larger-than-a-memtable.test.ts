/** A value or a batch larger than a memtable gets a memtable of its own, and stays atomic and durable. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MiniLsm } from '../../../src/db/mini-lsm.ts';
import { MemoryFileSystem } from '../../../src/fs/memory-file-system.ts';
import type { Options } from '../../../src/options.ts';
import { WriteBatch } from '../../../src/wal/write-batch.ts';
import { failOnLeaks } from '../../support/leaks.ts';
import { DATABASE } from '../../support/small-database.ts';

failOnLeaks();

const SMALL: Options = { memtableBytes: 2048, blockBytes: 128, tableBytes: 1024, baseLevelBytes: 1024 };

function pattern(bytes: number, seed: number): Uint8Array {
  return Uint8Array.from({ length: bytes }, (_, i) => i * seed + (i >> 8));
}

function closed(fs: MemoryFileSystem, db: MiniLsm): MemoryFileSystem {
  db.close();
  return fs;
}

function killed(fs: MemoryFileSystem): MemoryFileSystem {
  return fs.crashClone();
}

for (const leave of [closed, killed]) {
  const what = leave.name;
  test(`a value larger than a memtable is read back, also when the database was ${what}`, () => {
    let fileSystem = new MemoryFileSystem();
    let db = MiniLsm.open(DATABASE, { ...SMALL, fileSystem });
    const large = pattern(100_000, 3);
    const larger = pattern(300_000, 5);
    db.put('a', 'small');
    db.put('b', large);
    db.put('c', 'small');
    db.put('b2', larger);
    const check = (): void => {
      assert.deepEqual(db.get('b'), large);
      assert.deepEqual(db.get('b2'), larger);
      assert.deepEqual(
        Array.from(db.scan({ reverse: true }), ([, value]) => value.length),
        [5, 300_000, 100_000, 5],
      );
      assert.equal(db.verify().ok, true);
    };
    check();
    fileSystem = leave(fileSystem, db);
    db = MiniLsm.open(DATABASE, { ...SMALL, fileSystem });
    check();
    db.compact();
    check();
    db.close();
  });

  test(`a batch larger than a memtable is there as a whole, also when the database was ${what}`, () => {
    let fileSystem = new MemoryFileSystem();
    let db = MiniLsm.open(DATABASE, { ...SMALL, fileSystem });
    db.put('k0', 'before');
    const snapshot = db.snapshot();
    const batch = new WriteBatch();
    for (let i = 0; i < 1000; i++) batch.put(`k${i}`, pattern(20, i));
    for (let i = 0; i < 1000; i += 10) batch.delete(`k${i}`);
    db.write(batch);
    assert.equal([...db.scan({ snapshot })].length, 1, 'a snapshot from before sees nothing of it');
    assert.equal([...db.scan()].length, 900);
    fileSystem = leave(fileSystem, db);
    db = MiniLsm.open(DATABASE, { ...SMALL, fileSystem });
    assert.equal([...db.scan()].length, 900);
    assert.equal(db.get('k10'), undefined);
    assert.deepEqual(db.get('k11'), pattern(20, 11));
    assert.equal(db.verify().ok, true);
    db.close();
  });
}
