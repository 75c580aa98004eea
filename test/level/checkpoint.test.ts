import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { MiniLevel } from '../../src/index.ts';
import { failOnLeaks } from '../support/leaks.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

failOnLeaks();

describe('checkpoint()', () => {
  test('makes a copy that is a database of its own', async (t) => {
    const directory = temporaryDirectory(t);
    const db = new MiniLevel(join(directory, 'db'));
    await db.put('flushed', '1');
    await db.flush();
    await db.put('in memory', '2');
    const copy = join(directory, 'copy');
    await db.checkpoint(copy);
    await db.put('later', '3');
    const other = new MiniLevel(copy);
    assert.deepEqual(await other.iterator().all(), [
      ['flushed', '1'],
      ['in memory', '2'],
    ]);
    await other.put('of its own', '4');
    await other.compactRange('', '~');
    await other.close();
    assert.deepEqual(await db.keys().all(), ['flushed', 'in memory', 'later']);
    await db.close();
  });

  test('holds what was written in the same tick', async (t) => {
    const directory = temporaryDirectory(t);
    const db = new MiniLevel(join(directory, 'db'));
    await db.open();
    const copy = join(directory, 'copy');
    await Promise.all([db.put('a', '1'), db.checkpoint(copy), db.put('b', '2')]);
    await db.close();
    const other = new MiniLevel(copy);
    assert.equal(await other.get('a'), '1');
    await other.close();
  });

  test('waits for a database that opens', async (t) => {
    const directory = temporaryDirectory(t);
    const db = new MiniLevel(join(directory, 'db'));
    const order: string[] = [];
    const opening = db.open().then(() => order.push('open'));
    const copying = db.checkpoint(join(directory, 'copy')).then(() => order.push('copy'));
    await Promise.all([opening, copying]);
    assert.deepEqual(order, ['open', 'copy']);
    await db.close();
  });

  test('makes nothing with a signal that has come already', async (t) => {
    const directory = temporaryDirectory(t);
    const db = new MiniLevel(join(directory, 'db'));
    await db.put('a', '1');
    const copy = join(directory, 'copy');
    await assert.rejects(db.checkpoint(copy, { signal: AbortSignal.abort() }), {
      name: 'AbortError',
      code: 'LEVEL_ABORTED',
    });
    assert.equal(existsSync(copy), false);
    await db.close();
  });

  test('refuses a directory that has something in it, and its own', async (t) => {
    const directory = temporaryDirectory(t);
    const db = new MiniLevel(join(directory, 'db'));
    await db.open();
    await assert.rejects(db.checkpoint(directory), { code: 'LSM_EXISTS' });
    await assert.rejects(db.checkpoint(join(directory, 'db', 'copy')), { code: 'LSM_INVALID_ARGUMENT' });
    await db.close();
  });
});
