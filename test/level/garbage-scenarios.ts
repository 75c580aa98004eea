/**
 * What test/level/garbage.test.ts runs, each in a process of its own with `--expose-gc`: databases, iterators
 * and batches that nobody holds any more. Started as a test file by mistake it does nothing.
 */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { Level } from './support.ts';

const COUNT = 1000;

async function filled(directory: string): Promise<Level> {
  const db = new Level(join(directory, 'db'));
  await db.batch(
    Array.from({ length: COUNT }, (_, i) => ({ type: 'put', key: `key ${i}`, value: `value ${i}` })),
  );
  return db;
}

/** Collects garbage again and again, with turns of the event loop between. */
async function collectGarbage(): Promise<void> {
  assert.ok(globalThis.gc !== undefined, 'run with --expose-gc');
  for (let round = 0; round < 5; round++) {
    globalThis.gc();
    await setImmediate();
  }
}

export const SCENARIOS: Readonly<Record<string, (directory: string) => Promise<void>>> = {
  'a forgotten database is cleared': async (directory) => {
    const clearing = (await filled(directory)).clear();
    await collectGarbage();
    await clearing;
  },

  'a forgotten chained batch is written': async (directory) => {
    const db = await filled(directory);
    const start = (): Promise<void> => {
      const batch = db.batch();
      for (let i = 0; i < COUNT; i++) batch.put(`more ${i}`, 'value');
      return batch.write({ sync: true });
    };
    const writing = start();
    await collectGarbage();
    await writing;
    assert.equal((await db.keys().all()).length, 2 * COUNT);
    await db.close();
  },

  'a database of which only an iterator is left can be walked': async (directory) => {
    const iterator = (await filled(directory)).iterator({ highWaterMarkBytes: 0 });
    await collectGarbage();
    let entries = 0;
    for (; (await iterator.next()) !== undefined; entries++) {
      if (entries % 100 === 0) globalThis.gc?.();
    }
    assert.equal(entries, COUNT);
    await iterator.db.close();
  },

  'a forgotten database with a forgotten iterator harms nobody': async (directory) => {
    const use = async (): Promise<void> => {
      const iterator = (await filled(directory)).iterator({ highWaterMarkBytes: COUNT * 32 });
      assert.equal((await iterator.nextv(COUNT)).length, COUNT);
    };
    await use();
    await collectGarbage();
  },

  'forgotten iterators do not keep a database from closing': async (directory) => {
    const db = await filled(directory);
    for (let i = 0; i < 200; i++) {
      db.iterator({ highWaterMarkBytes: 0 });
      void db.iterator({ highWaterMarkBytes: 0 }).next();
    }
    await collectGarbage();
    await db.close();
  },
};

const [, , name, directory] = process.argv;
if (name !== undefined && directory !== undefined) {
  await SCENARIOS[name](directory);
  process.stdout.write('done');
}
