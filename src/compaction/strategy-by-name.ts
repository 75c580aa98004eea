import { LsmError } from '../errors.ts';
import { leveled } from './leveled.ts';
import { simpleLeveled } from './simple-leveled.ts';
import type { Strategy } from './strategy.ts';

const STRATEGIES: readonly Strategy[] = [leveled, simpleLeveled];

/** @throws LsmError `LSM_INVALID_ARGUMENT` for a name that no strategy has. */
export function strategyByName(name: string): Strategy {
  const strategy = STRATEGIES.find((candidate) => candidate.name === name);
  if (strategy !== undefined) return strategy;
  const known = STRATEGIES.map((candidate) => candidate.name).join(', ');
  throw new LsmError('LSM_INVALID_ARGUMENT', `unknown compaction strategy; known are ${known}`);
}
