/**
 * A process or thread that ends with a database open: it ends as if there were none, and nothing that was
 * acknowledged is lost.
 */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { failOnLeaks } from '../support/leaks.ts';
import { freshLocation, Level } from './support.ts';
import { ENDINGS } from './torn-down-writer.ts';

failOnLeaks();

const PROGRAM = fileURLToPath(new URL('./torn-down-writer.js', import.meta.url));

async function assertHolds(location: string, writes: number): Promise<void> {
  assert.ok(writes > 0);
  const db = new Level(location);
  const keys = await db.keys().all();
  assert.ok(keys.length >= writes, `${keys.length} of ${writes} keys`);
  await db.close();
}

describe('a process ends with', () => {
  for (const ending of Object.keys(ENDINGS)) {
    test(ending, async (t) => {
      const location = freshLocation(t);
      const child = spawn(process.execPath, [PROGRAM, location, ending], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      let writes = 0;
      child.stdout.on('data', (data: Buffer) => {
        writes += data.length;
      });
      assert.deepEqual(await once(child, 'close'), [0, null]);
      await assertHolds(location, writes);
    });
  }
});

describe('a thread ends', () => {
  for (const ending of Object.keys(ENDINGS)) {
    test(`with ${ending}`, async (t) => {
      const location = freshLocation(t);
      const thread = new Worker(PROGRAM, { argv: [location, ending] });
      let writes = 0;
      thread.on('message', () => writes++);
      await once(thread, 'exit');
      await assertHolds(location, writes);
    });
  }

  test('by force, in the middle of writing', async (t) => {
    const location = freshLocation(t);
    const thread = new Worker(PROGRAM, { argv: [location, 'writes without end'] });
    let writes = 0;
    await new Promise<void>((resolve, reject) => {
      thread.on('error', reject);
      thread.on('message', () => {
        writes++;
        if (writes === 500) resolve();
      });
    });
    await thread.terminate();
    await assertHolds(location, writes);
  });
});
