import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { failOnLeaks } from '../support/leaks.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';
import { freshLocation, Level, rejectsWith, smallLevel } from './support.ts';

failOnLeaks();

describe('destroy()', () => {
  for (const given of [undefined, '', {}, null]) {
    test(`refuses the location ${JSON.stringify(given)}`, async () => {
      await assert.rejects(Level.destroy(given as string), {
        name: 'TypeError',
        message: "The first argument 'location' must be a non-empty string",
      });
    });
  }

  test('removes a database with its directory', async (t) => {
    const db = await smallLevel(t);
    await db.close();
    await Level.destroy(db.location);
    assert.equal(existsSync(db.location), false);
  });

  test('removes nothing else', async (t) => {
    const db = await smallLevel(t);
    await db.close();
    writeFileSync(join(db.location, 'notes'), 'mine');
    await Level.destroy(db.location);
    assert.deepEqual(readdirSync(db.location), ['notes']);
    assert.equal(readFileSync(join(db.location, 'notes'), 'utf8'), 'mine');
  });

  test('leaves a directory without a database as it is', async (t) => {
    const directory = temporaryDirectory(t);
    mkdirSync(join(directory, 'inner'));
    writeFileSync(join(directory, 'file'), '1');
    writeFileSync(join(directory, 'inner', 'file'), '2');
    await Level.destroy(directory);
    assert.deepEqual(readdirSync(directory, { recursive: true }).sort(), [
      'file',
      'inner',
      join('inner', 'file'),
    ]);
    assert.equal(readFileSync(join(directory, 'file'), 'utf8'), '1');
    assert.equal(readFileSync(join(directory, 'inner', 'file'), 'utf8'), '2');
  });

  test('does nothing where there is no directory, and makes none', async (t) => {
    const location = freshLocation(t);
    await Level.destroy(location);
    assert.equal(existsSync(location), false);
  });

  test('does nothing where there is not even a parent directory', async (t) => {
    const parent = freshLocation(t);
    await Level.destroy(join(parent, 'and', 'below'));
    assert.equal(existsSync(parent), false);
  });

  test('refuses to touch a database that is open', async (t) => {
    const db = await smallLevel(t);
    await rejectsWith('LEVEL_LOCKED', Level.destroy(db.location));
    assert.equal(await db.get('a'), '1');
  });
});
