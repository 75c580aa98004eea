/** One location, one database: whoever comes second is told so, and gets it when the first has closed. */
import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { failOnLeaks } from '../support/leaks.ts';
import { freshLevel, Level, OURS_ALONE, openFails, smallLevel } from './support.ts';

failOnLeaks();

const OPENER = fileURLToPath(new URL('./opener.js', import.meta.url));

/** What a process of its own gets when it opens the location. */
async function openElsewhere(location: string): Promise<unknown> {
  const child = fork(OPENER, [location]);
  const [[answer], [code, signal]] = await Promise.all([once(child, 'message'), once(child, 'exit')]);
  assert.deepEqual([code, signal], [0, null]);
  return answer;
}

describe('a location that is in use', () => {
  test('is not opened by another database of this process', async (t) => {
    const first = await smallLevel(t);
    const second = new Level(first.location);
    assert.equal((await openFails(second.open())).code, 'LEVEL_LOCKED');
    assert.equal(second.status, 'closed');
    assert.equal(await first.get('a'), '1', 'the first is undisturbed');
    await first.close();
    await second.open();
    assert.equal(await second.get('a'), '1');
    await second.close();
  });

  test('is not opened by another process', async (t) => {
    const db = await smallLevel(t);
    assert.deepEqual(await openElsewhere(db.location), {
      code: 'LEVEL_DATABASE_NOT_OPEN',
      cause: 'LEVEL_LOCKED',
    });
    await db.close();
    assert.equal(await openElsewhere(db.location), 'open');
  });
});

describe('multithreading: true', () => {
  test('is accepted', async (t) => {
    const db = freshLevel(t, { multithreading: true });
    await db.put('a', '1');
    await db.close();
    await db.open({ multithreading: true });
    assert.equal(await db.get('a'), '1');
  });

  test('does not open a location that is in use without it', async (t) => {
    const first = await smallLevel(t);
    const second = new Level(first.location);
    assert.equal((await openFails(second.open({ multithreading: true }))).code, 'LEVEL_LOCKED');
  });

  test('does not open a location for a second time', OURS_ALONE, async (t) => {
    const first = freshLevel(t, { multithreading: true });
    await first.open();
    const second = new Level(first.location, { multithreading: true });
    assert.equal((await openFails(second.open())).code, 'LEVEL_LOCKED');
  });
});
