import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ENGINE_NAMES } from '../../bench/src/candidates.ts';
import { engineResult } from '../../bench/src/gathering.ts';
import type { EngineResult, Run, Target } from '../../bench/src/result.ts';
import { judge, TARGETS } from '../../bench/src/targets.ts';
import { WORKLOAD_NAMES } from '../../bench/src/workloads.ts';

const base: Target = {
  workload: 'readrandom',
  engine: 'mini-lsm',
  quantity: 'opsPerSecond',
  against: 'lmdb',
  bound: 2,
  entries: 1000,
  valueBytes: 100,
};

/** An engine that takes a millisecond for so many operations, and so much of everything else. */
function result(engine: string, perMillisecond: number, bytes: number): EngineResult {
  return engineResult(engine, 'call', [
    {
      operations: perMillisecond,
      userBytes: 100,
      milliseconds: 1,
      cpuMilliseconds: 2,
      peakBytes: bytes,
      diskBytes: bytes,
      writtenBytes: bytes,
      latency: null,
      timeline: [],
    },
  ]);
}

function run(workload: string, engines: readonly EngineResult[]): Run {
  return {
    entries: 1000,
    valueBytes: 100,
    dataBytes: 116_000,
    workloads: [{ workload, group: 'db_bench', description: '', durability: 'os', engines, skipped: [] }],
    footprints: [],
  };
}

describe('the targets', () => {
  it('name workloads and engines that there are', () => {
    for (const { workload, againstWorkload = workload, engine, against } of TARGETS) {
      assert.ok(WORKLOAD_NAMES.includes(workload), workload);
      assert.ok(WORKLOAD_NAMES.includes(againstWorkload), againstWorkload);
      assert.ok(ENGINE_NAMES.includes(engine), engine);
      assert.ok(against === null || ENGINE_NAMES.includes(against), String(against));
    }
  });

  it('want at least a ratio of speed, and at most one of what is spent', () => {
    const runs = [run('readrandom', [result('mini-lsm', 200, 30), result('lmdb', 100, 20)])];
    const met = (target: Partial<Target>): boolean | null => judge(runs, [{ ...base, ...target }])[0].met;
    assert.equal(met({}), true);
    assert.equal(met({ bound: 2.1 }), false);
    for (const quantity of ['diskBytes', 'peakBytes', 'writeAmplification'] as const) {
      assert.equal(met({ quantity, bound: 1.5 }), true, quantity);
      assert.equal(met({ quantity, bound: 1.4 }), false, quantity);
    }
    assert.equal(met({ quantity: 'milliseconds', bound: 0.5 }), true);
    assert.equal(met({ quantity: 'milliseconds', bound: 0.4 }), false);
    assert.equal(met({ quantity: 'diskBytes', against: null, bound: 30 }), true);
    assert.equal(met({ quantity: 'diskBytes', against: null, bound: 29 }), false);
  });

  it('say nothing where something is missing', () => {
    const runs = [run('readrandom', [result('mini-lsm', 200, 30)])];
    for (const target of [{}, { entries: 2000 }, { valueBytes: 16 }, { workload: 'fillseq' }]) {
      const judged = judge(runs, [{ ...base, ...target }])[0];
      assert.equal(judged.met, null);
      assert.equal(judged.ratio, null);
    }
  });
});
