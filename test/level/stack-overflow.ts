/**
 * The process that test/level/event-loop.test.ts starts with a small stack: it makes iterators deeper and
 * deeper, and tells what that ended in. Started as a test file by mistake it does nothing.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Level } from './support.ts';

function makeIterators(db: Level): never {
  db.iterator({ gte: 'a' });
  return makeIterators(db);
}

if (process.argv[2] !== undefined) {
  const directory = mkdtempSync(join(tmpdir(), 'mini-lsm-test-'));
  const db = new Level(join(directory, 'db'));
  await db.open();
  let caught: unknown;
  try {
    makeIterators(db);
  } catch (error) {
    caught = error instanceof Error ? error.name : error;
  }
  await db.close();
  rmSync(directory, { recursive: true });
  process.send?.(caught, () => process.disconnect());
}
