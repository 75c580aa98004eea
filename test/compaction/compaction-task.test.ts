import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type CompactionTask,
  conflicts,
  editOf,
  type MergeTask,
} from '../../src/compaction/compaction-task.ts';
import { highestUsedLevel, levelTargets } from '../../src/compaction/level-targets.ts';
import { mergeContext } from '../../src/compaction/merge-context.ts';
import type { TableMeta } from '../../src/version/table-meta.ts';
import { Version } from '../../src/version/version.ts';
import { l0Table, table, versionOf } from '../version/table-fixture.ts';
import { OPTIONS } from './picker-cases.ts';

function merge(outputLevel: number, levels: Readonly<Record<number, TableMeta[]>>): MergeTask {
  const inputs = Object.entries(levels).map(([level, tables]) => ({ level: Number(level), tables }));
  return { kind: 'merge', inputs, outputLevel, reason: 'test' };
}

function move(fromLevel: number, toLevel: number, ...tables: TableMeta[]): CompactionTask {
  return { kind: 'move', fromLevel, toLevel, tables, reason: 'test' };
}

test('tasks that share a table conflict', () => {
  const shared = table(1, 'a', 'c');
  assert.ok(conflicts(merge(2, { 1: [shared] }), [merge(2, { 1: [shared] })]));
  assert.ok(conflicts(move(1, 2, shared), [merge(1, { 0: [l0Table(1, 2, 'x', 'z')], 1: [shared] })]));
  assert.ok(!conflicts(merge(2, { 1: [shared] }), [merge(2, { 1: [table(2, 'd', 'f')] })]));
  assert.ok(!conflicts(merge(2, { 1: [shared] }), []));
});

test('two tasks out of L0 conflict, wherever their keys are', () => {
  const task = merge(6, { 0: [l0Table(1, 1, 'a', 'c')] });
  assert.ok(conflicts(task, [merge(6, { 0: [l0Table(2, 2, 'x', 'z')] })]));
  assert.ok(conflicts(task, [move(0, 6, l0Table(2, 2, 'x', 'z'))]));
});

test('tasks that write overlapping tables into one level conflict', () => {
  const task = merge(3, { 2: [table(1, 'a', 'k')] });
  assert.ok(conflicts(task, [merge(3, { 1: [table(2, 'k', 'z')] })]));
  assert.ok(conflicts(task, [move(1, 3, table(2, 'b', 'c'))]));
  assert.ok(!conflicts(task, [merge(3, { 1: [table(2, 'l', 'z')] })]));
  assert.ok(!conflicts(task, [merge(4, { 3: [table(2, 'k', 'z')] })]));
});

test('the edit of a move puts the same tables elsewhere, without an epoch', () => {
  const { added, deleted } = editOf(move(0, 5, l0Table(4, 1, 'a', 'c')));
  assert.deepEqual(deleted, [{ level: 0, fileNumber: 1 }]);
  assert.deepEqual(
    added.map(({ level, table: { fileNumber, epoch } }) => ({ level, fileNumber, epoch })),
    [{ level: 5, fileNumber: 1, epoch: 0 }],
  );
});

test('the edit of a merge replaces its inputs by its outputs, of which there may be none', () => {
  const task = merge(2, { 1: [table(1, 'a', 'c')], 2: [table(2, 'b', 'd'), table(3, 'e', 'f')] });
  const deleted = [
    { level: 1, fileNumber: 1 },
    { level: 2, fileNumber: 2 },
    { level: 2, fileNumber: 3 },
  ];
  const { epoch: _, ...output } = table(9, 'a', 'f');
  assert.deepEqual(editOf(task, [output]), { added: [{ level: 2, table: table(9, 'a', 'f') }], deleted });
  assert.deepEqual(editOf(task, []), { added: [], deleted });
});

test('the edit of a drop only deletes', () => {
  const task: CompactionTask = {
    kind: 'drop',
    inputs: [{ level: 2, tables: [table(1, 'a', 'c')] }],
    reason: 'test',
  };
  assert.deepEqual(editOf(task), { added: [], deleted: [{ level: 2, fileNumber: 1 }] });
});

test('the highest level in use is the first with a table, or the output of a running task', () => {
  assert.equal(highestUsedLevel(Version.empty(7), []), 6);
  const version = versionOf({ 5: [table(1, 'a', 'c')] });
  assert.equal(highestUsedLevel(version, []), 5);
  assert.equal(highestUsedLevel(version, [merge(3, { 0: [l0Table(1, 2, 'a', 'c')] })]), 3);
  assert.equal(highestUsedLevel(version, [merge(6, { 0: [l0Table(1, 2, 'a', 'c')] })]), 5);
});

test('targets fall by the ratio from the last level up to the base level', () => {
  const version = versionOf({ 6: [table(1, 'a', 'c', { fileBytes: 40_000 })] });
  assert.deepEqual(levelTargets(version, OPTIONS, []), {
    baseLevel: 4,
    neededLevel: 4,
    bytes: [0, 0, 0, 0, 400, 4000, 40_000],
  });
});

test('a base level above the needed one has no target', () => {
  const version = versionOf({ 2: [table(2, 'a', 'c')], 6: [table(1, 'a', 'c')] });
  assert.deepEqual(levelTargets(version, OPTIONS, []), {
    baseLevel: 2,
    neededLevel: 6,
    bytes: [0, 0, 0, 0, 0, 0, 1000],
  });
});

test('a merge knows every older table around it that it does not take', () => {
  const upper = table(1, 'c', 'm');
  const lower = table(2, 'f', 'h');
  const version = versionOf({
    1: [table(8, 'a', 'z')],
    2: [upper, table(3, 'n', 'z')],
    3: [lower],
    4: [table(4, 'a', 'c'), table(5, 'd', 'e'), table(6, 'n', 'z')],
    6: [table(7, 'm', 'p')],
  });
  const context = mergeContext(version, merge(3, { 2: [upper], 3: [lower] }), [5], OPTIONS);
  const text = (range: { smallest: Uint8Array; largest: Uint8Array }): string =>
    new TextDecoder().decode(Uint8Array.of(...range.smallest, 0x2d, ...range.largest));
  assert.deepEqual(
    context.older.map((run) => run.map(text)),
    [['a-c', 'd-e'], ['m-p']],
  );
  assert.deepEqual(context.grandparents.map(text), ['a-c', 'd-e']);
  assert.deepEqual(context.snapshots, [5]);
});

test('a merge out of L0 knows the older tables of L0 that it leaves behind, and not the newer ones', () => {
  const taken = l0Table(3, 3, 'c', 'f');
  const version = versionOf({
    0: [l0Table(4, 4, 'a', 'z'), taken, l0Table(2, 2, 'f', 'z'), l0Table(1, 1, 'g', 'z')],
  });
  const context = mergeContext(version, merge(6, { 0: [taken] }), [], OPTIONS);
  assert.deepEqual(
    context.older.map((run) => run.map(({ smallest }) => smallest[0])),
    [['f'.charCodeAt(0)]],
  );
});
