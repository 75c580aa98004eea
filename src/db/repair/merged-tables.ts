/**
 * Merges tables of which nobody knows the levels any more into one sorted run. The sequence numbers in them
 * say which version of a key is the newest; the tables as a whole cannot be put in an order that does, since
 * compactions mix old and new. Entries that stand in several tables (in the inputs of a compaction and in its
 * output) are taken once.
 *
 * Nothing is older than what is merged, so tombstones go, with all that they hide. Memory is bounded: so many
 * runs are merged at a time, block by block.
 */
import { compareKeys } from '../../bytes/compare.ts';
import type { JobEnvironment } from '../../compaction/job.ts';
import type { MergeContext } from '../../compaction/merge-context.ts';
import { runMerge } from '../../compaction/merge-job.ts';
import type { TableSummary } from '../../sstable/table-summary.ts';
import { hullOf, type UserKeyRange, withEpoch } from '../../version/table-meta.ts';

/** Tables whose ranges ascend and do not overlap. */
type Run = readonly TableSummary[];

/** Runs that are merged at a time; each takes 256 KiB to read ahead. */
const MOST_RUNS = 64;

/** The tables of the run; the given ones themselves if they are a run already. */
export function mergeTables(
  environment: JobEnvironment,
  tables: readonly TableSummary[],
  tableBytes: number,
  mostRuns: number = MOST_RUNS,
): Run {
  const runs = sortedRuns(tables);
  while (runs.length > mostRuns) {
    const some = runs.splice(0, mostRuns);
    // What lies in the other runs may be older, so tombstones stay in these: everything may be outside.
    const everything = hullOf(some.flat()) as UserKeyRange;
    runs.push(mergeRuns(environment, some, tableBytes, [[everything]]));
  }
  return runs.length > 1 ? mergeRuns(environment, runs, tableBytes, []) : runs.flat();
}

function mergeRuns(
  environment: JobEnvironment,
  runs: readonly Run[],
  tableBytes: number,
  older: MergeContext['older'],
): Run {
  const inputs = runs.map((run) => ({ level: 1, tables: run.map((table) => withEpoch(table, 0)) }));
  return runMerge(
    environment,
    { kind: 'merge', inputs, outputLevel: 1, reason: 'repair' },
    { snapshots: [], older, grandparents: [], tableBytes, maxGrandparentBytes: Number.POSITIVE_INFINITY },
  ).tables;
}

/** Deals tables to as few runs as it takes: each goes to the first one that ends before it. */
function sortedRuns(tables: readonly TableSummary[]): Run[] {
  const runs: TableSummary[][] = [];
  for (const table of tables.toSorted((a, b) => compareKeys(a.smallest, b.smallest))) {
    const run = runs.find((other) => compareKeys(other[other.length - 1].largest, table.smallest) < 0);
    if (run === undefined) runs.push([table]);
    else run.push(table);
  }
  return runs;
}
