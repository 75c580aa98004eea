import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Latencies } from '../../bench/src/latencies.ts';
import { median, medianKnown, medianLatency, spread } from '../../bench/src/statistics.ts';

describe('the statistics of rounds', () => {
  it('take the number in the middle, or between the two in the middle', () => {
    assert.equal(median([3]), 3);
    assert.equal(median([10, 1, 3]), 3);
    assert.equal(median([10, 1, 3, 5]), 4);
    assert.throws(() => median([]), RangeError);
  });

  it('leave out what was not measured', () => {
    assert.equal(medianKnown([null, 2, null, 4, 9]), 4);
    assert.equal(medianKnown([null]), null);
  });

  it('give the distance of the rounds as a share of the median', () => {
    assert.equal(spread([8, 10, 14]), 0.6);
    assert.equal(spread([7]), 0);
  });

  it('take each percentile by itself', () => {
    const latency = (median: number, slowest: number) => ({
      ...{ median, p90: 1, p99: 1, p999: 1, p9999: 1, slowest },
    });
    const merged = medianLatency([latency(1, 30), null, latency(2, 10), latency(3, 20)]);
    assert.equal(merged?.median, 2);
    assert.equal(merged?.slowest, 20);
    assert.equal(medianLatency([null]), null);
  });
});

describe('Latencies', () => {
  it('have every operation in the whole and in one part of the time line', () => {
    const latencies = new Latencies(1000);
    for (let i = 1; i <= 995; i++) latencies.record(i === 500 ? 50 : 0.002);
    const { latency, timeline } = latencies.finish();
    assert.equal(timeline.length, 100);
    assert.equal(timeline.at(-1)?.operations, 995);
    assert.ok(Math.abs(latency.median - 2000) < 20, String(latency.median));
    assert.ok(Math.abs(latency.slowest - 50e6) < 0.5e6, String(latency.slowest));
    const slow = timeline.filter((sample) => sample.latency.slowest > 1e6);
    assert.deepEqual(
      slow.map(({ operations }) => operations),
      [500],
    );
    assert.ok(slow[0].opsPerSecond < 1000);
  });
});
