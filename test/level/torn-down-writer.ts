/**
 * The process or thread of test/level/torn-down.test.ts: it writes to a database, tells of each write after
 * it was acknowledged, and then ends in its way. Started as a test file by mistake it does nothing.
 */
import { writeSync } from 'node:fs';
import { isMainThread, parentPort } from 'node:worker_threads';
import { Level } from './support.ts';

const WRITES = 50;

async function writeOne(db: Level, number: number): Promise<void> {
  await db.put(`key ${number}`, 'value', { sync: number % 10 === 0 });
  // Neither a pipe nor a port loses what it was given before the end.
  if (isMainThread) writeSync(1, Uint8Array.of(1));
  else parentPort?.postMessage(1);
}

/** What is still open at the end, and how the end comes. */
export const ENDINGS: Readonly<Record<string, (db: Level) => unknown>> = {
  'its work done and the database open': () => {},
  'a database open and process.exit()': () => process.exit(0),
  'an iterator open': (db) => db.iterator(),
  'an iterator open that was used': (db) => db.iterator().next(),
  'an iterator at work and process.exit()': (db) => {
    void db.iterator({ highWaterMarkBytes: 0 }).next();
    process.exit(0);
  },
  'an iterator that is being closed': (db) => {
    const iterator = db.iterator();
    void iterator.next();
    void iterator.close();
  },
  'a snapshot and a batch open': (db) => [db.snapshot(), db.batch().put('a', '1')],
  'a write under way and process.exit()': (db) => {
    void db.put('last', 'value');
    process.exit(0);
  },
  'a compaction under way and process.exit()': (db) => {
    void db.compactRange('a', 'z');
    process.exit(0);
  },
  'a database that is being closed': (db) => {
    void db.close();
  },
  'a database that is being closed and process.exit()': (db) => {
    void db.close();
    process.exit(0);
  },
  'a database closed': (db) => db.close(),
  'a database that was refused': (db) => new Level(db.location).open().catch(() => {}),
};

const [, , location, ending] = process.argv;
if (location !== undefined && ending !== undefined) {
  const db = new Level(location);
  for (let i = 0; i < WRITES || ending === 'writes without end'; i++) await writeOne(db, i);
  await ENDINGS[ending](db);
}
