/**
 * The central property: no flush and no compaction changes what any live snapshot, or an open cursor, reads.
 * The database itself is asked before and after: no model can hide a mistake here.
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import fc from 'fast-check';
import type { Options } from '../../src/options.ts';
import { type Step, snapshotHistory } from '../support/histories.ts';
import { HistoryRunner } from '../support/history-runner.ts';
import { DiskHost, type Host, MemoryHost, TINY } from '../support/hosts.ts';
import { failOnLeaks } from '../support/leaks.ts';
import { checkAsyncProperty } from '../support/property.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

failOnLeaks();

async function checkHistories(options: Options, host: () => Host, runs: number): Promise<void> {
  const property = fc.asyncProperty(snapshotHistory(120), async (history) => {
    const runner = new HistoryRunner(host(), options);
    try {
      for (const step of history) {
        if (isUpkeep(step)) compareAcross(runner, step);
        else runner.perform(step);
      }
      compareAcross(runner, ['compact', {}]);
    } finally {
      runner.db.close();
    }
    await setImmediate();
  });
  await checkAsyncProperty(property, runs);
}

function isUpkeep([kind]: Step): boolean {
  return kind === 'flush' || kind === 'compact';
}

function compareAcross(runner: HistoryRunner, step: Step): void {
  const before = runner.contents();
  runner.perform(step);
  assert.deepEqual(runner.contents(), before);
  runner.compareAll();
}

for (const compaction of ['leveled', 'simple-leveled'] as const) {
  describe(`under ${compaction} compaction, flushes and compactions change nothing for any reader`, () => {
    test('when only the steps that are compared write tables', async () => {
      await checkHistories({ ...TINY, compaction, memtableBytes: 2 ** 20 }, () => new MemoryHost(), 20);
    });

    test('when writes cause flushes and compactions too', async () => {
      await checkHistories({ ...TINY, compaction }, () => new MemoryHost(), 15);
    });

    test('when a worker thread runs them', async (t) => {
      const parent = temporaryDirectory(t);
      await checkHistories({ ...TINY, compaction }, () => new DiskHost(parent), 2);
    });
  });
}
