/** The lives whose crashes are explored: sequences of operations, scripts, and random ones. */
import type { FileSystem } from '../../../src/fs/file-system.ts';
import { Random } from '../../support/random.ts';
import type { Counts } from '../explorer.ts';
import { CrashPoints } from './crash-points.ts';
import { Life } from './life.ts';
import { liveAtRandom } from './random-life.ts';
import { SCRIPTS } from './scripts.ts';
import { preparedLife, sequence } from './sequences.ts';

export interface CaseSettings {
  readonly seed: number;
  /** How many states are tried at a cut under each profile. Default: all, or many where they are too many. */
  readonly statesPerCut?: number | undefined;
  /** Stands between the database and its disk. */
  readonly layer?: (disk: FileSystem) => FileSystem;
}

/** Only the crashes of the last step: the others are the last of a shorter sequence. */
export function exploreSequence(index: number, settings: CaseSettings): Counts {
  const steps = sequence(index);
  const life = preparedLife(settings);
  const points = pointsOf(life, settings);
  points.exploring = index === 0;
  life.open();
  for (const step of steps.slice(0, -1)) step(life);
  points.exploring = true;
  steps.at(-1)?.(life);
  return finish(life, points);
}

export async function exploreScript(name: string, settings: CaseSettings): Promise<Counts> {
  const life = new Life(settings);
  const points = pointsOf(life, settings);
  points.exploring = true;
  await SCRIPTS[name](life);
  return finish(life, points);
}

export async function exploreRandomLife(seed: number): Promise<Counts> {
  const random = new Random(seed);
  const life = new Life({ seed });
  const points = new CrashPoints(life, { random, statesPerCut: 1 + random.below(12) });
  points.exploring = true;
  await liveAtRandom(life, random);
  return finish(life, points);
}

function pointsOf(life: Life, { seed, statesPerCut }: CaseSettings): CrashPoints {
  return new CrashPoints(life, { random: new Random(seed), statesPerCut });
}

function finish(life: Life, points: CrashPoints): Counts {
  points.explorePresent();
  if (life.violations.length > 0) throw new Error(life.violations.join('\n'));
  points.exploring = false;
  life.db.close();
  return points.counts;
}
