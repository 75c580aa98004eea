/**
 * Crash points: a database may die, or its disk lose power, at every operation. Whatever the disk has then,
 * recovery gives the contents after some number of commits, whole ones, in their order: all that were
 * acknowledged if only the process died, all that were acknowledged after a sync if the power failed.
 *
 * The first cases are all sequences of up to three operations and the scripted lives, with a few states at each
 * cut; then the same with all states, or many where they are too many; then random lives.
 */
import type { Explorer } from '../explorer.ts';
import { exploreRandomLife, exploreScript, exploreSequence } from './cases.ts';
import { SCRIPTS } from './scripts.ts';
import { SEQUENCES } from './sequences.ts';

const FEW_STATES = 2;
const SCRIPT_NAMES = Object.keys(SCRIPTS);
const SYSTEMATIC = SEQUENCES + SCRIPT_NAMES.length;

export const explorer: Explorer = {
  name: 'crash-points',
  unit: 'crash states',
  // The short run gets through all sequences and all scripts.
  budget: { test: 55_000, long: 2_000_000 },
  explore(seed) {
    const round = Math.floor(seed / SYSTEMATIC);
    if (round >= 2) return exploreRandomLife(seed);
    const index = seed % SYSTEMATIC;
    const statesPerCut = round === 0 ? FEW_STATES : undefined;
    if (index < SEQUENCES) return exploreSequence(index, { seed, statesPerCut });
    return exploreScript(SCRIPT_NAMES[index - SEQUENCES], { seed, statesPerCut });
  },
};
