/** clear() of everything: many tables go at once, and nothing that was written later or is still seen goes with them. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import fc from 'fast-check';
import { internals } from '../../src/db/mini-lsm.ts';
import { type DatabaseOptions, MemoryFileSystem, MiniLevel } from '../../src/index.ts';
import { OrderingFileSystem } from '../simulation/ordering-file-system.ts';
import { failOnLeaks } from '../support/leaks.ts';
import { checkAsyncProperty } from '../support/property.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';
import { OURS_ALONE } from './support.ts';

failOnLeaks();

const COUNT = 3000;

/** A database in memory with so many entries in tables, and the file system that it is on. */
async function filled(
  t: TestContext,
  options?: DatabaseOptions<string, string>,
): Promise<{ db: MiniLevel; disk: MemoryFileSystem }> {
  const disk = new MemoryFileSystem();
  const db = new MiniLevel('/db', { memtableBytes: 64 * 1024, fileSystem: disk, ...options });
  t.after(() => db.close());
  for (let i = 0; i < COUNT; i += 500) {
    await db.batch(
      Array.from({ length: 500 }, (_, j) => ({ type: 'put', key: `key ${i + j}`, value: `${i}`.padEnd(50) })),
    );
  }
  await db.flush();
  return { db, disk };
}

describe('clear() of a database with many entries', OURS_ALONE, () => {
  test('writes no deletions, and gives the space back at once', async (t) => {
    const { db, disk } = await filled(t);
    await db.clear();
    const { sequence, files, levels } = await db.stats();
    assert.deepEqual([sequence, files], [COUNT, 0]);
    assert.ok(levels.every(({ entries }) => entries === 0));
    assert.deepEqual(await db.keys().all(), []);
    const tables = disk.list('/db').filter((name) => name.endsWith('.sst'));
    assert.deepEqual(tables, []);
  });

  test('is still done after a crash', async (t) => {
    const { db, disk } = await filled(t);
    await db.put('last', 'in the log');
    await db.clear();
    const survivor = new MiniLevel('/db', { fileSystem: disk.crashClone() });
    assert.deepEqual(await survivor.keys().all(), []);
    await survivor.put('key 1', 'new');
    assert.deepEqual(await survivor.iterator().all(), [['key 1', 'new']]);
    await survivor.close();
  });

  test('leaves a snapshot that is taken meanwhile what it sees', async (t) => {
    const db = new MiniLevel(join(temporaryDirectory(t), 'db'), { memtableBytes: 1024 * 1024 });
    t.after(() => db.close());
    const puts = Array.from({ length: COUNT }, (_, i) => db.put(`key ${i}`, `${i}`));
    await Promise.all(puts);
    const { maintenance } = internals(db.engine);
    await db.flush();
    await db.put('last', 'in memory');
    const cleared = db.clear();
    while (!maintenance.flushRunning) await setImmediate();
    const snapshot = db.snapshot();
    assert.equal(db.getSync('last'), 'in memory', 'nothing is gone yet');
    await cleared;
    assert.equal((await db.keys({ snapshot }).all()).length, COUNT + 1);
    assert.deepEqual(await db.keys().all(), []);
    await snapshot.close();
  });

  test('spares what is written after the call', async (t) => {
    const { db } = await filled(t);
    const cleared = db.clear();
    const written = [db.put('key 7', 'later'), db.put('new', 'later')];
    await Promise.all([cleared, ...written]);
    assert.deepEqual(await db.iterator().all(), [
      ['key 7', 'later'],
      ['new', 'later'],
    ]);
  });

  test('takes what was written before the call, acknowledged or not', async (t) => {
    const { db } = await filled(t);
    const written = [db.put('key 7', 'before'), db.put('new', 'before')];
    await Promise.all([...written, db.clear(), db.put('new', 'after')]);
    assert.deepEqual(await db.iterator().all(), [['new', 'after']]);
    const again = [db.put('a', '1'), db.clear({ gte: 'a', lt: 'b' }), db.put('aa', '2')];
    await Promise.all(again);
    assert.deepEqual(await db.keys().all(), ['aa', 'new']);
  });

  test('takes nothing from a snapshot or an iterator', async (t) => {
    const { db } = await filled(t);
    const iterator = db.keys();
    const snapshot = db.snapshot();
    await db.clear();
    assert.equal((await db.keys({ snapshot }).all()).length, COUNT);
    assert.equal((await iterator.all()).length, COUNT);
    assert.deepEqual(await db.keys().all(), []);
    await snapshot.close();
    const held = db.keys();
    await db.put('a', '1');
    await db.clear();
    assert.deepEqual(await held.all(), []);
  });

  test('clears what the snapshot given to it sees', async (t) => {
    const { db } = await filled(t);
    const snapshot = db.snapshot();
    await db.put('after', 'the snapshot');
    await db.clear({ snapshot });
    assert.deepEqual(await db.keys().all(), ['after']);
    await snapshot.close();
  });
});

const step = fc.record({
  what: fc.constantFrom(
    'put',
    'put',
    'delete',
    'clear',
    'clear',
    'clear up to',
    'flush',
    'compact',
    'snapshot',
  ),
  key: fc.integer({ min: 0, max: 40 }),
  isAwaited: fc.boolean(),
});

test('random writes and clears give what a sorted map gives', OURS_ALONE, async () => {
  await checkAsyncProperty(
    fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
      const ordering = new OrderingFileSystem(new MemoryFileSystem());
      const db = new MiniLevel('/db', {
        memtableBytes: 16 * 1024,
        fileSystem: ordering,
        l0CompactionFiles: 2,
      });
      let model = new Map<string, string>();
      const open: Promise<unknown>[] = [];
      const refill = async (): Promise<void> => {
        const entries = Array.from({ length: 1200 }, (_, i): [string, string] => [`${i}`, 'base']);
        await db.batch(entries.map(([key, value]) => ({ type: 'put', key, value })));
        for (const [key, value] of entries) model.set(key, value);
        await db.flush();
      };
      await refill();
      let snapshot: { view: ReturnType<typeof db.snapshot>; model: Map<string, string> } | undefined;
      for (const [at, { what, key: number, isAwaited }] of steps.entries()) {
        const key = `${number}`;
        if (what === 'put') open.push(db.put(key, `${at}`));
        else if (what === 'delete') open.push(db.del(key));
        else if (what === 'flush') open.push(db.flush());
        else if (what === 'compact') open.push(db.compactRange('', '~'));
        else {
          if (what === 'clear') open.push(db.clear());
          else if (what === 'clear up to') open.push(db.clear({ lt: key }));
          else {
            await Promise.all(open.splice(0));
            await snapshot?.view.close();
            snapshot = snapshot === undefined ? { view: db.snapshot(), model: new Map(model) } : undefined;
          }
        }
        if (what === 'put') model.set(key, `${at}`);
        if (what === 'delete') model.delete(key);
        if (what === 'clear') model = new Map();
        if (what === 'clear up to') model = new Map([...model].filter(([other]) => other >= key));
        if (isAwaited) await Promise.all(open.splice(0));
      }
      await Promise.all(open);
      const sorted = (map: Map<string, string>): [string, string][] =>
        [...map].sort(([a], [b]) => (a < b ? -1 : 1));
      assert.deepEqual(await db.iterator().all(), sorted(model));
      if (snapshot !== undefined) {
        assert.deepEqual(await db.iterator({ snapshot: snapshot.view }).all(), sorted(snapshot.model));
      }
      await db.close();
      assert.deepEqual(ordering.violations, []);
    }),
    60,
  );
});
