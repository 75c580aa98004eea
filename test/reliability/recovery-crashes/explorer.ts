/**
 * Crashes during recovery: a state that a crash left is recovered from and written to, and that crashes as well,
 * at any operation; some of what that leaves crashes a third time. Until the first new write is promised, every
 * later recovery has to come to exactly what the first one came to; what is recovered twice from the same
 * bytes is the same.
 *
 * The cases are the scripted lives and the sequences of three operations in turn, and random lives in between;
 * in each a few states are taken, from all over it, and all cuts of their recovery are explored.
 */
import assert from 'node:assert/strict';
import type { CrashState } from '../../simulation/crash-states.ts';
import { PROFILES } from '../../simulation/crash-states.ts';
import { Random } from '../../support/random.ts';
import { CrashPoints } from '../crash-points/crash-points.ts';
import { History } from '../crash-points/history.ts';
import { contentsOf, Life } from '../crash-points/life.ts';
import { liveAtRandom } from '../crash-points/random-life.ts';
import { SCRIPTS } from '../crash-points/scripts.ts';
import { preparedLife, SEQUENCES, sequence } from '../crash-points/sequences.ts';
import type { Counts, Explorer } from '../explorer.ts';

/** Of each case so many first crashes are followed up. */
const FIRST_CRASHES = 2;
/** And of the second ones so many again. */
const SECOND_CRASHES = 1;
const STATES_PER_CUT = 1;

const SCRIPTED = Object.values(SCRIPTS);

export const explorer: Explorer = {
  name: 'recovery-crashes',
  unit: 'crashes during recovery',
  budget: { test: 5_000, long: 200_000 },
  async explore(seed) {
    const random = new Random(seed);
    const states = await crash(seed, random);
    const counts: Record<string, number> = { [explorer.unit]: 0, cuts: 0, 'third crashes': 0 };
    for (const state of states) {
      const second = crashAgain(state, random, SECOND_CRASHES);
      add(counts, second.counts);
      for (const again of second.states) {
        const third = crashAgain(again, random, 0);
        add(counts, third.counts);
        counts['third crashes'] += third.counts['crash states'];
      }
    }
    return counts;
  },
};

/** A life, and some of the states in which crashes can leave it. */
async function crash(seed: number, random: Random): Promise<CrashState[]> {
  const kind = seed % 3;
  const index = Math.floor(seed / 3);
  const life = kind === 1 ? preparedLife({ seed }) : new Life({ seed });
  const sample = new Reservoir(FIRST_CRASHES, random);
  life.disk.beforeOperation = () => {
    if (life.needsRepair) return;
    const profile = PROFILES[random.below(PROFILES.length)];
    for (const state of life.disk.crashStates(profile, { random, limit: STATES_PER_CUT }))
      sample.offer(state);
  };
  if (kind === 0) await SCRIPTED[index % SCRIPTED.length](life);
  else if (kind === 2) await liveAtRandom(life, random);
  else {
    life.open();
    // Scattered over all of them, since the neighbours of a sequence are much like it.
    for (const step of sequence((index * 389) % SEQUENCES)) step(life);
  }
  life.disk.beforeOperation = undefined;
  life.db.close();
  return sample.items;
}

/** Recovers from a state and writes a little, with all crashes on the way, and returns some of their states. */
function crashAgain(
  state: CrashState,
  random: Random,
  wanted: number,
): { readonly counts: Counts; readonly states: readonly CrashState[] } {
  const start = recoverOnce(state, random);
  assert.deepEqual(recoverOnce(state, random), start, 'what is recovered twice is the same');
  const life = new Life({ image: state.image, history: new History(start), seed: random.below(1000) });
  const sample = new Reservoir(wanted, random);
  const points = new CrashPoints(life, {
    random,
    statesPerCut: STATES_PER_CUT,
    profiles: () => [PROFILES[random.below(PROFILES.length)]],
    onState: (again) => sample.offer(again),
  });
  points.exploring = true;
  life.open();
  life.put('a', 20);
  life.put('new', 700, random.oneIn(2));
  life.put('newer', 700);
  points.explorePresent();
  points.exploring = false;
  life.db.close();
  assert.deepEqual(life.violations, []);
  return { counts: points.counts, states: sample.items };
}

function recoverOnce({ image }: CrashState, random: Random): Map<string, string> {
  const life = new Life({ image, seed: random.below(1000) });
  life.open();
  const contents = contentsOf(life.db);
  life.db.close();
  return contents;
}

function add(counts: Record<string, number>, { 'crash states': states, cuts }: Counts): void {
  counts[explorer.unit] += states;
  counts.cuts += cuts;
}

/** So many of all that are offered, each with the same chance. (Vitter's algorithm R, 1985.) */
class Reservoir {
  readonly items: CrashState[] = [];
  readonly #wanted: number;
  readonly #random: Random;
  #offered = 0;

  constructor(wanted: number, random: Random) {
    this.#wanted = wanted;
    this.#random = random;
  }

  offer(item: CrashState): void {
    this.#offered += 1;
    if (this.items.length < this.#wanted) this.items.push(item);
    else {
      const at = this.#random.below(this.#offered);
      if (at < this.#wanted) this.items[at] = item;
    }
  }
}
