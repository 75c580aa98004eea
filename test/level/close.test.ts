/** Closing a database waits for what is under way and closes what was left open, whatever it was doing. */
import assert from 'node:assert/strict';
import { describe, type TestContext, test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { failOnLeaks } from '../support/leaks.ts';
import { type Level, type LevelError, rejectsWith, smallLevel } from './support.ts';

failOnLeaks();

const MANY = 200;

/** Something that is left behind: it returns what must have been settled when the database is closed. */
type Leave = (db: Level) => unknown;

const ITERATORS: Readonly<Record<string, Leave>> = {
  'an iterator that was never used': (db) => db.iterator(),
  'an iterator that gave an entry': (db) => db.iterator().next(),
  'an iterator that gave an entry and read nothing ahead': (db) =>
    db.iterator({ highWaterMarkBytes: 0 }).next(),
  'an iterator that read ahead': async (db) => {
    const iterator = db.iterator();
    await iterator.next();
    await iterator.next();
  },
  'an iterator at its end': (db) => db.iterator().nextv(10),
  'an iterator that was moved': (db) => db.iterator().seek('b'),
  'an iterator that was moved and used': (db) => {
    const iterator = db.iterator({ reverse: true });
    iterator.seek('b');
    return iterator.next();
  },
  'an iterator that is asked for all': (db) => db.iterator().all(),
  'an iterator of keys': (db) => db.keys().next(),
  'an iterator of values': (db) => db.values().next(),
  'an iterator of a sublevel': (db) => db.sublevel('s').iterator().next(),
  'an iterator that is being closed': (db) => {
    const iterator = db.iterator();
    return Promise.all([iterator.next(), iterator.close()]);
  },
  'an iterator of a snapshot': (db) => db.iterator({ snapshot: db.snapshot() }).next(),
  'a loop that is in the middle': (db) => db.iterator()[Symbol.asyncIterator]().next(),
};

const OTHERS: Readonly<Record<string, Leave>> = {
  'a snapshot': (db) => db.snapshot(),
  'a chained batch': (db) => db.batch().put('d', '4'),
  'an empty chained batch': (db) => db.batch(),
  'a chained batch of a sublevel': async (db) => {
    const sublevel = db.sublevel('s');
    await sublevel.open();
    sublevel.batch().del('a');
  },
  'a sublevel': (db) => db.sublevel('s').open(),
};

/** What was under way is either done or was told that it is too late. */
const SETTLED = /^(done|LEVEL_ITERATOR_NOT_OPEN|LEVEL_DATABASE_NOT_OPEN)$/;

/** What came of something, as a word. */
async function outcome(work: unknown): Promise<string> {
  try {
    await work;
    return 'done';
  } catch (error) {
    return (error as LevelError).code;
  }
}

async function fill(t: TestContext): Promise<Level> {
  const db = await smallLevel(t);
  await db.sublevel('s').put('a', '1');
  return db;
}

describe('close() closes', () => {
  for (const [what, leave] of Object.entries({ ...ITERATORS, ...OTHERS })) {
    test(`${what}`, async (t) => {
      const db = await fill(t);
      await leave(db);
      await db.close();
      assert.equal(db.status, 'closed');
      await db.open();
      assert.equal(await db.get('d'), undefined, 'what was not written is not there');
      assert.equal(await db.get('a'), '1');
    });

    test(`${what} in the same tick`, async (t) => {
      const db = await fill(t);
      const left = outcome(leave(db));
      await db.close();
      assert.match(await left, SETTLED);
    });

    test(`${what}, ${MANY} times, with some turns between`, async (t) => {
      const db = await fill(t);
      const left: Promise<string>[] = [];
      for (let i = 0; i < MANY; i++) {
        left.push(outcome(leave(db)));
        if (i % 50 === 0) await setImmediate();
      }
      await db.close();
      for (const result of await Promise.all(left)) assert.match(result, SETTLED);
    });
  }

  test('an iterator whose owner asks for more and more', async (t) => {
    const db = await fill(t);
    for (const turns of [0, 1, 2, 5]) {
      const iterator = db.iterator({ highWaterMarkBytes: 0 });
      const insist = async (): Promise<void> => {
        for (;;) {
          await iterator.next();
          iterator.seek('a');
        }
      };
      const end = rejectsWith('LEVEL_ITERATOR_NOT_OPEN', insist());
      for (let i = 0; i < turns; i++) await setImmediate();
      await db.close();
      await end;
      await db.open();
    }
  });

  test('an iterator that is left behind gives nothing any more', async (t) => {
    const db = await fill(t);
    const iterator = db.iterator();
    await iterator.next();
    await db.close();
    await rejectsWith('LEVEL_ITERATOR_NOT_OPEN', iterator.next());
    await rejectsWith('LEVEL_ITERATOR_NOT_OPEN', iterator.nextv(1));
    await rejectsWith('LEVEL_ITERATOR_NOT_OPEN', iterator.all());
    await iterator.close();
    await db.open();
    await rejectsWith('LEVEL_ITERATOR_NOT_OPEN', iterator.next());
  });
});

const PENDING: Readonly<Record<string, (db: Level) => Promise<unknown>>> = {
  'get()': (db) => db.get('a'),
  'getMany()': (db) => db.getMany(['a', 'b']),
  'has()': (db) => db.has('a'),
  'hasMany()': (db) => db.hasMany(['a', 'x']),
  'put()': (db) => db.put('d', '4'),
  'put() with sync': (db) => db.put('d', '4', { sync: true }),
  'del()': (db) => db.del('a'),
  'del() with sync': (db) => db.del('a', { sync: true }),
  'batch([])': (db) => db.batch([{ type: 'del', key: 'a' }]),
  'batch([]) with sync': (db) => db.batch([{ type: 'del', key: 'a' }], { sync: true }),
  'batch()': (db) => db.batch().del('a').write(),
  'batch() with sync': (db) => db.batch().del('a').write({ sync: true }),
  'clear()': (db) => db.clear(),
  'approximateSize()': (db) => db.approximateSize('a', 'z'),
  'compactRange()': (db) => db.compactRange('a', 'z'),
};

describe('close() waits for', () => {
  const all = (db: Level): Promise<unknown> => Promise.all(Object.values(PENDING).map((start) => start(db)));
  for (const [what, start] of Object.entries({ ...PENDING, 'all of these': all })) {
    test(`${what}`, async (t) => {
      const db = await smallLevel(t);
      let finished = false;
      const work = start(db).then(() => {
        finished = true;
      });
      await db.close();
      assert.equal(finished, true);
      await work;
    });
  }

  test('writes, and has them when it is opened again', async (t) => {
    const db = await smallLevel(t);
    const writes = [
      db.put('d', '4'),
      db.put('e', '5', { sync: true }),
      db.del('a'),
      db.batch().put('f', '6').write(),
    ];
    await db.close();
    await Promise.all(writes);
    await db.open();
    assert.deepEqual(await db.keys().all(), ['b', 'c', 'd', 'e', 'f']);
  });
});
