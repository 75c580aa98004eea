/**
 * What a crash may leave, as the contract says it: after a power cut, the state that was durable and any number
 * of the commits that followed, from the first on; after failures, every commit that was acknowledged, and of
 * those that failed for the disk's sake each may be there or not.
 */
import { entryPrint, fingerprint } from './fingerprint.ts';
import type { KeyPool } from './key-pool.ts';
import { type Commit, type State, statePrint } from './model.ts';

/** `refused` was not even tried, as the database was read-only. */
export type Fate = 'acknowledged' | 'failed' | 'refused';

/** The prints of all states that may be there, and how many of the commits each of them has. */
export function prefixes(before: State, commits: readonly Commit[], pool: KeyPool): Map<number, number> {
  const state = [...before];
  const found = new Map([[statePrint(state, pool), 0]]);
  for (const [at, commit] of commits.entries()) {
    apply(commit, state);
    found.set(statePrint(state, pool), at + 1);
  }
  return found;
}

/** The prints of all states that may be there after some commits failed. */
export function survivors(
  before: State,
  commits: readonly Commit[],
  fates: readonly Fate[],
  pool: KeyPool,
): Set<number> {
  let states: State[] = [before];
  for (const [at, commit] of commits.entries()) {
    const fate = fates[at];
    if (fate === 'refused') continue;
    const after = states.map((state) => apply(commit, [...state]));
    states = fate === 'acknowledged' ? after : [...states, ...after];
  }
  return new Set(states.map((state) => statePrint(state, pool)));
}

/** The print of all that a database holds. */
export function contentsPrint(entries: Iterable<readonly [key: Uint8Array, value: Uint8Array]>): number {
  let sum = 0;
  for (const [key, value] of entries) sum = (sum + entryPrint(fingerprint(key), fingerprint(value))) | 0;
  return sum;
}

function apply<Changing extends State[number][]>(commit: Commit, state: Changing): Changing {
  for (const [key, value] of commit) state[key] = value;
  return state;
}
