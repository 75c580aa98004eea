import assert from 'node:assert/strict';
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { failOnLeaks } from '../support/leaks.ts';
import { freshLocation, Level } from './support.ts';

failOnLeaks();

const COUNT = 5;
const VALUE = Buffer.alloc(200_000, 'abcdefghij');
const DATA_BYTES = COUNT * VALUE.length;

function sizeOnDisk(directory: string): number {
  const sizes = readdirSync(directory).map((name) => statSync(join(directory, name)).size);
  return sizes.reduce((sum, size) => sum + size, 0);
}

async function write(db: Level<string, Buffer>, how: 'put' | 'batch'): Promise<void> {
  const entries = Array.from({ length: COUNT }, (_, i) => ({ key: `key ${i}`, value: VALUE }));
  if (how === 'batch') await db.batch(entries.map((entry) => ({ type: 'put', ...entry })));
  else await Promise.all(entries.map(({ key, value }) => db.put(key, value)));
}

describe('tables', () => {
  for (const how of ['put', 'batch'] as const) {
    for (const options of [{}, { compression: true }, { compression: false }]) {
      const wanted = options.compression !== false;
      const title = `are ${wanted ? '' : 'not '}compressed with the options ${JSON.stringify(options)}`;
      test(`${title}, after a ${how}`, async (t) => {
        const location = freshLocation(t);
        const db = new Level<string, Buffer>(location, { valueEncoding: 'buffer', ...options });
        t.after(() => db.close());
        await write(db, how);
        // What is in the log, which is never compressed, goes to a table when it is opened again.
        await db.close();
        await db.open();
        for (let i = 0; i < COUNT; i++) assert.deepEqual(await db.get(`key ${i}`), VALUE);
        await db.close();
        const size = sizeOnDisk(location);
        if (wanted) assert.ok(size < DATA_BYTES / 4, `${size} of ${DATA_BYTES} bytes`);
        else assert.ok(size >= DATA_BYTES, `${size} of ${DATA_BYTES} bytes`);
      });
    }
  }

  test('are compressed or not as open() says, over what the constructor says', async (t) => {
    const location = freshLocation(t);
    const db = new Level<string, Buffer>(location, { valueEncoding: 'buffer', compression: true });
    t.after(() => db.close());
    await db.open({ compression: false });
    await write(db, 'batch');
    await db.close();
    await db.open({ compression: false });
    await db.close();
    assert.ok(sizeOnDisk(location) >= DATA_BYTES);
  });
});
