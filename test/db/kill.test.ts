/**
 * `kill -9` of a real process that writes through its worker thread, again and again on the same directory:
 * every write that it told of is there, nothing else but the one that was under way, and its lock is taken over.
 * `KILL_ROUNDS` sets how often.
 */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { MiniLsm } from '../../src/db/mini-lsm.ts';
import { failOnLeaks } from '../support/leaks.ts';
import { describeEntries, Model } from '../support/model.ts';
import { Random, seedOf } from '../support/random.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';
import { commands, KILL_OPTIONS } from './kill-writer.ts';

failOnLeaks();

const { KILL_ROUNDS: rounds = '15' } = process.env;

/** Kills the process when it has told of so many writes, and says of how many it told in the end. */
async function killAfter(child: ChildProcess, acknowledgements: number): Promise<number> {
  let told = 0;
  assert.ok(child.stdout !== null);
  child.stdout.on('data', (data: Buffer) => {
    told += data.length;
    if (told >= acknowledgements) child.kill('SIGKILL');
  });
  const [code, signal] = await once(child, 'close');
  assert.equal(signal, 'SIGKILL', `the process ended by itself, with ${code}`);
  return told;
}

function apply(model: Model, writes: readonly (readonly [string, string | undefined])[]): void {
  for (const [key, value] of writes) {
    if (value === undefined) model.delete(key);
    else model.put(key, Buffer.from(value));
  }
}

test('a process that is killed at random moments loses no write that it told of', async (t) => {
  const random = new Random(seedOf(t));
  const path = join(temporaryDirectory(t), 'db');
  const writer = fileURLToPath(new URL('./kill-writer.js', import.meta.url));
  let model = new Model();
  let writes = 0;
  for (let round = 0; round < Number(rounds); round++) {
    const seed = random.below(2 ** 31);
    const child = spawn(process.execPath, [writer, path, String(seed)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const told = await killAfter(child, 1 + random.below(random.oneIn(2) ? 50 : 1000));
    writes += told;

    const source = commands(seed);
    for (let i = 0; i < told; i++) apply(model, source.next().value?.writes ?? []);
    const withNext = model.clone();
    apply(withNext, source.next().value?.writes ?? []);

    const db = MiniLsm.open(path, KILL_OPTIONS);
    const found = describeEntries(db.scan());
    const hasNext = found.join() === describeEntries(withNext.entries()).join();
    if (hasNext) model = withNext;
    else assert.deepEqual(found, describeEntries(model.entries()), `round ${round}, seed ${seed}`);
    if (round % 5 === 4) assert.deepEqual(db.verify().problems, []);
    if (round % 3 === 0) {
      db.put('from the parent', `round ${round}`);
      model.put('from the parent', Buffer.from(`round ${round}`));
    }
    db.close();
  }
  const db = MiniLsm.open(path, KILL_OPTIONS);
  db.compact();
  assert.deepEqual(describeEntries(db.scan()), describeEntries(model.entries()));
  assert.deepEqual(db.verify().problems, []);
  const { levels } = db.stats();
  assert.ok(levels.slice(1).some(({ files }) => files > 0));
  db.close();
  t.diagnostic(`${rounds} rounds, ${writes} writes told of`);
});
