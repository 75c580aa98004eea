/** Options come from whoever gives them, and from no property that somebody has given every object. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { internals, MiniLsm } from '../../src/db/mini-lsm.ts';
import { MemoryFileSystem } from '../../src/fs/memory-file-system.ts';
import { MiniLevel } from '../../src/level/mini-level.ts';
import { failOnLeaks } from '../support/leaks.ts';
import { contentsOf, DATABASE } from '../support/small-database.ts';

failOnLeaks();

/** Runs work while every object has these properties. */
async function whileAllHave(properties: object, work: () => void | Promise<void>): Promise<void> {
  for (const [name, value] of Object.entries(properties)) {
    Object.defineProperty(Object.prototype, name, { value, configurable: true, writable: true });
  }
  try {
    await work();
  } finally {
    for (const name of Object.keys(properties)) Reflect.deleteProperty(Object.prototype, name);
  }
}

const OF_CALLS = { sync: 'x', snapshot: 1, gte: 'z', onProgress: 1, signal: 1 };
const OF_OPENING = { createIfMissing: false, memtableBytes: -1, cacheSize: 'x', recovery: 1 };

test('properties of every object are nobody’s options', async () => {
  const decoy = new MemoryFileSystem();
  const fileSystem = new MemoryFileSystem();
  await whileAllHave({ ...OF_CALLS, ...OF_OPENING, fileSystem: decoy }, () => {
    const db = MiniLsm.open(DATABASE, { fileSystem });
    db.put('key', 'value', {});
    assert.equal([...db.scan({})].length, 1);
    assert.ok(db.has('key', {}));
    db.backup('/backup');
    db.close();
    assert.ok(MiniLsm.verify(DATABASE, { fileSystem }).ok);
    assert.equal(MiniLsm.restore('/backup', '/restored', { fileSystem }).tables, 1);
    assert.throws(() => MiniLsm.verify('/backup', {}), { code: 'LSM_NOT_FOUND' });
    assert.throws(() => MiniLsm.restore('/backup', '/restored', {}), { code: 'LSM_NOT_FOUND' });
  });
  assert.deepEqual(decoy.list('/'), []);
});

test('and no options of MiniLevel for the engine', async () => {
  const decoy = new MemoryFileSystem();
  const fileSystem = new MemoryFileSystem();
  const { createIfMissing: _, ...ours } = OF_OPENING; // abstract-level reads that one itself
  await whileAllHave({ ...ours, fileSystem: decoy }, async () => {
    const db = new MiniLevel(DATABASE, { fileSystem });
    await db.put('key', 'value');
    await db.close();
    const elsewhere = new MiniLevel('/nowhere/at/all', { createIfMissing: false });
    await assert.rejects(elsewhere.open());
  });
  assert.deepEqual(decoy.list('/'), []);
  const db = MiniLsm.open(DATABASE, { fileSystem });
  assert.deepEqual(contentsOf(db), ['key=value']);
  db.close();
});

test('an option that changes whenever it is read is read once', async () => {
  let reads = 0;
  const hostile = {
    fileSystem: new MemoryFileSystem(),
    get memtableBytes(): number {
      reads += 1;
      return reads === 1 ? 4096 : -1;
    },
  };
  const db = MiniLsm.open(DATABASE, hostile);
  assert.deepEqual([internals(db).core.options.memtableBytes, reads], [4096, 1]);
  db.close();
  reads = 0;
  const level = new MiniLevel(DATABASE, hostile);
  await level.open();
  assert.deepEqual([internals(level.engine).core.options.memtableBytes, reads], [4096, 1]);
  await level.close();
});
