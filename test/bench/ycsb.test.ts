import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type Data, DataMaker } from '../../bench/src/data.ts';
import type { Engine } from '../../bench/src/engine.ts';
import { SORTED_MAP } from '../../bench/src/engines/sorted-map.ts';
import { load } from '../../bench/src/load.ts';
import { Pass } from '../../bench/src/pass.ts';
import { WORKLOADS } from '../../bench/src/workloads.ts';

const ENTRIES = 5000;

interface Seen {
  readonly gets: Data[];
  readonly puts: Data[];
  readonly ranges: number[];
}

/** Runs a workload on a sorted map, and says which calls were made. */
async function run(name: string): Promise<Seen> {
  const maker = new DataMaker({ keys: 'utf8', values: 'view' }, 100, 1);
  const map = await SORTED_MAP.open({ directory: '', durability: 'os', cacheBytes: 0, encoding: 'utf8' });
  await load(map, maker, ENTRIES, 1);
  const seen: Seen = { gets: [], puts: [], ranges: [] };
  const watched: Engine = {
    put(key, value) {
      seen.puts.push(key);
      return map.put(key, value);
    },
    get(key) {
      seen.gets.push(key);
      return map.get(key);
    },
    range(key, entries) {
      seen.ranges.push(entries);
      return map.range(key, entries);
    },
    delete: (key) => map.delete(key),
    batch: (slice) => map.batch(slice),
    getMany: (keys) => map.getMany(keys),
    walk: (reverse) => map.walk(reverse),
    seek: (slice, entries) => map.seek(slice, entries),
    close: () => map.close(),
  };
  const { run } = WORKLOADS[name];
  assert.ok(run.kind === 'pass');
  const watch = () => ({ diskBytes: null, writtenBytes: null });
  const options = { workload: name, operations: ENTRIES, entries: ENTRIES, seed: 1, seconds: 60, watch };
  const timing = await run.run(new Pass(maker, { ...options, onProgress: () => {} }), watched);
  assert.equal(timing.operations, ENTRIES);
  assert.equal(timing.userBytes, seen.puts.length * 116);
  return seen;
}

function near(count: number, share: number): void {
  assert.ok(Math.abs(count - share * ENTRIES) < 0.04 * ENTRIES, `${count} of ${share * ENTRIES}`);
}

/** How many of the keys are the most popular hundredth. */
function shareOfPopular(keys: readonly Data[]): number {
  const counts = new Map<Data, number>();
  for (const key of keys) counts.set(key, (counts.get(key) ?? 0) + 1);
  const sorted = [...counts.values()].sort((a, b) => b - a);
  return sorted.slice(0, ENTRIES / 100).reduce((sum, count) => sum + count, 0) / keys.length;
}

describe('the workloads of YCSB', () => {
  it('A to C: reads and updates of entries that are there, few of them most often', async () => {
    for (const [name, reads] of [
      ['ycsba', 0.5],
      ['ycsbb', 0.95],
      ['ycsbc', 1],
    ] as const) {
      const { gets, puts } = await run(name);
      near(gets.length, reads);
      near(puts.length, 1 - reads);
      assert.ok(shareOfPopular(gets) > 0.4, name);
    }
  });

  it('D: reads of what was inserted last, and inserts of what was not there', async () => {
    const { gets, puts } = await run('ycsbd');
    near(gets.length, 0.95);
    assert.equal(new Set(puts).size, puts.length);
    for (const key of puts) assert.ok(Number(key) >= 2 * ENTRIES);
    const recent = gets.filter((key) => Number(key) > 2 * ENTRIES - ENTRIES / 10).length;
    assert.ok(recent > gets.length / 2, `${recent} of ${gets.length}`);
  });

  it('E: scans of up to 100 entries, and inserts', async () => {
    const { gets, puts, ranges } = await run('ycsbe');
    near(ranges.length, 0.95);
    near(puts.length, 0.05);
    assert.equal(gets.length, 0);
    assert.ok(Math.min(...ranges) >= 1 && Math.max(...ranges) <= 100);
  });

  it('F: every other read is followed by a write of its key', async () => {
    const { gets, puts } = await run('ycsbf');
    assert.equal(gets.length, ENTRIES);
    near(puts.length, 0.5);
  });
});
