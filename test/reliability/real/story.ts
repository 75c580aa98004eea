/**
 * What a process does to a database before something ends it: steps without end, the same for the same seed,
 * so that whoever hears how many were done knows what must be there.
 */
import { Random } from '../../support/random.ts';
import type { Write } from '../../support/writes.ts';

export type Step =
  | { readonly kind: 'write'; readonly writes: readonly Write[]; readonly sync: boolean }
  | { readonly kind: 'sync' | 'flush' | 'compact' }
  /** A copy under a name of its own, next to the database. */
  | { readonly kind: 'checkpoint'; readonly name: string };

/** How often, once in so many steps, each kind of step comes; 0 for never. */
export interface Plot {
  readonly sync: number;
  readonly flush: number;
  readonly compact: number;
  readonly checkpoint: number;
}

/** So many keys that a state is read in a millisecond, and so few that everything is overwritten again. */
const KEYS = 300;

export function* story(seed: number, plot: Plot): Generator<Step, never> {
  const random = new Random(seed);
  const now = (times: number): boolean => times > 0 && random.oneIn(times);
  for (let at = 0; ; at++) {
    if (now(plot.compact)) yield { kind: 'compact' };
    else if (now(plot.checkpoint)) yield { kind: 'checkpoint', name: `checkpoint-${seed}-${at}` };
    else if (now(plot.flush)) yield { kind: 'flush' };
    else if (now(plot.sync * 4)) yield { kind: 'sync' };
    else yield { kind: 'write', writes: someWrites(random, `${seed} ${at}`), sync: now(plot.sync) };
  }
}

/** Values start with where they come from: no two are alike. */
function someWrites(random: Random, origin: string): Write[] {
  const count = random.oneIn(5) ? 1 + random.below(20) : 1;
  return Array.from({ length: count }, (_, at) => {
    const key = `key ${random.below(KEYS)}`;
    if (random.oneIn(4)) return [key, undefined] as const;
    const length = random.oneIn(100) ? 20_000 : random.below(200);
    return [key, `${origin} ${at} `.padEnd(length, 'x')] as const;
  });
}

/** Whether everything up to and with this step survives a power cut once it is acknowledged. */
export function isDurable(step: Step): boolean {
  return step.kind === 'write' ? step.sync : true;
}
