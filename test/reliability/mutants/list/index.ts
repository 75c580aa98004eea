/** All mutants, in the order of what they break. */
import type { Mutant } from '../mutant.ts';
import { CHECK_MUTANTS } from './checks.ts';
import { FILE_MUTANTS } from './files.ts';
import { ORDER_MUTANTS } from './order.ts';
import { SEQUENCE_MUTANTS } from './sequences.ts';
import { SYNC_MUTANTS } from './syncs.ts';

export const MUTANTS: readonly Mutant[] = [
  ...SYNC_MUTANTS,
  ...ORDER_MUTANTS,
  ...CHECK_MUTANTS,
  ...SEQUENCE_MUTANTS,
  ...FILE_MUTANTS,
];
