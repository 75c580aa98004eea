/** What there is beyond classic-level: the engine itself, and its maintenance without blocking. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
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
