import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { runBench } from './run-bench.ts';

describe('npm run bench:load', () => {
  it('reports speed, latencies, memory against its bound, and the tree', async (t) => {
    const { stdout, leftovers } = await runBench(t, 'load', ['--entries', '3000', '--json']);
    const report = JSON.parse(stdout);
    assert.equal(report.entries, 3000);
    assert.equal(report.stats.sequence, 3000);
    assert.equal(report.samples.at(-1).entries, 3000);
    assert.ok(report.putsPerSecond > 0);
    const { median, p99, p999, p9999, slowest } = report.putNanoseconds;
    assert.ok(0 < median && median <= p99 && p99 <= p999 && p999 <= p9999 && p9999 <= slowest);
    const { bound, peakBytes, finalBytes, withinBound } = report.memory;
    assert.equal(bound.totalBytes, bound.memtableBytes + bound.cacheBytes + bound.overheadBytes);
    assert.ok(peakBytes >= finalBytes);
    assert.equal(withinBound, peakBytes <= bound.totalBytes);
    assert.deepEqual(leftovers, []);
  });

  it('shows a table', async (t) => {
    const { stdout } = await runBench(t, 'load', ['--entries', '1000']);
    assert.match(stdout, /puts\/s/);
    assert.match(stdout, /within the bound/);
  });

  it('refuses options that it does not know', async (t) => {
    await assert.rejects(runBench(t, 'load', ['--entries', '0']), { code: 1 });
    await assert.rejects(runBench(t, 'load', ['--fast']), { code: 1 });
  });
});
