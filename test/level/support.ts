/**
 * What the tests of this folder test. `LEVEL_UNDER_TEST=classic` runs those that hold for both against
 * classic-level itself, so that it can be checked at any time that they ask for what the original does:
 *
 *     LEVEL_UNDER_TEST=classic node scripts/run-tests.mjs level/
 */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import * as original from 'classic-level';
import * as ours from '../../src/index.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

/** Whether the tests run against classic-level, as a check of the tests themselves. */
export const REFERENCE: boolean = process.env.LEVEL_UNDER_TEST === 'classic';

/** Skips what classic-level does otherwise or does not have. */
export const OURS_ALONE: { readonly skip: string | false } = {
  skip: REFERENCE && 'not for classic-level',
};

/** Options of both: ours take those of classic-level too. */
export type LevelOptions<K, V> = ours.DatabaseOptions<K, V>;

/** An open or closed database under test, in the types of the original: that is what it stands in for. */
export type Level<K = string, V = string> = original.ClassicLevel<K, V>;

interface LevelClass {
  new <K = string, V = string>(location: string, options?: LevelOptions<K, V>): Level<K, V>;
  destroy(location: string): Promise<void>;
  repair(location: string): Promise<void>;
}

/** The class under test. */
export const Level: LevelClass = (REFERENCE
  ? original.ClassicLevel
  : ours.ClassicLevel) as unknown as LevelClass;

/** A directory that does not exist yet, in a fresh one that is removed after the test. */
export function freshLocation(t: TestContext): string {
  return join(temporaryDirectory(t), 'db');
}

/** A database in a directory of its own, opening by itself; it is closed after the test. */
export function freshLevel<K = string, V = string>(
  t: TestContext,
  options?: LevelOptions<K, V>,
): Level<K, V> {
  let db: Level<K, V> | undefined;
  // Before the hook of the directory: hooks run in the order they were given.
  t.after(() => db?.close());
  db = new Level<K, V>(freshLocation(t), options);
  return db;
}

/** The same with three entries, a to c, open. */
export async function smallLevel(t: TestContext, options?: LevelOptions<string, string>): Promise<Level> {
  const db = freshLevel(t, options);
  await db.batch([
    { type: 'put', key: 'a', value: '1' },
    { type: 'put', key: 'b', value: '2' },
    { type: 'put', key: 'c', value: '3' },
  ]);
  return db;
}

/** An error as abstract-level gives it. */
export interface LevelError extends Error {
  readonly code: string;
  readonly cause?: LevelError;
}

/** Waits for a failure with that code, and returns it. */
export async function rejectsWith(code: string, work: Promise<unknown>): Promise<LevelError> {
  let result: unknown;
  try {
    result = await work;
  } catch (error) {
    assert.ok(error instanceof Error);
    assert.equal((error as LevelError).code, code, error.message);
    return error as LevelError;
  }
  assert.fail(`${code} was expected, and ${String(result)} came back`);
}

/** Waits for an open that fails, and returns what made it fail. */
export async function openFails(opening: Promise<void>): Promise<LevelError> {
  const { cause } = await rejectsWith('LEVEL_DATABASE_NOT_OPEN', opening);
  assert.ok(cause instanceof Error, 'the error says why');
  return cause;
}
