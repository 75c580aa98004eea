/** What there is beyond classic-level: the engine itself, and its maintenance without blocking. */
import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { ClassicLevel, MiniLevel, MiniLsm } from '../../src/index.ts';
import { failOnLeaks } from '../support/leaks.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

failOnLeaks();

function level(t: TestContext): MiniLevel {
  let db: MiniLevel | undefined;
  t.after(() => db?.close());
  db = new MiniLevel(join(temporaryDirectory(t), 'db'));
  return db;
}

test('ClassicLevel is another name of MiniLevel', () => {
  assert.equal(ClassicLevel, MiniLevel);
});

test('the engine is there while the database is open', async (t) => {
  const db = level(t);
  const notOpen = { code: 'LEVEL_DATABASE_NOT_OPEN' };
  assert.throws(() => db.engine, notOpen);
  await db.open();
  const { engine } = db;
  assert.ok(engine instanceof MiniLsm);
  engine.put('a', 'by the engine');
  assert.equal(await db.get('a'), 'by the engine');
  await db.put('b', 'by the level');
  assert.equal(Buffer.from(engine.get('b') ?? []).toString(), 'by the level');
  await db.close();
  assert.throws(() => db.engine, notOpen);
  assert.equal(engine.closed, true);
  await db.open();
  assert.notEqual(db.engine, engine);
});

describe('when the engine was closed under it, LEVEL_DATABASE_NOT_OPEN comes from', () => {
  const calls: Readonly<Record<string, (db: MiniLevel, directory: string) => unknown>> = {
    'get()': (db) => db.get('a'),
    'getMany()': (db) => db.getMany(['a']),
    'has()': (db) => db.has('a'),
    'put()': (db) => db.put('a', '2'),
    'durable put()': (db) => db.put('a', '2', { sync: true }),
    'clear()': (db) => db.clear(),
    'iterator()': (db) => db.iterator().all(),
    'snapshot()': (db) => db.snapshot(),
    'approximateSize()': (db) => db.approximateSize('a', 'b'),
    'compactRange()': (db) => db.compactRange('a', 'b'),
    'flush()': (db) => db.flush(),
    'verify()': (db) => db.verify(),
    'checkpoint()': (db, directory) => db.checkpoint(join(directory, 'copy')),
    'stats()': (db) => db.stats(),
  };
  for (const [name, call] of Object.entries(calls)) {
    test(name, async (t) => {
      const directory = temporaryDirectory(t);
      const db = new MiniLevel(join(directory, 'db'));
      t.after(() => db.close());
      await db.batch([{ type: 'put', key: 'a', value: '1' }]);
      db.engine.close();
      const names = readdirSync(db.location);
      await assert.rejects(async () => call(db, directory), { code: 'LEVEL_DATABASE_NOT_OPEN' });
      assert.deepEqual(readdirSync(db.location), names);
      await db.close();
      await db.open();
      assert.equal(await db.get('a'), '1');
    });
  }

  test('clear() that has come half way', async (t) => {
    const directory = temporaryDirectory(t);
    const db = new MiniLevel(join(directory, 'db'));
    t.after(() => db.close());
    await db.batch(Array.from({ length: 5000 }, (_, i) => ({ type: 'put', key: `${i}`, value: '' })));
    const clearing = db.clear();
    await nextTurn();
    db.engine.close();
    await assert.rejects(clearing, { code: 'LEVEL_DATABASE_NOT_OPEN' });
    await db.close();
    await db.open();
    const left = (await db.keys().all()).length;
    assert.ok(left > 0 && left < 5000, `${left} keys are left`);
  });

  test('work that goes on', async (t) => {
    const directory = temporaryDirectory(t);
    const db = new MiniLevel(join(directory, 'db'));
    t.after(() => db.close());
    await db.put('a', '1');
    const working = [
      db.flush(),
      db.compactRange('a', 'b'),
      db.clear(),
      db.checkpoint(join(directory, 'copy')),
      db.put('a', '2'),
    ];
    db.engine.close();
    for (const work of working) await assert.rejects(work, { code: 'LEVEL_DATABASE_NOT_OPEN' });
    await db.close();
    await db.open();
    assert.equal(await db.get('a'), '1');
  });
});

describe('before it is open, a database takes', () => {
  const calls: Readonly<Record<string, (db: MiniLevel) => Promise<unknown>>> = {
    'stats()': (db) => db.stats(),
    'flush()': (db) => db.flush(),
    'verify()': (db) => db.verify(),
  };
  for (const [name, call] of Object.entries(calls)) {
    test(name, async (t) => {
      const db = level(t);
      const order: string[] = [];
      const opening = db.open().then(() => order.push('open'));
      const calling = call(db).then(() => order.push('call'));
      await Promise.all([opening, calling]);
      assert.deepEqual(order, ['open', 'call']);
    });
  }
});

test('stats() are those of the engine', async (t) => {
  const db = level(t);
  await db.put('a', '1');
  const stats = await db.stats();
  assert.equal(stats.sequence, 1);
  assert.deepEqual(JSON.parse(JSON.stringify(stats.levels)), db.engine.stats().levels);
});

test('flush() writes what is in memory to a table', async (t) => {
  const db = level(t);
  await db.put('a', '1');
  const unawaited = db.put('b', '2');
  await db.flush();
  await unawaited;
  const { files, memtables } = await db.stats();
  assert.deepEqual([files, memtables.activeEntries], [1, 0]);
  assert.deepEqual(await db.keys().all(), ['a', 'b']);
});

test('verify() reads everything and finds nothing wrong', async (t) => {
  const db = level(t);
  await db.batch(Array.from({ length: 1000 }, (_, i) => ({ type: 'put', key: `key ${i}`, value: 'value' })));
  await db.flush();
  const { problems, files } = await db.verify();
  assert.deepEqual(problems, []);
  assert.ok(files.length > 0);
});
