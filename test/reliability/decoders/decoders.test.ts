import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { COUNTED } from '../../support/instrument/contract.ts';
import { exploreInTest } from '../explore-in-test.ts';
import { corpusOf } from './corpus.ts';
import { explorer } from './explorer.ts';
import { loadCounted } from './load-counted.ts';
import type { BadDecoding } from './session.ts';
import type { Target } from './target.ts';
import type * as Toys from './toys.ts';

const { counters, Session, targets } = await loadCounted();
const toys: typeof Toys = await import(new URL(`toys.js${COUNTED}`, import.meta.url).href);

describe('the corpus: inputs that showed something wrong are decoded or refused as promised', () => {
  for (const target of targets) {
    for (const [meaning, bytes] of corpusOf(target.name)) {
      test(`${target.name}: ${meaning}`, async () => {
        await new Session(target, counters, 0).run([bytes], 0);
      });
    }
  }
});

describe('fuzzing finds', () => {
  const finds = (what: string, target: Target, pattern: RegExp): void => {
    test(what, async () => {
      const found = await fault(target);
      assert.match(found.message, pattern);
      assert.equal((await fault(target)).message, found.message, 'the same seed finds the same');
    });
  };
  finds('its way to an exception behind several comparisons', toys.CRASHES, /undefined/);
  finds('a decoder that never ends', toys.TURNS_FOR_EVER, /one place was passed/);
  finds('one that takes longer than its input explains', toys.SLOW, /steps were made/);
  finds('one that allocates what a length says', toys.GREEDY, /bytes were allocated/);
  finds('an error that repeats data', toys.TALKATIVE, /tells of data/);
  finds('a wrong result', toys.WRONG, /seven is a number/);
  finds('an error of another kind than was promised', toys.UNTYPED, /should not happen/);
});

async function fault(target: Target): Promise<BadDecoding> {
  try {
    await new Session(target, counters, 1).run([], 100_000);
  } catch (error) {
    if ((error as Error).name === 'BadDecoding') return error as BadDecoding;
    throw error;
  }
  assert.fail(`nothing was found in the decoder that ${target.name}`);
}

exploreInTest(
  'decoders decode or refuse whatever bytes they are given, within bounds of time and memory',
  explorer,
);
