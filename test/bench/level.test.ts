import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { LEVEL_ROWS } from '../../bench/level-rows.ts';
import { runBench } from './run-bench.ts';

const TINY = ['--entries', '300'];

describe('npm run bench:level', () => {
  it('measures every row on both databases beside its target', async (t) => {
    const { stdout, leftovers } = await runBench(t, 'level', [...TINY, '--rounds', '2', '--json']);
    const report = JSON.parse(stdout);
    assert.deepEqual(
      report.rows.map(({ row }: { row: string }) => row),
      Object.keys(LEVEL_ROWS),
    );
    for (const { row, operations, rounds, opsPerSecond, spread, ratio, target } of report.rows) {
      assert.equal(operations, 300, row);
      assert.equal(target, LEVEL_ROWS[row].target, row);
      assert.equal(ratio, opsPerSecond['mini-lsm'] / opsPerSecond['classic-level'], row);
      for (const engine of ['mini-lsm', 'classic-level']) {
        const [first, second] = rounds[engine];
        assert.equal(opsPerSecond[engine], (first + second) / 2, row);
        assert.equal(spread[engine], Math.abs(first - second) / opsPerSecond[engine], row);
      }
    }
    assert.equal(report.encoding, 'view');
    assert.equal(report.cache, 'equal');
    assert.deepEqual(leftovers, []);
  });

  it('shows by row whether the target was met, and ends well either way', async (t) => {
    const { stdout } = await runBench(t, 'level', [...TINY, '--rounds', '1', '--cache', 'default']);
    for (const [row, { target }] of Object.entries(LEVEL_ROWS)) {
      assert.match(stdout, new RegExp(` ${row} .* ${target}x (met|missed) `));
    }
    assert.match(stdout, /each engine's default/);
  });

  it('refuses options that it does not know', async (t) => {
    for (const args of [
      ['--cache', '128'],
      ['--only', 'fillseq'],
    ]) {
      await assert.rejects(runBench(t, 'level', args), { code: 1 }, args.join(' '));
    }
  });
});
