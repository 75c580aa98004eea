/** Declares the test of an explorer: its first cases, or with `SEED` in the environment that one alone. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inspect } from 'node:util';
import { describeCounts, type Explorer, exploreMany, exploreOne, seedOf } from './explorer.ts';

export function exploreInTest(sentence: string, explorer: Explorer): void {
  test(sentence, async (t) => {
    const missing = explorer.missing?.();
    if (missing !== undefined) {
      t.skip(missing);
      return;
    }
    const { SEED: text } = process.env;
    if (text !== undefined) {
      const seed = seedOf(text);
      assert.ok(seed !== undefined, `SEED must be a whole number from 0, not ${text}`);
      t.diagnostic(describeCounts(await exploreOne(explorer, seed)));
      return;
    }
    const units = explorer.budget.test;
    const counts = await exploreMany(explorer, { from: 0, step: 1, units }).catch((found: unknown) => {
      t.diagnostic(inspect(found)); // test reports leave out the cause
      throw found;
    });
    assert.ok(counts[explorer.unit] >= units);
    t.diagnostic(`${describeCounts(counts)}; npm run repro ${explorer.name} <seed> repeats a case`);
  });
}
