/**
 * Writers that outrun flushes and compactions are slowed down and stopped. Every stall is counted with its
 * reason, and all of it works within a synchronous loop that never returns to the event loop.
 */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import type { StallReason } from '../../src/db/counters.ts';
import { internals, MiniLsm } from '../../src/db/mini-lsm.ts';
import type { Stats } from '../../src/db/stats.ts';
import type { Options } from '../../src/options.ts';
import { failOnLeaks } from '../support/leaks.ts';
import { memoryDatabase } from '../support/small-database.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

failOnLeaks();

const SMALL: Options = {
  memtableBytes: 4096,
  maxFrozenMemtables: 1,
  blockBytes: 512,
  tableBytes: 4096,
  baseLevelBytes: 4096,
  levelRatio: 2,
  levelCount: 4,
};
const COUNT = 2000;

function onThread(t: TestContext, options: Options): MiniLsm {
  let db: MiniLsm | undefined;
  // Before the directory's own hook: hooks run in the order they were given.
  t.after(() => db?.close());
  db = MiniLsm.open(join(temporaryDirectory(t), 'db'), { ...SMALL, ...options, background: 'worker' });
  return db;
}

/** A burst of writes over the same keys again and again, without a pause. */
function burst(db: MiniLsm, afterEach: () => void = () => {}): Stats {
  for (let i = 0; i < COUNT; i++) {
    db.put(`key ${(i * 379) % 500}`, `value ${i}`.padEnd(60, '.'));
    afterEach();
  }
  const stats = db.stats();
  for (let i = COUNT - 500; i < COUNT; i++) assert.equal(db.has(`key ${(i * 379) % 500}`), true);
  return stats;
}

const QUIET: Readonly<Record<StallReason, { delays: number; stops: number; milliseconds: number }>> = {
  memtables: { delays: 0, stops: 0, milliseconds: 0 },
  'l0-files': { delays: 0, stops: 0, milliseconds: 0 },
  'pending-compaction': { delays: 0, stops: 0, milliseconds: 0 },
};

describe('a burst of writes', () => {
  test('waits for memtables to be flushed, and says how often and how long', (t) => {
    const db = onThread(t, { l0CompactionFiles: 1000, l0SlowdownFiles: 1000, l0StopFiles: 1000 });
    const { stalls, memtables } = burst(db, () => {
      assert.ok(internals(db).core.view.frozenCount <= 1, 'no more wait than were allowed');
    });
    // The thread takes longer to start than two memtables take to fill.
    assert.ok(stalls.memtables.stops > 0);
    assert.ok(stalls.memtables.milliseconds > 0);
    assert.deepEqual({ ...stalls, memtables: QUIET.memtables }, QUIET, 'for no other reason');
    assert.ok(memtables.frozen <= 1);
  });

  test('waits while L0 has too many tables', (t) => {
    const db = onThread(t, { l0CompactionFiles: 1, l0SlowdownFiles: 1, l0StopFiles: 1 });
    const { stalls } = burst(db);
    assert.ok(stalls['l0-files'].stops > 0);
    assert.ok(stalls['l0-files'].milliseconds > 0);
  });

  test('is slowed down while L0 has many tables, before it has to wait', (t) => {
    const db = onThread(t, {
      l0CompactionFiles: 2,
      l0SlowdownFiles: 2,
      l0StopFiles: 10_000,
      slowdownBytesPerSecond: 1024 * 1024,
    });
    const { stalls } = burst(db);
    assert.ok(stalls['l0-files'].delays > 0);
    assert.equal(stalls['l0-files'].stops, 0);
  });

  test('waits while too many bytes wait for compaction', (t) => {
    const db = onThread(t, {
      l0CompactionFiles: 2,
      l0SlowdownFiles: 10_000,
      l0StopFiles: 10_000,
      slowdownPendingBytes: 1024,
      stopPendingBytes: 1024,
    });
    const { stalls } = burst(db);
    assert.ok(stalls['pending-compaction'].stops > 0);
    assert.equal(stalls['l0-files'].stops, 0);
  });

  test('never waits when jobs run inline: they are done before the next write', (t) => {
    const db = memoryDatabase(t, { ...SMALL, l0CompactionFiles: 2, l0SlowdownFiles: 4, l0StopFiles: 8 });
    const { stalls } = burst(db);
    assert.deepEqual(stalls, QUIET);
  });

  for (const compaction of ['leveled', 'simple-leveled'] as const) {
    test(`never lets L0 or the memtables grow past their bounds under ${compaction} compaction`, (t) => {
      const db = onThread(t, { compaction, l0CompactionFiles: 2, l0SlowdownFiles: 3, l0StopFiles: 4 });
      const { core } = internals(db);
      burst(db, () => {
        // The flush that was running when L0 was full adds one, and so does each memtable that waited.
        assert.ok(core.view.version.levels[0].length <= 4 + 2);
        assert.ok(core.view.frozenCount <= 1);
      });
      db.flush();
      assert.equal(core.view.frozenCount, 0);
    });
  }
});

test('a synchronous loop gets its flushes and compactions without ever returning to the event loop', (t) => {
  let turns = 0;
  const turn = setImmediate(() => {
    turns += 1;
  });
  const db = onThread(t, { l0CompactionFiles: 2, l0SlowdownFiles: 3, l0StopFiles: 4 });
  const { compactions, levels, pending } = burst(db);
  assert.equal(turns, 0, 'the event loop had no turn');
  assert.ok(compactions.flushes > 20, `${compactions.flushes} flushes`);
  assert.ok(compactions.merges > 0, `${compactions.merges} merges`);
  assert.ok(levels.slice(1).some(({ files }) => files > 0));
  assert.equal(pending.lastError, undefined);
  clearImmediate(turn);
});

test('work that is left when the loop ends goes on by itself, and a later call collects it', async (t) => {
  const db = onThread(t, { maxFrozenMemtables: 8, l0CompactionFiles: 2 });
  burst(db);
  const { core, maintenance } = internals(db);
  // Nothing calls the database meanwhile: answers of the thread arrive as events.
  while (core.view.frozenCount > 0 || maintenance.flushRunning || maintenance.mergeRunning) {
    await new Promise((resolve) => setImmediate(resolve));
  }
  assert.equal(maintenance.pendingBytes, 0);
  assert.equal(db.stats().memtables.frozen, 0);
});
