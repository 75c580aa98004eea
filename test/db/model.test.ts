/**
 * Random histories against a sorted map: whatever is written, flushed, compacted, reopened or killed, every
 * read gives what the map gives.
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import fc from 'fast-check';
import type { Options } from '../../src/options.ts';
import { anyHistory } from '../support/histories.ts';
import { HistoryRunner } from '../support/history-runner.ts';
import { DiskHost, type Host, MemoryHost, TINY } from '../support/hosts.ts';
import { failOnLeaks } from '../support/leaks.ts';
import { checkAsyncProperty } from '../support/property.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

failOnLeaks();

const STRATEGIES = ['leveled', 'simple-leveled'] as const;

/** What must make no difference to any answer. */
const variants: fc.Arbitrary<Options> = fc.record({
  blockBytes: fc.constantFrom(32, 96, 1024),
  bloomBitsPerKey: fc.constantFrom(0, 1, 10),
  compression: fc.constantFrom('none', 'lz4'),
  cacheBytes: fc.constantFrom(0, 8192),
  maxOpenFiles: fc.constantFrom(1, 4),
  maxFrozenMemtables: fc.constantFrom(1, 3),
});

/** Runs histories and says which levels held tables meanwhile. */
async function checkHistories(
  options: Options,
  host: () => Host,
  runs: number,
  steps: number,
): Promise<Set<number>> {
  const reached = new Set<number>();
  const property = fc.asyncProperty(variants, anyHistory(steps), async (variant, history) => {
    const runner = new HistoryRunner(host(), { ...options, ...variant });
    runner.run(history);
    for (const level of runner.levelsReached) reached.add(level);
    // Lets threads that were told to end do so before the next ones begin.
    await setImmediate();
  });
  await checkAsyncProperty(property, runs);
  return reached;
}

for (const compaction of STRATEGIES) {
  describe(`${compaction} compaction`, () => {
    test('in memory with jobs inline, every answer is that of a sorted map', async () => {
      const options = { ...TINY, compaction };
      const reached = await checkHistories(options, () => new MemoryHost(), 40, 250);
      if (process.env.SEED === undefined) assert.deepEqual([...reached].sort(), [0, 1, 2, 3]);
    });

    test('on the disk with a worker thread, every answer is that of a sorted map', async (t) => {
      const parent = temporaryDirectory(t);
      const options = { ...TINY, compaction };
      // Which levels are reached depends on how the threads take turns; in memory it does not.
      await checkHistories(options, () => new DiskHost(parent), 4, 200);
    });
  });
}
