/**
 * Every decoder, whatever bytes it is given: it decodes or refuses them as promised, within bounds of time and
 * memory that the length of the input sets. Coverage-guided fuzzing: a case is a session with one decoder, which
 * starts from what a writer makes and from the corpus, and goes where its random numbers take it.
 *
 * The first case of each decoder is short, for every test run; later ones are long, since what a session has
 * learned is lost at its end. What several should know goes into the corpus.
 */
import type { Counts, Explorer } from '../explorer.ts';
import { corpusOf } from './corpus.ts';
import { loadCounted } from './load-counted.ts';

/** Executions of each decoder in the long run. */
const LONG = 10_000_000;
const LONG_SESSION = 500_000;
const FIRST_SESSION = 50_000;

const { counters, Session, targets } = await loadCounted();

function executionsOf(seed: number): number {
  if (seed >= targets.length) return LONG_SESSION;
  return targets[seed].firstSession ?? FIRST_SESSION;
}

async function explore(seed: number): Promise<Counts> {
  const target = targets[seed % targets.length];
  const session = new Session(target, counters, seed);
  const { executions } = await session.run([...corpusOf(target.name).values()], executionsOf(seed));
  return { executions };
}

export const explorer: Explorer = {
  name: 'decoders',
  unit: 'executions',
  budget: {
    test: targets.reduce((sum, _, seed) => sum + executionsOf(seed), 0),
    long: targets.length * LONG,
  },
  explore,
};
