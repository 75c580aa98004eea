/** What logs hold is sorted and becomes tables: one, unless it is more than an open database keeps in memory. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MiniLsm } from '../../../src/db/mini-lsm.ts';
import { MemoryFileSystem } from '../../../src/fs/memory-file-system.ts';
import { WriteBatch } from '../../../src/wal/write-batch.ts';
import { DATABASE } from '../../support/small-database.ts';

const ENTRIES = 3000;
const key = (i: number): string => `key ${String((i * 1777) % ENTRIES).padStart(5, '0')}`;

/** A database that died with all its writes in one log, and what is in it. */
function died(): { fileSystem: MemoryFileSystem; contents: [string, string][] } {
  const fileSystem = new MemoryFileSystem();
  const db = MiniLsm.open(DATABASE, { fileSystem });
  const contents = new Map<string, string>();
  for (let i = 0; i < ENTRIES; i++) {
    db.put(key(i), `first ${i}`);
    contents.set(key(i), `first ${i}`);
  }
  const batch = new WriteBatch();
  for (let i = 0; i < ENTRIES; i += 2) {
    batch.put(key(i), `second ${i}`);
    contents.set(key(i), `second ${i}`);
  }
  db.write(batch);
  for (let i = 0; i < ENTRIES; i += 15) {
    db.delete(key(i));
    contents.delete(key(i));
  }
  return {
    fileSystem: fileSystem.crashClone(),
    contents: [...contents].sort(([a], [b]) => (a < b ? -1 : 1)),
  };
}

function check(db: MiniLsm, contents: readonly [string, string][]): void {
  const found = Array.from(db.scan(), ([k, v]) => [Buffer.from(k).toString(), Buffer.from(v).toString()]);
  assert.deepEqual(found, contents);
  assert.equal(db.verify().ok, true);
}

test('all that memtables may hold becomes one table', () => {
  const { fileSystem, contents } = died();
  const db = MiniLsm.open(DATABASE, { fileSystem, memtableBytes: 128 * 1024, maxFrozenMemtables: 2 });
  assert.equal(db.stats().levels[0].files, 1);
  check(db, contents);
  db.close();
});

test('what is more becomes several, the oldest writes first', () => {
  const { fileSystem, contents } = died();
  const small = { memtableBytes: 16 * 1024, maxFrozenMemtables: 1, l0CompactionFiles: 1000 };
  const db = MiniLsm.open(DATABASE, { fileSystem, ...small });
  assert.ok(db.stats().levels[0].files > 3);
  check(db, contents);
  db.compact();
  check(db, contents);
  db.close();
});
