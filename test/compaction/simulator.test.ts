import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  type CompactionTask,
  conflicts,
  inputsOf,
  outputLevelOf,
  takesFromL0,
} from '../../src/compaction/compaction-task.ts';
import { leveled } from '../../src/compaction/leveled.ts';
import { MANUAL_START, type ManualProgress, nextManualStep } from '../../src/compaction/manual.ts';
import { simpleLeveled } from '../../src/compaction/simple-leveled.ts';
import { type SimulatedWrite, Simulator, simulate } from '../../src/compaction/simulator.ts';
import type { CompactionOptions, Strategy } from '../../src/compaction/strategy.ts';
import { FULL_RANGE } from '../../src/keys/key-range.ts';
import { checkVersion } from '../../src/version/check-version.ts';
import { rangesOverlap } from '../../src/version/table-meta.ts';
import type { Version } from '../../src/version/version.ts';
import { checkProperty } from '../support/property.ts';

const STRATEGIES: readonly Strategy[] = [leveled, simpleLeveled];

/** Small enough that a few dozen flushes fill three or four levels. */
const OPTIONS: CompactionOptions = {
  levelCount: 5,
  l0CompactionFiles: 3,
  baseLevelBytes: 1000,
  levelRatio: 3,
  tableBytes: 500,
  minTombstones: 3,
};

/** Many small levels that are over their targets at the same time. */
const STEEP: CompactionOptions = {
  ...OPTIONS,
  l0CompactionFiles: 2,
  baseLevelBytes: 300,
  levelRatio: 2,
  tableBytes: 200,
};

const KEY_COUNT = 60;

/** What a database must say: for each key the writes to it, newest first. */
class Model {
  readonly #writes = new Map<number, { sequence: number; deleted: boolean }[]>();
  #sequence = 0;

  write(writes: readonly SimulatedWrite[]): void {
    for (const { key, deleted } of writes) {
      const versions = this.#writes.get(key) ?? [];
      versions.unshift({ sequence: ++this.#sequence, deleted: deleted ?? false });
      this.#writes.set(key, versions);
    }
  }

  read(key: number, sequence: number): number | undefined {
    const version = this.#writes.get(key)?.find((candidate) => candidate.sequence <= sequence);
    return version === undefined || version.deleted ? undefined : version.sequence;
  }
}

function checkReads(simulator: Simulator, model: Model): void {
  for (const sequence of [...simulator.snapshots, simulator.sequence]) {
    for (let key = 0; key < KEY_COUNT; key++) {
      const found = simulator.read(key, sequence);
      const value = found === undefined || found.deleted ? undefined : found.sequence;
      assert.equal(value, model.read(key, sequence), `key ${key} at ${sequence}`);
    }
  }
}

/** No table leaves L0 below an older one that it overlaps, and none gets below older data. */
function checkTask(version: Version, task: CompactionTask, running: readonly CompactionTask[] = []): void {
  for (const { level, tables } of inputsOf(task)) {
    const taken = new Set(tables);
    for (const table of tables)
      assert.ok(version.levels[level].includes(table), 'an input is in the Version');
    if (level > 0) continue;
    for (const older of version.levels[0]) {
      if (taken.has(older)) continue;
      for (const table of tables) {
        assert.ok(
          older.epoch > table.epoch || !rangesOverlap(older, table),
          'an older L0 table stays behind',
        );
      }
    }
    const to = task.kind === 'move' ? task.toLevel : task.kind === 'merge' ? task.outputLevel : 0;
    assert.ok(to <= (version.firstNonEmptyLevel ?? to), 'the base level skips a level that holds tables');
    for (const other of running) {
      const used = outputLevelOf(other) ?? to;
      assert.ok(to <= used || used === 0, 'the base level skips a level that will hold tables');
    }
  }
}

const anyWrite: fc.Arbitrary<SimulatedWrite> = fc.record({
  key: fc.integer({ min: 0, max: KEY_COUNT - 1 }),
  deleted: fc.boolean(),
});
/** Batches spread over the keys, and batches in a narrow range of them. */
const anyBatch: fc.Arbitrary<SimulatedWrite[]> = fc.oneof(
  fc.array(anyWrite, { minLength: 1, maxLength: 12 }),
  fc
    .tuple(fc.integer({ min: 0, max: KEY_COUNT - 8 }), fc.boolean(), fc.integer({ min: 1, max: 8 }))
    .map(([from, deleted, count]) => Array.from({ length: count }, (_, i) => ({ key: from + i, deleted }))),
);

for (const strategy of STRATEGIES) {
  test(`${strategy.name}: whatever is written and held by snapshots, compactions change no read and converge`, () => {
    const step = fc.oneof(
      { weight: 6, arbitrary: anyBatch.map((writes) => ({ kind: 'flush' as const, writes })) },
      { weight: 1, arbitrary: fc.constant({ kind: 'take' as const }) },
      { weight: 1, arbitrary: fc.nat(3).map((which) => ({ kind: 'release' as const, which })) },
      { weight: 1, arbitrary: fc.constant({ kind: 'manual' as const }) },
    );
    checkProperty(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const simulator = new Simulator(strategy, OPTIONS);
        const model = new Model();
        simulator.onInstall = (version) => checkVersion(version);
        for (const action of steps) {
          if (action.kind === 'flush') {
            model.write(action.writes);
            simulator.flushOnly(action.writes);
          } else if (action.kind === 'take') {
            const { snapshots, sequence } = simulator;
            simulator.snapshots = snapshots.at(-1) === sequence ? snapshots : [...snapshots, sequence];
          } else if (action.kind === 'release') {
            simulator.snapshots = simulator.snapshots.filter((_, i) => i !== action.which);
          } else {
            compactAll(simulator);
          }
          settleChecked(simulator, strategy);
          checkReads(simulator, model);
        }
        assert.equal(strategy.pick(simulator.version, simulator.options, []), undefined);
      }),
      80,
    );
  });

  test(`${strategy.name}: tasks that run at the same time, and flushes between, change no read`, () => {
    let most = 0;
    const step = fc.oneof(
      { weight: 3, arbitrary: anyBatch.map((writes) => ({ kind: 'flush' as const, writes })) },
      { weight: 8, arbitrary: fc.constant({ kind: 'start' as const }) },
      { weight: 4, arbitrary: fc.nat(5).map((which) => ({ kind: 'finish' as const, which })) },
      { weight: 1, arbitrary: fc.constant({ kind: 'take' as const }) },
    );
    checkProperty(
      fc.property(fc.array(step, { minLength: 50, maxLength: 200, size: 'max' }), (steps) => {
        const simulator = new Simulator(strategy, STEEP);
        const model = new Model();
        const running: { task: CompactionTask; finish: () => void }[] = [];
        simulator.onInstall = (version) => checkVersion(version);
        for (const action of steps) {
          if (action.kind === 'flush') {
            model.write(action.writes);
            simulator.flushOnly(action.writes);
          } else if (action.kind === 'take') {
            simulator.snapshots = simulator.sequence > 0 ? [simulator.sequence] : [];
          } else if (action.kind === 'start') {
            const tasks = running.map(({ task }) => task);
            const task = strategy.pick(simulator.version, simulator.options, tasks);
            if (task === undefined) continue;
            assert.equal(conflicts(task, tasks), false);
            assert.ok(!(takesFromL0(task) && tasks.some(takesFromL0)));
            checkTask(simulator.version, task, tasks);
            running.push({ task, finish: simulator.start(task) });
            most = Math.max(most, running.length);
          } else if (running.length > 0) {
            const [{ finish }] = running.splice(action.which % running.length, 1);
            finish();
          }
          checkReads(simulator, model);
        }
        for (const { finish } of running) finish();
        checkReads(simulator, model);
        settleChecked(simulator, strategy);
        checkReads(simulator, model);
      }),
      60,
    );
    assert.ok(most > (strategy === leveled ? 2 : 0), `${most} tasks at the same time`);
  });

  test(`${strategy.name}: what is pending is nothing in the end, and never negative`, () => {
    const simulator = new Simulator(strategy, { ...OPTIONS, minTombstones: 1_000_000 });
    for (let i = 0; i < 60; i++) {
      simulator.flushOnly(Array.from({ length: 20 }, (_, k) => ({ key: (i * 7919 + k * 104_729) % 5000 })));
      assert.ok(strategy.pendingBytes(simulator.version, simulator.options) >= 0);
      if (i % 10 === 9) {
        assert.ok(strategy.pendingBytes(simulator.version, simulator.options) > 0);
        simulator.settle();
        assert.equal(strategy.pendingBytes(simulator.version, simulator.options), 0);
      }
    }
  });

  test(`${strategy.name}: deleting everything leaves an empty tree`, () => {
    const simulator = new Simulator(strategy, { ...OPTIONS, l0CompactionFiles: 1 });
    const keys = Array.from({ length: 200 }, (_, key) => key);
    for (let i = 0; i < 200; i += 20) simulator.flush(keys.slice(i, i + 20).map((key) => ({ key })));
    for (let i = 0; i < 200; i += 20) {
      simulator.flush(keys.slice(i, i + 20).map((key) => ({ key, deleted: true })));
    }
    compactAll(simulator);
    assert.equal(simulator.version.tableCount, 0);
  });

  test(`${strategy.name}: keys in ascending order are never rewritten`, () => {
    const flushes = Array.from({ length: 40 }, (_, i) =>
      Array.from({ length: 10 }, (_, k) => ({ key: i * 10 + k })),
    );
    const report = simulate(strategy, { ...OPTIONS, l0CompactionFiles: 1 }, flushes);
    if (strategy === leveled) assert.equal(report.writeAmplification, 1);
    assert.equal(report.spaceAmplification, 1);
  });
}

test('leveled: deletes alone bring the space back without a manual compaction', () => {
  const simulator = new Simulator(leveled, OPTIONS);
  for (let i = 0; i < 400; i += 20) {
    simulator.flush(Array.from({ length: 20 }, (_, k) => ({ key: i + k })));
  }
  assert.ok(simulator.version.totalBytes >= 40_000);
  for (let i = 0; i < 400; i += 20) {
    simulator.flush(Array.from({ length: 20 }, (_, k) => ({ key: i + k, deleted: true })));
  }
  assert.equal(simulator.version.tableCount, 0);
});

test('leveled: a snapshot holds deleted data back, and its end frees it', () => {
  const simulator = new Simulator(leveled, OPTIONS);
  const keys = Array.from({ length: 20 }, (_, key) => key);
  simulator.flush(keys.map((key) => ({ key })));
  simulator.snapshots = [simulator.sequence];
  simulator.flush(keys.map((key) => ({ key, deleted: true })));
  assert.equal(simulator.settle(), 0);
  assert.equal(simulator.read(3, 20)?.deleted, false);
  simulator.snapshots = [];
  simulator.settle();
  assert.equal(simulator.version.tableCount, 0);
});

test('leveled: random writes to a large tree cost little more than the theory says', () => {
  const options = {
    ...OPTIONS,
    levelCount: 7,
    levelRatio: 10,
    baseLevelBytes: 20_000,
    tableBytes: 4000,
    l0CompactionFiles: 4,
  };
  let state = 12_345;
  const next = (): number => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return state % 40_000;
  };
  const flushes = Array.from({ length: 400 }, () => Array.from({ length: 50 }, () => ({ key: next() })));
  const report = simulate(leveled, options, flushes);
  // Two levels of ratio 10 below L0, each entry rewritten about half of that often in each.
  assert.ok(report.writeAmplification < 16, `write amplification ${report.writeAmplification}`);
  assert.ok(report.spaceAmplification < 1.25, `space amplification ${report.spaceAmplification}`);
  assert.ok(report.mostL0Tables <= 4, `${report.mostL0Tables} tables in L0`);
});

/** Settles task by task, checking each. */
function settleChecked(simulator: Simulator, strategy: Strategy): void {
  for (let tasks = 0; ; tasks++) {
    assert.ok(tasks < 1000, `${strategy.name} does not converge`);
    const task = strategy.pick(simulator.version, simulator.options, []);
    if (task === undefined) return;
    checkTask(simulator.version, task);
    simulator.run(task);
  }
}

function compactAll(simulator: Simulator): void {
  let progress: ManualProgress = MANUAL_START;
  for (let steps = 0; ; steps++) {
    assert.ok(steps < 1000, 'a manual compaction ends');
    const step = nextManualStep(simulator.version, simulator.options, FULL_RANGE, progress, []);
    assert.notEqual(step.kind, 'wait');
    if (step.kind !== 'task') break;
    checkTask(simulator.version, step.task);
    simulator.run(step.task);
    progress = step.progress;
  }
  const { levels, lastNonEmptyLevel } = simulator.version;
  assert.ok(levels.every((tables, level) => tables.length === 0 || level === lastNonEmptyLevel));
  if (simulator.snapshots.length > 0) return;
  for (const table of levels[lastNonEmptyLevel]) {
    assert.equal(table.tombstoneCount, 0);
    assert.equal(table.keyCount, table.entryCount);
  }
}
