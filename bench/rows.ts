/**
 * The rows of the benchmark: what each does, on how many operations, and by which calls of either engine.
 *
 * The number of operations is fixed before the run and the same for both engines. Rows that classic-level
 * does at some ten thousand a second are capped, so that a run of a million entries takes minutes.
 */

export interface RowDescription {
  /** The database it works on: an empty one of its own, or the one that holds all entries. */
  readonly database: 'empty' | 'loaded';
  /** The most operations that are measured; at most as many as there are entries. */
  readonly cap: number;
  /** By which calls, for the reader of the table. */
  readonly miniLsm: string;
  readonly classicLevel: string;
}

export type RowName =
  | 'fillseq'
  | 'fillrandom'
  | 'fillbatch'
  | 'readrandom'
  | 'readrandomasync'
  | 'readmissing'
  | 'readseq'
  | 'readreverse'
  | 'seekrandom'
  | 'scanrandom'
  | 'overwrite'
  | 'deleterandom';

/** In the order in which they run: what changes the loaded database comes after what reads it. */
const ROWS: Readonly<Record<RowName, RowDescription>> = {
  fillseq: row('empty', 200_000, 'put', 'await put'),
  fillrandom: row('empty', 200_000, 'put', 'await put'),
  fillbatch: row('empty', Infinity, 'write, 1,000 a batch', 'await batch, 1,000 a batch'),
  readrandom: row('loaded', 500_000, 'get', 'getSync'),
  readrandomasync: row('loaded', 100_000, 'get', 'await get'),
  readmissing: row('loaded', 500_000, 'get', 'getSync'),
  readseq: row('loaded', Infinity, 'scan', 'iterator, nextv(1000)'),
  readreverse: row('loaded', Infinity, 'scan, reverse', 'iterator, reverse, nextv(1000)'),
  seekrandom: row('loaded', 30_000, 'cursor: seek, 10 times next', 'iterator: seek, nextv(10)'),
  scanrandom: row('loaded', 30_000, 'scan({ gte, limit: 10 })', 'iterator({ gte, limit: 10 }).all()'),
  overwrite: row('loaded', 200_000, 'put', 'await put'),
  deleterandom: row('loaded', 200_000, 'delete', 'await del'),
};

export const ROW_NAMES: readonly RowName[] = Object.keys(ROWS).filter(isRowName);

export function isRowName(name: string): name is RowName {
  return Object.hasOwn(ROWS, name);
}

export function describeRow(name: RowName): RowDescription {
  return ROWS[name];
}

/** How many operations are measured; a read of an entry by a scan counts as one. */
export function operationsOf(name: RowName, entries: number): number {
  return Math.min(entries, ROWS[name].cap);
}

function row(
  database: RowDescription['database'],
  cap: number,
  miniLsm: string,
  classicLevel: string,
): RowDescription {
  return { database, cap, miniLsm, classicLevel };
}
