/**
 * What a benchmark beside classic-level is made of: a table of rows, and what is said about it. Each row knows
 * what it does, on how many operations, and by which calls of either engine.
 *
 * The number of operations is fixed before the run and the same for both engines. Rows that classic-level
 * does at some ten thousand a second are capped, so that a run of a million entries takes minutes.
 */
import type { Measurement } from './clock.ts';
import type { Engine, EngineName } from './engine.ts';
import type { Pass } from './pass.ts';
import type { Encoding } from './workload.ts';

/** What of a row is told to those who do not run it. */
export interface RowDescription {
  /** The database it works on: an empty one of its own, or the one that holds all entries. */
  readonly database: 'empty' | 'loaded';
  /** The most operations that are measured; at most as many as there are entries. */
  readonly cap: number;
  /** By which calls, for the reader of the table. */
  readonly calls: Readonly<Record<EngineName, string>>;
  /** How many times as fast as classic-level the project wants to be; undefined where it wants nothing. */
  readonly target?: number | undefined;
}

export interface Row<E extends Engine> extends RowDescription {
  readonly run: (pass: Pass, engine: E) => Promise<Measurement>;
}

/** By name, in the order in which they run: what changes the loaded database comes after what reads it. */
export type Rows<R extends RowDescription> = Readonly<Record<string, R>>;

/** How much memory classic-level may take for blocks: as much as mini-lsm by default, or its own default. */
export type Cache = 'equal' | 'default';

/** A benchmark, as the process that runs it needs it. */
export interface Suite {
  /** The first line of its help. */
  readonly title: string;
  /** The module in which an engine of it lives, beside this one. */
  readonly child: string;
  readonly rows: Rows<RowDescription>;
  readonly durability: string;
  readonly defaults: { readonly encoding: Encoding; readonly cache: Cache };
}

/** How many operations are measured; a read of an entry by a scan counts as one. */
export function operationsOf({ cap }: RowDescription, entries: number): number {
  return Math.min(entries, cap);
}
