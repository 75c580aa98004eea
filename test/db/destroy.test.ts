import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { FileSystem } from '../../src/fs/file-system.ts';
import { MemoryFileSystem, MiniLsm } from '../../src/index.ts';
import { PROFILES } from '../simulation/crash-states.ts';
import { FaultyFileSystem } from '../simulation/faulty-file-system.ts';
import { OrderingFileSystem } from '../simulation/ordering-file-system.ts';
import { SimulatedFileSystem } from '../simulation/simulated-file-system.ts';
import { expectError } from '../support/expect-error.ts';
import { Random } from '../support/random.ts';

const SMALL = { memtableBytes: 4096, tableBytes: 2048, baseLevelBytes: 8192 };

function fill(fileSystem: FileSystem): void {
  const db = MiniLsm.open('/db', { fileSystem, ...SMALL });
  for (let i = 0; i < 200; i++) db.put(`k${i}`, 'v'.repeat(40));
  db.close();
}

test('destroy removes the whole database, and its directory', () => {
  const fileSystem = new MemoryFileSystem();
  fill(fileSystem);
  const ordering = new OrderingFileSystem(fileSystem);
  MiniLsm.destroy('/db', { fileSystem: ordering });
  assert.equal(fileSystem.status('/db'), undefined);
  assert.deepEqual(ordering.violations, []);
});

test('destroy leaves files of others alone', () => {
  const fileSystem = new MemoryFileSystem();
  fill(fileSystem);
  fileSystem.createFile('/db/notes.txt').close();
  fileSystem.createFile('/db/1.sst').close();
  MiniLsm.destroy('/db', { fileSystem });
  assert.deepEqual(fileSystem.list('/db').sort(), ['1.sst', 'notes.txt']);
});

test('destroying what is not there does nothing', () => {
  const fileSystem = new MemoryFileSystem();
  MiniLsm.destroy('/nowhere', { fileSystem });
  assert.equal(fileSystem.status('/nowhere'), undefined);
});

test('an open database is not destroyed', () => {
  const fileSystem = new MemoryFileSystem();
  const db = MiniLsm.open('/db', { fileSystem });
  db.put('k', 'v');
  expectError('LSM_LOCKED', () => MiniLsm.destroy('/db', { fileSystem }));
  assert.ok(db.has('k'));
  db.close();
});

test('a power cut after it brings nothing back that would be in the way of a new database', () => {
  const fileSystem = new SimulatedFileSystem();
  fill(fileSystem);
  MiniLsm.destroy('/db', { fileSystem });
  for (const profile of PROFILES) {
    for (const { image } of fileSystem.crashStates(profile, { random: new Random(1) })) {
      const db = MiniLsm.open('/db', { fileSystem: new SimulatedFileSystem(image) });
      assert.deepEqual([...db.scan()], []);
      db.close();
    }
  }
});

test('wherever destroying is interrupted, the database is there as it was or not at all', () => {
  for (let at = 1; ; at++) {
    const fileSystem = new MemoryFileSystem();
    fill(fileSystem);
    const faulty = new FaultyFileSystem(fileSystem);
    faulty.arm({ at, when: 'before', errno: 'EIO', forever: true });
    try {
      MiniLsm.destroy('/db', { fileSystem: faulty });
    } catch {
      // Whatever it says, the directory tells.
    }
    if (faulty.faults === 0) {
      assert.ok(at > 5, 'several places were tried');
      return;
    }
    const left = fileSystem.crashClone();
    if (left.status('/db/CURRENT') !== undefined) {
      const db = MiniLsm.open('/db', { fileSystem: left });
      assert.equal([...db.scan()].length, 200);
      assert.ok(db.verify().ok);
      db.close();
    } else {
      expectError('LSM_NOT_FOUND', () => MiniLsm.open('/db', { fileSystem: left, createIfMissing: false }));
    }
    MiniLsm.destroy('/db', { fileSystem: left });
    assert.equal(left.status('/db'), undefined);
  }
});
