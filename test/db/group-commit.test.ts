/** Writes that are not waited for one by one: groups, their order, their durability, their failures. */
import assert from 'node:assert/strict';
import { describe, type TestContext, test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import fc from 'fast-check';
import { GroupCommit } from '../../src/db/group-commit.ts';
import { internals, MiniLsm } from '../../src/db/mini-lsm.ts';
import { MemoryFileSystem } from '../../src/fs/memory-file-system.ts';
import { OrderingFileSystem } from '../simulation/ordering-file-system.ts';
import { expectError } from '../support/expect-error.ts';
import { HeldSyncs } from '../support/held-syncs.ts';
import { failOnLeaks } from '../support/leaks.ts';
import { checkAsyncProperty } from '../support/property.ts';
import { contentsOf, DATABASE, memoryDatabase, textOf } from '../support/small-database.ts';

failOnLeaks();

interface Subject {
  readonly db: MiniLsm;
  readonly disk: HeldSyncs;
  readonly groups: GroupCommit;
}

function openSubject(t: TestContext): Subject {
  const disk = new HeldSyncs();
  const db = memoryDatabase(t, { fileSystem: disk });
  disk.appends = 0;
  return { db, disk, groups: groupsOf(db) };
}

function groupsOf(db: MiniLsm): GroupCommit {
  return new GroupCommit(internals(db).writePath);
}

describe('a group', () => {
  test('is all writes of one turn: one record in the log, one sync', async (t) => {
    const { db, disk, groups } = openSubject(t);
    disk.quick = true;
    await Promise.all(Array.from({ length: 100 }, (_, i) => groups.put(`${i}`, 'value', false)));
    assert.deepEqual([disk.appends, disk.started], [1, 0]);
    await Promise.all(Array.from({ length: 100 }, (_, i) => groups.put(`${i}`, 'other', true)));
    // The last append is the seal behind what was synced.
    assert.deepEqual([disk.appends, disk.started], [3, 1]);
    assert.equal(db.stats().sequence, 200);
    assert.equal(textOf(db.get('99')), 'other');
  });

  test('that must be synced becomes visible only when the disk has it', async (t) => {
    const { db, disk, groups } = openSubject(t);
    db.put('k', 'old');
    let acknowledged = false;
    const written = groups.put('k', 'new', true).then(() => {
      acknowledged = true;
    });
    await setImmediate();
    assert.equal(disk.held.length, 1);
    assert.deepEqual([textOf(db.get('k')), acknowledged], ['old', false]);
    assert.deepEqual(contentsOf(db), ['k=old']);
    disk.held[0].end();
    await written;
    assert.equal(textOf(db.get('k')), 'new');
  });

  test('does not wait for a sync that only later writes ask for', async (t) => {
    const { db, disk, groups } = openSubject(t);
    const plain = groups.put('a', '1', false);
    const durable = groups.put('b', '2', true);
    const joins = groups.put('c', '3', false);
    await plain;
    await setImmediate();
    assert.deepEqual(contentsOf(db), ['a=1']);
    disk.held[0].end();
    await Promise.all([durable, joins]);
    assert.deepEqual([contentsOf(db), disk.appends], [['a=1', 'b=2', 'c=3'], 3]);
  });

  test('collects what is written while the one before it is being synced', async (t) => {
    const { db, disk, groups } = openSubject(t);
    const first = groups.put('a', '1', true);
    await setImmediate();
    const later = [groups.put('a', '2', true), groups.delete('b', true), groups.put('a', '3', false)];
    await setImmediate();
    assert.deepEqual([disk.held.length, disk.appends], [1, 1]);
    disk.held[0].end();
    await first;
    assert.equal(textOf(db.get('a')), '1');
    await setImmediate();
    disk.held[0].end();
    await Promise.all(later);
    assert.deepEqual([textOf(db.get('a')), disk.appends, disk.started], ['3', 4, 2]);
  });

  test('is not joined by a large write, with which it might fail', async (t) => {
    const { db, disk, groups } = openSubject(t);
    const large = 'x'.repeat(3 * 2 ** 20);
    const writes = [
      groups.put('a', '1', false),
      groups.put('b', large, false),
      groups.put('c', '1', false),
      groups.write((batch) => batch.put('a', '2').put('d', large), false),
      groups.put('a', '3', false),
    ];
    await Promise.all(writes);
    assert.equal(disk.appends, writes.length);
    assert.deepEqual(contentsOf(db), ['a=3', `b=${large}`, 'c=1', `d=${large}`]);
  });

  test('loses only the write that is wrong, and all of a batch with it', async (t) => {
    const { db, groups } = openSubject(t);
    const before = groups.put('a', '1', false);
    expectError('LSM_TOO_LARGE', () => groups.put('k'.repeat(65_536), 'v', false));
    expectError('LSM_TOO_LARGE', () =>
      groups.write((batch) => batch.put('half', 'a batch').put('k'.repeat(65_536), 'v'), false),
    );
    const after = groups.put('b', '2', false);
    await Promise.all([before, after]);
    assert.deepEqual([contentsOf(db), db.stats().sequence], [['a=1', 'b=2'], 2]);
  });
});

describe('while a group is being synced', () => {
  for (const [what, act] of [
    ['a write that blocks', ({ db }: Subject) => db.put('k', 'last')],
    ['a sync that blocks', ({ db }: Subject) => db.sync()],
    ['a flush', ({ db }: Subject) => db.flush()],
    ['a compaction', ({ db }: Subject) => db.compact()],
  ] as const) {
    test(`${what} comes after it`, async (t) => {
      const subject = openSubject(t);
      const { db, disk, groups } = subject;
      const written = groups.put('k', 'first', true);
      await setImmediate();
      assert.equal(disk.held.length, 1);
      act(subject);
      assert.equal(textOf(db.get('k')), what === 'a write that blocks' ? 'last' : 'first');
      disk.held[0].end();
      await written;
      assert.equal(textOf(db.get('k')), what === 'a write that blocks' ? 'last' : 'first');
      assert.equal(db.verify().ok, true);
    });
  }

  test('closing the database keeps it', async () => {
    const disk = new HeldSyncs();
    const db = MiniLsm.open(DATABASE, { fileSystem: disk });
    const written = groupsOf(db).put('k', 'v', true);
    await setImmediate();
    db.close();
    disk.held[0].end();
    await written;
    const again = MiniLsm.open(DATABASE, { fileSystem: disk });
    assert.deepEqual(contentsOf(again), ['k=v']);
    again.close();
  });
});

test('a sync that fails fails its group, and ends writing', async (t) => {
  const { db, disk, groups } = openSubject(t);
  db.put('k', 'old');
  const writes = [groups.put('k', 'new', true), groups.put('l', 'new', false)];
  await setImmediate();
  const next = groups.put('m', 'new', false);
  disk.held[0].end('failed');
  for (const write of writes) await assert.rejects(write, { code: 'LSM_IO' });
  await assert.rejects(next, { code: 'LSM_READ_ONLY' });
  expectError('LSM_READ_ONLY', () => db.put('k', 'later'));
  assert.deepEqual(contentsOf(db), ['k=old']);
});

for (const [what, act] of [
  ['a write', ({ db }: Subject) => db.put('l', 'new')],
  ['a flush', ({ db }: Subject) => db.flush()],
  ['closing', ({ db }: Subject) => db.close()],
] as const) {
  test(`${what} whose sync fails fails the group that was being synced, whatever its own sync says`, async (t) => {
    const subject = openSubject(t);
    const { db, disk, groups } = subject;
    db.put('k', 'old');
    const written = groups.put('k', 'new', true);
    await setImmediate();
    disk.failing = true;
    expectError('LSM_IO', () => act(subject));
    if (!db.closed) expectError('LSM_READ_ONLY', () => db.put('m', 'new'));
    disk.held[0].end();
    await assert.rejects(written, { code: 'LSM_IO' });
    if (!db.closed) assert.deepEqual(contentsOf(db), ['k=old']);
  });
}

test('a group whose sync fails is refused, though one that blocked had succeeded', async (t) => {
  const { db, disk, groups } = openSubject(t);
  const written = groups.put('k', 'new', true);
  await setImmediate();
  db.sync();
  disk.held[0].end('failed');
  await assert.rejects(written, { code: 'LSM_IO' });
  expectError('LSM_READ_ONLY', () => db.put('l', 'new'));
});

test('writes after the database was closed are refused', async () => {
  const db = MiniLsm.open(DATABASE, { fileSystem: new MemoryFileSystem() });
  const groups = groupsOf(db);
  const written = groups.put('k', 'v', false);
  db.close();
  await assert.rejects(written, { code: 'LSM_CLOSED' });
});

const write = fc.record({
  key: fc.constantFrom('a', 'b', 'c', 'd'),
  value: fc.option(fc.string({ maxLength: 40 }), { nil: undefined }),
  how: fc.constantFrom('plain', 'durable', 'batch', 'blocking'),
  next: fc.constantFrom('go on', 'go on', 'turn', 'await', 'flush', 'settle'),
});

test('whatever is mixed, what is acknowledged is there, in the order of the calls', async () => {
  await checkAsyncProperty(
    fc.asyncProperty(fc.array(write, { maxLength: 60 }), async (writes) => {
      const memory = new MemoryFileSystem();
      const ordering = new OrderingFileSystem(memory);
      const db = MiniLsm.open(DATABASE, { fileSystem: ordering, memtableBytes: 2048, blockBytes: 128 });
      const groups = groupsOf(db);
      const expected = new Map<string, string>();
      const open: Promise<void>[] = [];
      for (const { key, value, how, next } of writes) {
        const isGrouped = how !== 'blocking';
        if (how === 'blocking') await groups.settled(); // else it would overtake those that wait for their turn
        if (how === 'blocking') value === undefined ? db.delete(key) : db.put(key, value);
        else if (how === 'batch') {
          open.push(
            groups.write((batch) => {
              batch.put(key, 'first');
              value === undefined ? batch.delete(key) : batch.put(key, value);
            }, false),
          );
        } else if (value === undefined) open.push(groups.delete(key, how === 'durable'));
        else open.push(groups.put(key, value, how === 'durable'));
        if (value === undefined) expected.delete(key);
        else expected.set(key, value);
        if (next === 'turn') await setImmediate();
        if (next === 'flush') db.flush();
        if (next === 'settle') await groups.settled();
        if (next === 'await' && isGrouped) {
          await open.at(-1);
          assert.equal(textOf(db.get(key)), value);
        }
      }
      await Promise.all(open);
      const entries = [...expected].sort().map(([key, value]) => `${key}=${value}`);
      assert.deepEqual(contentsOf(db), entries);
      assert.deepEqual(ordering.violations, []);
      const survivor = MiniLsm.open(DATABASE, { fileSystem: memory.crashClone() });
      assert.deepEqual(contentsOf(survivor), entries);
      survivor.close();
      db.close();
    }),
    200,
  );
});
