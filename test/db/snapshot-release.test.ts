import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MemoryFileSystem, MiniLsm } from '../../src/index.ts';

test('closing the snapshot that held tombstones back lets compaction drop them, without another write', () => {
  const db = MiniLsm.open('/db', { fileSystem: new MemoryFileSystem() });
  for (let i = 0; i < 600; i++) db.put(`k${i}`, 'v');
  const snapshot = db.snapshot();
  for (let i = 0; i < 700; i++) db.delete(`k${i}`);
  db.compact();
  const tombstones = (): number => db.stats().levels.reduce((sum, level) => sum + level.tombstones, 0);
  assert.equal(tombstones(), 700);
  assert.equal([...db.scan({ snapshot })].length, 600);
  snapshot.close();
  assert.equal(tombstones(), 0);
  assert.equal(db.stats().files, 0);
  db.close();
});
