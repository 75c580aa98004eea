/** Tables that wait in L0 are merged when reads have paid as much for them as the merge costs. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { ReadToll } from '../../src/db/read-toll.ts';
import { MiniLsm, type Options } from '../../src/index.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

const KEYS = 200;

/** A database with one table below L0 and two in it, too few for a merge, that do not hold the same keys. */
function threeTables(directory: string, options: Options = {}): MiniLsm {
  const db = MiniLsm.open(directory, options);
  const fill = (suffix: string): void => {
    for (let i = 0; i < KEYS; i++) db.put(`key ${i}${suffix}`, 'value');
    db.flush();
  };
  fill('');
  db.compact();
  fill(' of the second');
  fill(' of the third');
  assert.equal(db.stats().levels[0].files, 2);
  return db;
}

/** How many rounds of reads it takes until L0 is empty. */
async function roundsUntilMerged(db: MiniLsm, most: number, read: (db: MiniLsm) => void): Promise<number> {
  let rounds = 0;
  for (; rounds < most && db.stats().levels[0].files > 0; rounds++) {
    read(db);
    await setImmediate();
  }
  return rounds;
}

function readAll(db: MiniLsm): void {
  for (let i = 0; i < KEYS; i++) assert.equal(db.get(`key ${i}`)?.length, 5);
}

function seekAll(db: MiniLsm): void {
  using cursor = db.cursor();
  for (let i = 0; i < KEYS; i++) assert.ok(cursor.seek(`key ${i}`));
}

function scanAll(db: MiniLsm): void {
  for (let i = 0; i < KEYS; i++) {
    for (const [key] of db.scan({ gte: `key ${i}`, limit: 1 })) assert.ok(key.length > 0);
  }
}

for (const [name, read] of Object.entries({ gets: readAll, seeks: seekAll, scans: scanAll })) {
  test(`enough ${name} have the tables of L0 merged, with nothing written`, async (t) => {
    const directory = temporaryDirectory(t);
    using db = threeTables(directory);
    const { sequence } = db.stats();
    const bytes = db.stats().bytes;
    const rounds = await roundsUntilMerged(db, bytes, read);
    assert.equal(db.stats().levels[0].files, 0);
    assert.equal(db.stats().sequence, sequence);
    assert.ok(rounds > 1, 'a single round is too little to pay for it');
    readAll(db);
  });
}

test('without reads they stay', async (t) => {
  const directory = temporaryDirectory(t);
  using db = threeTables(directory);
  assert.equal(await roundsUntilMerged(db, 200, () => {}), 200);
});

test("reads never merge by themselves: with background: 'inline' the tables stay", async (t) => {
  const directory = temporaryDirectory(t);
  using db = threeTables(directory, { background: 'inline' });
  const rounds = Math.ceil(db.stats().bytes / 20 / KEYS) + 1;
  assert.equal(await roundsUntilMerged(db, rounds, readAll), rounds);
});

test('a database that was closed meanwhile is left alone', async (t) => {
  const directory = temporaryDirectory(t);
  const db = threeTables(directory);
  // The toll is paid within this turn, and the merge would begin at its end.
  for (let round = Math.ceil(db.stats().bytes / 20 / KEYS); round >= 0; round--) readAll(db);
  db.close();
  await setImmediate();
  using again = MiniLsm.open(directory);
  assert.equal(again.stats().levels[0].files, 2);
});

test('the toll is paid once, by what lookups and seeks cost', () => {
  const toll = new ReadToll();
  let paid = 0;
  toll.onPaid = () => {
    paid += 1;
  };
  toll.lookup(1000);
  assert.equal(paid, 0, 'nothing has a price yet');
  toll.begin(1000);
  toll.seek(2);
  toll.lookup(29);
  assert.equal(paid, 0);
  toll.lookup(1);
  assert.equal(paid, 1);
  toll.seek(1000);
  assert.equal(paid, 1);
  toll.begin(40);
  toll.lookup(2);
  assert.equal(paid, 2);
});
