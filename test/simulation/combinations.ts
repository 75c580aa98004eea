/** Which combinations of a number of choices are tried: all of them where they are few. */
import type { Random } from '../support/random.ts';

export interface Sampling {
  readonly random: Random;
  /** All combinations are given if there are at most so many. Default 1024: ten choices between two. */
  readonly exhaustive?: number;
  /** How many random ones are added to the telling ones where there are more. Default 64. */
  readonly samples?: number;
  /** At most so many are given; where there are more, telling and random ones take turns. Default: no limit. */
  readonly limit?: number;
}

/** One option of each choice: 0 is the oldest, the last one the newest. */
export type Combination = readonly number[];

/**
 * Combinations of choices that have so many options each, in the order in which they came up. Where there are
 * too many for all: everything old, everything new, one choice alone old or new, everything new up to some
 * choice, and random ones. Some may come twice.
 */
export function* combinations(options: readonly number[], sampling: Sampling): Generator<Combination> {
  const { random, exhaustive = 1024, samples = 64, limit = Infinity } = sampling;
  const count = options.reduce((product, number) => product * number, 1);
  if (count <= Math.min(exhaustive, limit)) {
    yield* everyCombination(options);
    return;
  }
  const telling = 2 + 3 * options.length;
  if (limit < telling + samples) {
    for (let i = 0; i < limit; i++) {
      const isTelling = i % 2 === 0;
      yield isTelling ? tellingCombination(options, random.below(telling)) : anyCombination(options, random);
    }
    return;
  }
  for (let index = 0; index < telling; index++) yield tellingCombination(options, index);
  for (let i = 0; i < samples; i++) yield anyCombination(options, random);
}

function* everyCombination(options: readonly number[]): Generator<Combination> {
  const at = options.map(() => 0);
  for (;;) {
    yield [...at];
    let digit = 0;
    while (digit < at.length && at[digit] === options[digit] - 1) at[digit++] = 0;
    if (digit === at.length) return;
    at[digit] += 1;
  }
}

function tellingCombination(options: readonly number[], index: number): Combination {
  if (index === 0) return options.map(() => 0);
  if (index === 1) return options.map((number) => number - 1);
  const special = Math.floor((index - 2) / 3);
  const kind = (index - 2) % 3;
  return options.map((number, choice) => {
    const isNew = kind === 0 ? choice === special : kind === 1 ? choice !== special : choice <= special;
    return isNew ? number - 1 : 0;
  });
}

function anyCombination(options: readonly number[], random: Random): Combination {
  return options.map((number) => random.below(number));
}
