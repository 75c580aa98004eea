/** Writes of one turn are one group: one record in the log, at most one fsync, in the order of the calls. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import fc from 'fast-check';
import { MiniLevel } from '../../src/index.ts';
import { HeldSyncs } from '../support/held-syncs.ts';
import { failOnLeaks } from '../support/leaks.ts';
import { checkAsyncProperty } from '../support/property.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';
import { rejectsWith } from './support.ts';

failOnLeaks();

const COUNT = 100;
const SYNC = { sync: true };

async function onHeldDisk(t: TestContext): Promise<{ db: MiniLevel; disk: HeldSyncs }> {
  const disk = new HeldSyncs();
  const db = new MiniLevel('/db', { fileSystem: disk });
  t.after(() => {
    for (const held of [...disk.held]) held.end();
    disk.quick = true;
    return db.close();
  });
  await db.open();
  return { db, disk };
}

function putMany(db: MiniLevel, options: { sync?: boolean }): Promise<unknown> {
  return Promise.all(Array.from({ length: COUNT }, (_, i) => db.put(`key ${i}`, 'value', options)));
}

describe('the writes of one tick', () => {
  test('are one append to the log, and no sync', async (t) => {
    const { db, disk } = await onHeldDisk(t);
    const { appends, started } = disk;
    await putMany(db, {});
    assert.deepEqual([disk.appends - appends, disk.started - started], [1, 0]);
    assert.equal((await db.keys().all()).length, COUNT);
  });

  test('are one append, one sync and one seal if they are to be durable', async (t) => {
    const { db, disk } = await onHeldDisk(t);
    disk.quick = true;
    const { appends, started } = disk;
    await putMany(db, SYNC);
    assert.deepEqual([disk.appends - appends, disk.started - started], [2, 1]);
    assert.equal((await db.keys().all()).length, COUNT);
  });

  test('are one group whatever they are, through sublevels too', async (t) => {
    const { db, disk } = await onHeldDisk(t);
    const sublevel = db.sublevel('s');
    await sublevel.open();
    const { appends } = disk;
    await Promise.all([
      db.put('a', '1'),
      db.del('a'),
      db.batch([{ type: 'put', key: 'b', value: '2' }]),
      db.batch().put('c', '3').write(),
      sublevel.put('d', '4'),
    ]);
    assert.equal(disk.appends - appends, 1);
    assert.deepEqual(await db.keys().all(), ['!s!d', 'b', 'c']);
  });

  test('are made by those that are allowed, when others are refused', async (t) => {
    const { db } = await onHeldDisk(t);
    const endless = 'x'.repeat(65_536);
    const [first, second, third, last] = await Promise.allSettled([
      db.put('a', '1'),
      db.put(endless, 'refused'),
      db.batch([
        { type: 'put', key: 'b', value: 'of a batch that is refused as a whole' },
        { type: 'put', key: endless, value: 'refused' },
      ]),
      db.put('c', '3'),
    ]);
    assert.deepEqual([first.status, last.status], ['fulfilled', 'fulfilled']);
    for (const outcome of [second, third]) {
      assert.equal(outcome.status, 'rejected');
      assert.equal(outcome.reason.code, 'LSM_TOO_LARGE');
    }
    assert.deepEqual(await db.keys().all(), ['a', 'c']);
  });
});

describe('a write with sync', () => {
  test('is not visible before it is durable, and meanwhile the event loop turns', async (t) => {
    const { db, disk } = await onHeldDisk(t);
    let acknowledged = false;
    const writing = db.put('key', 'value', SYNC).then(() => {
      acknowledged = true;
    });
    for (let i = 0; i < 5; i++) await nextTurn();
    assert.equal(disk.held.length, 1);
    assert.equal(acknowledged, false);
    assert.equal(db.getSync('key'), undefined);
    assert.equal(await db.get('key'), undefined);
    assert.deepEqual(await db.iterator().all(), []);
    assert.equal(await db.has('key'), false);
    disk.held[0].end();
    await writing;
    assert.equal(db.getSync('key'), 'value');
  });

  test('keeps its place before the writes that follow it', async (t) => {
    const { db, disk } = await onHeldDisk(t);
    const first = db.put('key', 'first', SYNC);
    await nextTurn();
    const second = db.put('key', 'second');
    await nextTurn();
    disk.quick = true;
    for (const held of [...disk.held]) held.end();
    await Promise.all([first, second]);
    assert.equal(await db.get('key'), 'second');
  });

  test('that fails is not there, and ends writing', async (t) => {
    const { db, disk } = await onHeldDisk(t);
    await db.put('old', 'value');
    const writing = db.put('key', 'value', SYNC);
    const failure = rejectsWith('LEVEL_IO_ERROR', writing);
    await nextTurn();
    disk.held[0].end('failed');
    assert.equal((await failure).cause?.code, 'LSM_IO');
    assert.equal(await db.get('key'), undefined);
    assert.equal(await db.get('old'), 'value');
    const { cause } = await rejectsWith('LEVEL_READONLY', db.put('key', 'value'));
    assert.equal(cause?.code, 'LSM_READ_ONLY');
  });
});

test('writes that are not awaited take effect in the order of their calls', async () => {
  const write = fc.record({
    kind: fc.constantFrom('put', 'del', 'batch', 'chain'),
    key: fc.constantFrom('a', 'b', 'c'),
    sync: fc.boolean(),
    /** How many turns of the event loop pass before it. */
    turns: fc.constantFrom(0, 0, 0, 1),
  });
  await checkAsyncProperty(
    fc.asyncProperty(fc.array(write, { maxLength: 40 }), async (writes) => {
      const disk = new HeldSyncs();
      const db = new MiniLevel('/db', { fileSystem: disk });
      await db.open();
      const expected = new Map<string, string>();
      const pending: Promise<void>[] = [];
      for (const [i, { kind, key, sync, turns }] of writes.entries()) {
        if (turns > 0) {
          await nextTurn();
          disk.held.at(0)?.end();
        }
        const value = `${i}`;
        if (kind === 'put') pending.push(db.put(key, value, { sync }));
        else if (kind === 'del') pending.push(db.del(key, { sync }));
        else if (kind === 'chain') pending.push(db.batch().del(key).put(key, value).write({ sync }));
        else pending.push(db.batch([{ type: 'put', key, value }], { sync }));
        if (kind === 'del') expected.delete(key);
        else expected.set(key, value);
      }
      disk.quick = true;
      for (const held of [...disk.held]) held.end();
      await Promise.all(pending);
      assert.deepEqual(new Map(await db.iterator().all()), expected);
      await db.close();
      await db.open();
      assert.deepEqual(new Map(await db.iterator().all()), expected, 'after it was opened again');
      await db.close();
    }),
    200,
  );
});

test('writes that have to wait for flushes and compactions wait while the event loop turns', async (t) => {
  let db: MiniLevel | undefined;
  t.after(() => db?.close());
  db = new MiniLevel(join(temporaryDirectory(t), 'db'), {
    memtableBytes: 4096,
    maxFrozenMemtables: 1,
    tableBytes: 4096,
    baseLevelBytes: 4096,
    l0CompactionFiles: 1,
    l0SlowdownFiles: 1,
    l0StopFiles: 1,
  });
  await db.open();
  let turns = 0;
  let done = false;
  const turn = (): void => {
    turns += 1;
    if (!done) setImmediate(turn);
  };
  setImmediate(turn);
  let waited = 0;
  const stops = (): number => {
    const { stalls } = (db as MiniLevel).engine.stats();
    return Object.values(stalls).reduce((sum, stall) => sum + stall.stops, 0);
  };
  for (let i = 0; i < 2000 || stops() === 0; i++) {
    assert.ok(i < 100_000, 'writes have to wait at some time');
    const before = turns;
    await db.put(`key ${i % 500}`, 'value'.padEnd(100, '.'));
    if (turns > before) waited += 1;
  }
  done = true;
  assert.ok(waited > 0, 'some writes waited');
  assert.equal((await db.keys().all()).length, 500);
});
