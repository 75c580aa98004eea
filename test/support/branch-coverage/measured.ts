/** What branch coverage is measured of, and the environment variable that asks for it. */

/** The folders and files of which every branch must be tested: beginnings of their paths. */
export const MEASURED: readonly string[] = [
  'src/log/',
  'src/wal/',
  'src/sstable/',
  'src/version/',
  'src/db/open-database',
  'src/db/recovery',
  'src/db/repair/',
  'src/db/replayed-entries',
  'src/db/replayed-tables',
];

/** Names the directory where each process leaves its counts. */
export const COVERAGE_VARIABLE = 'MINI_LSM_COVERAGE';

/** The counts of a process, by module: one for each counter. */
export type ProcessCounts = Readonly<Record<string, readonly number[]>>;
