import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { failOnLeaks } from '../support/leaks.ts';
import { freshLocation, Level, openFails } from './support.ts';

failOnLeaks();

describe('the location', () => {
  for (const given of [undefined, '', {}, null, 7, new Uint8Array(1)]) {
    test(`cannot be ${given instanceof Uint8Array ? 'bytes' : JSON.stringify(given)}`, () => {
      assert.throws(() => new Level(given as string), {
        name: 'TypeError',
        message: "The first argument 'location' must be a non-empty string",
      });
    });
  }

  test('can be asked for as it was given', async (t) => {
    const location = join(freshLocation(t), '..', 'db');
    const db = new Level(location);
    assert.equal(db.location, location);
    await db.open();
    assert.equal(db.location, location);
    await db.close();
    assert.equal(db.location, location);
  });

  test('is made, with the directories above it', async (t) => {
    const location = join(freshLocation(t), 'deep', 'below');
    const db = new Level(location);
    assert.equal(existsSync(location), false, 'the constructor touches nothing');
    await db.open();
    assert.equal(existsSync(location), true);
    await db.close();
  });

  test('is not made with createIfMissing: false', async (t) => {
    const parent = freshLocation(t);
    const db = new Level(join(parent, 'below'), { createIfMissing: false });
    await openFails(db.open());
    assert.equal(existsSync(parent), false);
  });

  test('is left alone by a database that is closed before it opens', async (t) => {
    const location = freshLocation(t);
    const db = new Level(location);
    await db.close();
    assert.equal(existsSync(location), false);
  });
});
