/** Long walks leave the event loop its turns, and do not deepen the stack. */
import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { describe, type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { failOnLeaks } from '../support/leaks.ts';
import { freshLevel, type Level } from './support.ts';

failOnLeaks();

/** After so many entries that were read ahead an iterator reads again, and lets others have their turn. */
const READ_AHEAD = 1000;
const COUNT = 10 * READ_AHEAD;
const EVERYTHING = 2 ** 30;

async function filled(t: TestContext): Promise<Level> {
  const db = freshLevel(t);
  const keys = Array.from({ length: COUNT }, (_, i) => `${i}`.padStart(6, '0'));
  await db.batch(keys.map((key) => ({ type: 'put', key, value: '' })));
  return db;
}

/** Walks without a pause of its own and counts how often the event loop had a turn all the same. */
async function walk(
  iterator: ReturnType<Level['iterator']>,
  beforeTurn: () => void = () => {},
): Promise<{ entries: number; turns: number }> {
  let entries = 0;
  let turns = 0;
  let waiting = false;
  while ((await iterator.next()) !== undefined) {
    entries++;
    if (waiting) continue;
    waiting = true;
    beforeTurn();
    setImmediate(() => {
      turns++;
      waiting = false;
    });
  }
  await iterator.close();
  return { entries, turns };
}

describe('the event loop has its turn', () => {
  test('every 1000 entries, however many an iterator may hold', async (t) => {
    const db = await filled(t);
    const found = await walk(db.iterator({ highWaterMarkBytes: EVERYTHING }));
    assert.deepEqual(found, { entries: COUNT, turns: COUNT / READ_AHEAD });
  });

  test('after every seek', async (t) => {
    const db = await filled(t);
    const iterator = db.iterator({ highWaterMarkBytes: EVERYTHING, limit: COUNT });
    const found = await walk(iterator, () => iterator.seek('000000'));
    assert.deepEqual(found, { entries: COUNT, turns: COUNT - 1 });
  });

  test('between the parts of all()', async (t) => {
    const db = await filled(t);
    let turns = 0;
    let done = false;
    const turn = (): void => {
      turns++;
      if (!done) setImmediate(turn);
    };
    setImmediate(turn);
    const all = await db.iterator({ highWaterMarkBytes: EVERYTHING }).all();
    done = true;
    assert.equal(all.length, COUNT);
    assert.ok(turns >= COUNT / READ_AHEAD - 1, `${turns} turns`);
  });
});

describe('the event loop has its turn while one after the other is awaited', () => {
  const VALUE = 'value';
  const WORK: Readonly<Record<string, (db: Level, i: number) => Promise<unknown>>> = {
    'put()': (db, i) => db.put(`${i}`, VALUE),
    'put() of large values': (db, i) => db.put(`${i % 100}`, VALUE.padEnd(2 ** 12)),
    'del()': (db, i) => db.del(`${i}`),
    'batch()': (db, i) => db.batch([{ type: 'put', key: `${i}`, value: VALUE }]),
    'get()': (db, i) => db.get(`${i}`),
    'getMany()': (db, i) => db.getMany([`${i}`, `${i + 1}`]),
    'has()': (db, i) => db.has(`${i}`),
    'hasMany()': (db, i) => db.hasMany([`${i}`, `${i + 1}`]),
  };
  for (const [name, work] of Object.entries(WORK)) {
    test(name, async (t) => {
      const db = await filled(t);
      let turns = 0;
      let done = false;
      const turn = (): void => {
        turns++;
        if (!done) setImmediate(turn);
      };
      setImmediate(turn);
      for (let i = 0; i < COUNT; i++) await work(db, i);
      done = true;
      assert.ok(turns >= COUNT / 1024 - 1, `${turns} turns`);
    });
  }
});

test('a walk by recursion does not overflow the stack', async (t) => {
  const db = await filled(t);
  const iterator = db.iterator({ highWaterMarkBytes: EVERYTHING });
  let entries = 0;
  const step = async (): Promise<void> => {
    if ((await iterator.next()) === undefined) return;
    entries++;
    return step();
  };
  await step();
  assert.equal(entries, COUNT);
  await iterator.close();
});

test('iterators that are made until the stack overflows give an error that can be caught', async () => {
  const program = fileURLToPath(new URL('./stack-overflow.js', import.meta.url));
  const child = fork(program, ['run'], { execArgv: ['--stack-size=256'] });
  const [[message], [code, signal]] = await Promise.all([once(child, 'message'), once(child, 'exit')]);
  assert.deepEqual([code, signal], [0, null]);
  assert.equal(message, 'RangeError');
});
