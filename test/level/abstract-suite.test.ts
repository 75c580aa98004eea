/**
 * The public suite of abstract-level, whole. It asks for what a database says that it supports, so that a
 * manifest that says less would pass with fewer tests: hence the counts.
 */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { ClassicLevel } from 'classic-level';
import { MemoryFileSystem } from '../../src/fs/memory-file-system.ts';
import { failOnLeaks } from '../support/leaks.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';
import { runAbstractSuite, type SuiteReport } from './abstract-suite.ts';
import { freshLevel, freshLocation, Level, OURS_ALONE } from './support.ts';

failOnLeaks();

/** What the suite does with classic-level 3. Half of it is the whole suite again, on a sublevel. */
const TESTS = 1509;
const ASSERTIONS = 5168;

function assertPassed({ tests, assertions, failures }: SuiteReport): void {
  assert.equal(failures.length, 0, `${failures.length} assertions failed\n\n${failures.join('\n\n')}`);
  assert.ok(tests >= TESTS, `${tests} tests`);
  assert.ok(assertions >= ASSERTIONS, `${assertions} assertions`);
}

describe('the suite of abstract-level passes', () => {
  test('on the disk', async (t) => {
    const directory = temporaryDirectory(t);
    let count = 0;
    assertPassed(await runAbstractSuite((options) => new Level(join(directory, `db-${count++}`), options)));
  });

  test('in memory', OURS_ALONE, async () => {
    assertPassed(
      await runAbstractSuite(
        (options) => new Level('/db', { fileSystem: new MemoryFileSystem(), ...options }),
      ),
    );
  });
});

test('the manifest says all that classic-level supports', async (t) => {
  const reference = new ClassicLevel(freshLocation(t));
  t.after(() => reference.close());
  const db = freshLevel(t);
  assert.deepEqual(merged(db.supports, reference.supports), plain(db.supports));
  await Promise.all([reference.open(), db.open()]);
});

function plain(value: object): object {
  return JSON.parse(JSON.stringify(value));
}

/** The first with all of the second put over it. */
function merged(base: object, over: object): object {
  const result: Record<string, unknown> = { ...plain(base) };
  for (const [name, value] of Object.entries(plain(over))) {
    const inner = result[name];
    const both = isObject(inner) && isObject(value);
    result[name] = both ? merged(inner, value) : value;
  }
  return result;
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
