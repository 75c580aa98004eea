/** What a read sees is settled when it is called, whatever is written before it is done. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { AbstractSnapshot } from 'abstract-level';
import { failOnLeaks } from '../support/leaks.ts';
import { freshLevel, type Level, OURS_ALONE, rejectsWith, smallLevel } from './support.ts';

failOnLeaks();

type Snapshot = ReturnType<Level['snapshot']>;

/** Writes over everything, so that whatever comes later sees nothing of what was there. */
function overwrite(db: Level): Promise<unknown> {
  return Promise.all([db.put('a', 'new'), db.del('b'), db.put('d', 'new'), db.batch().del('c').write()]);
}

const OLD: [string, string][] = [
  ['a', '1'],
  ['b', '2'],
  ['c', '3'],
];

const READS: Readonly<Record<string, readonly [(db: Level, options: object) => Promise<unknown>, unknown]>> =
  {
    'get()': [(db, options) => db.get('b', options), '2'],
    'getMany()': [(db, options) => db.getMany(['a', 'b', 'd'], options), ['1', '2', undefined]],
    'has()': [(db, options) => db.has('b', options), true],
    'hasMany()': [(db, options) => db.hasMany(['b', 'd', 'c'], options), [true, false, true]],
    'all()': [(db, options) => db.iterator(options).all(), OLD],
    'next()': [(db, options) => db.iterator(options).next(), OLD[0]],
    'nextv()': [(db, options) => db.iterator(options).nextv(10), OLD],
    'keys()': [(db, options) => db.keys(options).all(), ['a', 'b', 'c']],
    'values()': [(db, options) => db.values(options).all(), ['1', '2', '3']],
  };

describe('an explicit snapshot', () => {
  for (const [name, [read, expected]] of Object.entries(READS)) {
    test(
      `is what ${name} sees, though it is closed and overwritten in the same tick`,
      OURS_ALONE,
      async (t) => {
        const db = await smallLevel(t);
        const snapshot = db.snapshot();
        const reading = read(db, { snapshot });
        const done = Promise.all([snapshot.close(), overwrite(db), db.compactRange('a', 'z')]);
        assert.deepEqual(await reading, expected);
        await done;
      },
    );

    test(`is what ${name} sees after everything was overwritten and compacted`, async (t) => {
      const db = await smallLevel(t);
      const snapshot = db.snapshot();
      await overwrite(db);
      await db.compactRange('a', 'z');
      assert.deepEqual(await read(db, { snapshot }), expected);
      assert.deepEqual(await db.iterator().all(), [
        ['a', 'new'],
        ['d', 'new'],
      ]);
      await snapshot.close();
    });
  }

  test('does not see what was written before it was asked for and not awaited until then', async (t) => {
    const db = await smallLevel(t);
    await db.put('a', 'new');
    const snapshot = db.snapshot();
    const writing = db.put('a', 'newer');
    assert.equal(await db.get('a', { snapshot }), 'new');
    await writing;
    assert.equal(await db.get('a', { snapshot }), 'new');
    assert.equal(db.getSync('a', { snapshot }), 'new');
    await snapshot.close();
  });

  test('of a sublevel is one of the whole database', async (t) => {
    const db = await smallLevel(t);
    const sublevel = db.sublevel('s');
    await sublevel.put('a', 'in it');
    const snapshot = sublevel.snapshot();
    await sublevel.put('a', 'later');
    await db.put('a', 'later');
    assert.equal(await sublevel.get('a', { snapshot }), 'in it');
    assert.equal(await db.get('a', { snapshot }), '1');
    await snapshot.close();
  });

  test('limits clear() to what it holds, also to what was overwritten since', async (t) => {
    const db = await smallLevel(t);
    const snapshot = db.snapshot();
    await db.put('a', 'new');
    await db.put('d', 'new');
    await db.clear({ snapshot });
    assert.deepEqual(await db.keys().all(), ['d']);
    await snapshot.close();
  });

  test('that is closed reads nothing', OURS_ALONE, async (t) => {
    const db = await smallLevel(t);
    const snapshot = db.snapshot();
    await snapshot.close();
    for (const [name, [read]] of Object.entries(READS)) {
      const call = async (): Promise<unknown> => read(db, { snapshot });
      assert.equal(
        (await rejectsWith('LEVEL_SNAPSHOT_NOT_OPEN', call())).code,
        'LEVEL_SNAPSHOT_NOT_OPEN',
        name,
      );
    }
    const clear = async (): Promise<void> => db.clear({ snapshot });
    await rejectsWith('LEVEL_SNAPSHOT_NOT_OPEN', clear());
    assert.deepEqual(await db.iterator().all(), OLD);
  });

  describe('of somebody else reads nothing', () => {
    class Strange extends AbstractSnapshot {
      readonly pinned = {};
    }
    const others: Readonly<Record<string, (other: Level) => Snapshot>> = {
      'another database': (other) => other.snapshot(),
      'another implementation': (other) =>
        new (Strange as unknown as new (options: object) => Snapshot)({ owner: other }),
    };
    for (const [whose, make] of Object.entries(others)) {
      test(whose, OURS_ALONE, async (t) => {
        const db = await smallLevel(t);
        const other = freshLevel(t);
        await other.put('a', 'other');
        const snapshot = make(other);
        const isRefusal = (error: unknown): true => {
          const { code, message } = error as { code?: string; message: string };
          assert.equal(code, 'LSM_INVALID_ARGUMENT');
          assert.match(message, /snapshot/);
          return true;
        };
        for (const [read] of Object.values(READS)) {
          await assert.rejects(async () => read(db, { snapshot }), isRefusal);
        }
        assert.throws(() => db.getSync('a', { snapshot }), isRefusal);
        await assert.rejects(async () => db.clear({ snapshot }), isRefusal);
        assert.deepEqual(await db.iterator().all(), OLD);
        await snapshot.close();
      });
    }
  });

  test('is not open after its database was closed', async (t) => {
    const db = await smallLevel(t);
    const snapshot = db.snapshot();
    await db.close();
    await db.open();
    await rejectsWith('LEVEL_SNAPSHOT_NOT_OPEN', db.get('a', { snapshot }));
  });
});

describe('without a snapshot, what is there at the call is', () => {
  for (const [name, [read, expected]] of Object.entries(READS)) {
    test(`what ${name} sees`, OURS_ALONE, async (t) => {
      const db = await smallLevel(t);
      const reading = read(db, {});
      const done = overwrite(db);
      assert.deepEqual(await reading, expected);
      await done;
    });
  }

  test('what an iterator sees, whenever it is used', async (t) => {
    const db = await smallLevel(t);
    const iterators = [db.iterator(), db.iterator({ highWaterMarkBytes: 0 })];
    await iterators[0].next();
    await overwrite(db);
    await db.compactRange('a', 'z');
    assert.deepEqual(await iterators[0].all(), OLD.slice(1));
    iterators[1].seek('b');
    assert.deepEqual(await iterators[1].all(), OLD.slice(1));
  });

  test('what clear() removes', async (t) => {
    const db = await smallLevel(t);
    await Promise.all([db.clear(), db.put('d', 'new')]);
    assert.deepEqual(await db.iterator().all(), [['d', 'new']]);
  });

  test('what clear() removes, and what is written later stays', OURS_ALONE, async (t) => {
    const db = await smallLevel(t);
    await db.batch(Array.from({ length: 5000 }, (_, i) => ({ type: 'put', key: `key ${i}`, value: 'old' })));
    const clearing = db.clear();
    await Promise.all([db.put('key 3', 'new'), db.put('key 4999', 'new'), db.put('a', 'new')]);
    await db.put('key 4998', 'new');
    await clearing;
    assert.deepEqual(await db.keys().all(), ['a', 'key 3', 'key 4998', 'key 4999']);
  });
});
