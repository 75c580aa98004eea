/**
 * Real threads on one memtable. The threads go through thousands of rounds on their own, meeting at a
 * barrier, so that insertions begin together; every reader checks all that it sees while they go on.
 */
import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { Worker } from 'node:worker_threads';
import { MemTable } from '../../src/memtable/mem-table.ts';
import {
  CONTROL_WORDS,
  checkedWalk,
  KEY_BYTES,
  type Plan,
  type Report,
  type Role,
  VALUE_BYTES,
} from './thread-plan.ts';

type Shape = Pick<Plan, 'pattern' | 'writers' | 'readers' | 'rounds' | 'insertions'>;

/** Runs the plan to its end on its threads, and returns the memtable as the last round left it. */
async function race(
  test: TestContext,
  shape: Shape,
  capacity = 1 << 16,
): Promise<{ table: MemTable; plan: Plan }> {
  const table = MemTable.create(capacity);
  const control = new Int32Array(new SharedArrayBuffer(CONTROL_WORDS * 4));
  const plan: Plan = { ...shape, buffer: table.buffer, control };
  const script = new URL('./thread.js', import.meta.url);
  const workers = Array.from({ length: plan.writers + plan.readers }, (_, thread) => {
    const role: Role = { plan, thread };
    return new Worker(script, { workerData: role });
  });
  try {
    // The first failure ends the wait: the other threads may be at the barrier for good.
    const reports = await Promise.all(
      workers.map(
        (worker) =>
          new Promise<number>((resolve, reject) => {
            worker.once('error', reject);
            worker.once('message', (report: Report) => {
              if ('failure' in report) reject(new Error(report.failure));
              else resolve(report.partialViews);
            });
          }),
      ),
    );
    test.diagnostic(`${reports.reduce((sum, views) => sum + views, 0)} views of a half-filled memtable`);
  } finally {
    await Promise.all(workers.map((worker) => worker.terminate()));
  }
  return { table, plan };
}

describe('threads on one memtable', () => {
  for (const [pattern, behaviour] of [
    ['disjoint', 'insert in ranges of their own'],
    ['adjacent', 'insert at the same point'],
    ['appending', 'append side by side'],
    ['versions', 'insert versions of one key'],
    ['scattered', 'insert all over'],
  ] as const) {
    it(`lose nothing, keep the order and see no gaps when they ${behaviour}`, async (test) => {
      const shape = { pattern, writers: 3, readers: 1, rounds: 600, insertions: 40 };
      const { table, plan } = await race(test, shape);
      assert.equal(checkedWalk(table.cursor(), plan), 120);
    });
  }

  it('lose nothing in a list that grows large', async (test) => {
    const shape = { pattern: 'scattered', writers: 3, readers: 1, rounds: 3, insertions: 8000 } as const;
    const { table, plan } = await race(test, shape, 2 << 20);
    assert.equal(checkedWalk(table.cursor(), plan), 24_000);
  });

  it('insert a version once when all of them try', async (test) => {
    const shape = { pattern: 'duel', writers: 3, readers: 1, rounds: 400, insertions: 40 } as const;
    const { table, plan } = await race(test, shape);
    assert.equal(checkedWalk(table.cursor(), plan), 40);
  });

  it('fill the memory to its end and no further', async (test) => {
    const shape = { pattern: 'adjacent', writers: 4, readers: 0, rounds: 1000, insertions: 200 } as const;
    const { table, plan } = await race(test, shape, 8192);
    const entries = checkedWalk(table.cursor(), plan);
    assert.ok(entries > 150 && entries < 800, `${entries} entries in 8 KiB`);
    assert.equal(table.hasRoom(MemTable.entryBytes(KEY_BYTES, VALUE_BYTES)), false);
  });
});
