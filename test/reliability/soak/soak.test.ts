import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { inScratchDirectory } from '../../support/scratch-directory.ts';
import { complaints, type Sample } from './resources.ts';
import { soak } from './soak.ts';

const OPERATIONS = 10_000;

describe('a short soak', () => {
  it('finds nothing lost, nothing wrong and nothing that grows', async (t) => {
    const { SEED: seed = '1' } = process.env;
    const report = await inScratchDirectory((directory) =>
      soak({ seed: Number(seed), directory, goesOn: (operations) => operations < OPERATIONS }),
    );
    t.diagnostic(JSON.stringify(report));
    assert.deepEqual(report.complaints, []);
    assert.ok(report.crashes > 0 && report.failedWrites > 0 && report.verified > 0);
  });
});

describe('what a soak measures', () => {
  const steady = Array.from(
    { length: 60 },
    (_, i): Sample => ({
      seconds: i * 60,
      residentBytes: (100 + (i % 7)) * 2 ** 20,
      descriptors: 20,
      files: 30 + (i % 10),
    }),
  );

  it('is fine when it goes up and down', () => {
    assert.deepEqual(complaints(steady, 100), []);
  });

  for (const [what, grow] of [
    [
      'resident memory',
      (sample, i) => ({ ...sample, residentBytes: sample.residentBytes + 2 * i * 2 ** 20 }),
    ],
    ['descriptors', (sample, i) => ({ ...sample, descriptors: 20 + Math.floor(i / 20) })],
    ['files', (sample, i) => ({ ...sample, files: 30 + 2 * i })],
  ] as const satisfies readonly [string, (sample: Sample, i: number) => Sample][]) {
    it(`is reported when ${what} grow`, () => {
      const found = complaints(steady.map(grow), 100);
      assert.equal(found.length, 1);
      assert.match(found[0], new RegExp(what));
    });
  }
});
