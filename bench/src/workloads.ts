/** All workloads by name, in the order in which they run. */
import { DB_BENCH } from './workloads/db-bench.ts';
import { OTHERS } from './workloads/others.ts';
import type { Workload } from './workloads/workload.ts';
import { YCSB } from './workloads/ycsb.ts';

const ALL: Readonly<Record<string, Workload>> = { ...DB_BENCH, ...YCSB, ...OTHERS };

/** The loaded database is read before it is written to. */
function turn({ database, calls }: Workload): number {
  if (database === 'empty') return 0;
  if (database === 'own') return 3;
  return calls.includes('put') || calls.includes('batch') ? 2 : 1;
}

export const WORKLOADS: Readonly<Record<string, Workload>> = Object.fromEntries(
  Object.entries(ALL).sort(([, one], [, other]) => turn(one) - turn(other)),
);

export const WORKLOAD_NAMES: readonly string[] = Object.keys(WORKLOADS);

/** What runs where nothing else is asked for. */
export const DEFAULT_GROUPS = ['db_bench', 'ycsb', 'mixed'] as const;

/** The workloads of a list of names and groups. @throws Error for one that there is not. */
export function workloadsNamed(names: readonly string[]): readonly string[] {
  for (const name of names) {
    const isKnown = WORKLOAD_NAMES.some((known) => known === name || WORKLOADS[known].group === name);
    if (!isKnown) {
      throw new Error(`there is no workload ${name}; there are ${WORKLOAD_NAMES.join(', ')}`);
    }
  }
  return WORKLOAD_NAMES.filter((name) => names.includes(name) || names.includes(WORKLOADS[name].group));
}
