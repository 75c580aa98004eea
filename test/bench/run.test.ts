import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ROWS } from '../../bench/rows.ts';
import { runBench } from './run-bench.ts';

const TINY = ['--entries', '300', '--rounds', '1'];

describe('npm run bench', () => {
  it('measures every row on both engines and gives the ratios', async (t) => {
    const { stdout, leftovers } = await runBench(t, 'run', [...TINY, '--json']);
    const report = JSON.parse(stdout);
    assert.deepEqual(
      report.rows.map(({ row }: { row: string }) => row),
      Object.keys(ROWS),
    );
    for (const { row, operations, opsPerSecond, ratio } of report.rows) {
      assert.equal(operations, 300, row);
      assert.ok(opsPerSecond['mini-lsm'] > 0 && opsPerSecond['classic-level'] > 0, row);
      assert.equal(ratio, opsPerSecond['mini-lsm'] / opsPerSecond['classic-level'], row);
    }
    for (const engine of ['mini-lsm', 'classic-level']) {
      const { diskBytes, restingBytes, peakBytes } = report.footprint[engine];
      assert.ok(diskBytes > 0 && restingBytes > 0 && peakBytes >= restingBytes, engine);
    }
    assert.match(report.durability, /fsync/);
    assert.deepEqual(leftovers, []);
  });

  it('measures only the rows that are asked for, with bytes as well, and shows a table', async (t) => {
    const only = ['--only', 'readseq,fillseq', '--encoding', 'view'];
    const { stdout, stderr, leftovers } = await runBench(t, 'run', [...TINY, ...only]);
    assert.match(stdout, /fillseq .*x/);
    assert.match(stdout, /readseq .*x/);
    assert.doesNotMatch(stdout, /readrandom/);
    assert.match(stderr, /readseq +classic-level/);
    assert.deepEqual(leftovers, []);
  });

  it('gives each engine the first turn in every second round', async (t) => {
    const { stderr } = await runBench(t, 'run', ['--entries', '100', '--rounds', '2', '--only', 'readseq']);
    const turns = [...stderr.matchAll(/mini-lsm|classic-level/g)].map(([name]) => name);
    assert.deepEqual(turns, ['mini-lsm', 'classic-level', 'classic-level', 'mini-lsm']);
  });

  it('refuses options that it does not know', async (t) => {
    for (const args of [
      ['--only', 'readsideways'],
      ['--entries', '1e6'],
      ['--rounds', '0'],
      ['--encoding', 'latin1'],
      ['--fast'],
    ]) {
      await assert.rejects(runBench(t, 'run', args), { code: 1 }, args.join(' '));
    }
  });
});
