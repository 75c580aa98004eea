/**
 * Reads a database through mappings for test/db/mmap.test.ts, and cuts off one of its tables meanwhile. Started as
 * a test file by mistake it does nothing.
 */
import { readdirSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { MiniLsm } from '../../src/db/mini-lsm.ts';

const [, , path, how] = process.argv;
if (path !== undefined) {
  const db = MiniLsm.open(path, { mmap: how === 'mapped', cacheBytes: 0 });
  db.get('key 1');
  for (const name of readdirSync(path)) if (name.endsWith('.sst')) truncateSync(join(path, name), 0);
  try {
    db.get('key 9000');
  } catch (error) {
    console.log(error instanceof Error && 'code' in error ? error.code : error);
  }
}
