import assert from 'node:assert/strict';
import { test } from 'node:test';
import { editOf } from '../../src/compaction/compaction-task.ts';
import { MANUAL_START, type ManualProgress, nextManualStep } from '../../src/compaction/manual.ts';
import { strategyByName } from '../../src/compaction/strategy-by-name.ts';
import { FULL_RANGE } from '../../src/keys/key-range.ts';
import { checkVersion } from '../../src/version/check-version.ts';
import { hullOf } from '../../src/version/table-meta.ts';
import { expectError } from '../support/expect-error.ts';
import { type PickerInput, parseSetup, readCases, showTask, writeCases } from './picker-cases.ts';

const update = process.env.UPDATE_EXPECTED === '1';

function runCases(file: string, run: (input: PickerInput) => string): void {
  const cases = readCases(file);
  if (update) {
    writeCases(
      file,
      cases.map((c) => ({ ...c, expected: run(parseSetup(c.setup)) })),
    );
    return;
  }
  for (const { name, setup, expected } of cases) {
    test(`${file}: ${name}`, () => {
      const input = parseSetup(setup);
      assert.equal(run(input), expected);
    });
  }
}

for (const name of ['leveled', 'simple-leveled']) {
  const strategy = strategyByName(name);
  runCases(`${name}.txt`, ({ version, options, running }) =>
    showTask(strategy.pick(version, options, running)),
  );
}

/** All the steps of a manual compaction; a merge is taken to write one table of its hull without garbage. */
runCases('manual.txt', ({ version: start, options, running }) => {
  let version = start;
  let progress: ManualProgress = MANUAL_START;
  let nextFile = 100;
  const lines: string[] = [];
  for (;;) {
    const step = nextManualStep(version, options, FULL_RANGE, progress, running);
    if (step.kind !== 'task') return [...lines, step.kind].join('\n');
    lines.push(showTask(step.task));
    progress = step.progress;
    const inputs = step.task.kind === 'move' ? [] : step.task.inputs.flatMap(({ tables }) => tables);
    const hull = hullOf(inputs);
    const outputs =
      hull === undefined
        ? []
        : [{ ...inputs[0], ...hull, fileNumber: nextFile++, tombstoneCount: 0, keyCount: 10 }];
    version = version.apply(editOf(step.task, outputs));
    checkVersion(version);
  }
});

test('an unknown strategy is refused, and the known ones are named', () => {
  assert.match(expectError('LSM_INVALID_ARGUMENT', () => strategyByName('tired')).message, /simple-leveled/);
});
