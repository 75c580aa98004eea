/** What every workload says of itself. */
import type { Call, Engine } from '../engine.ts';
import type { Pass, Timing } from '../pass.ts';
import type { Durability } from '../result.ts';

export interface Workload {
  readonly group: 'db_bench' | 'ycsb' | 'mixed' | 'level' | 'load';
  /** What an operation is, for the reader. */
  readonly description: string;
  /**
   * What it works on: an empty database; the one that was loaded for all that leave its keys as they are; or a loaded
   * one of its own.
   */
  readonly database: 'empty' | 'loaded' | 'own';
  readonly durability: Exclude<Durability, 'memory'>;
  /** The calls of an engine that it needs. */
  readonly calls: readonly Call[];
  /** The most operations; there are never more than entries. */
  readonly cap?: number;
  /** Goes on until all operations are done, however long that takes. */
  readonly unhurried?: boolean;
  readonly run: Run;
}

/** A pass over an open database, or the opening itself: of one that was closed, or of what a crash leaves behind. */
export type Run =
  | { readonly kind: 'pass'; readonly run: (pass: Pass, engine: Engine) => Promise<Timing> }
  | { readonly kind: 'open'; readonly after: 'close' | 'crash' };

/** The parts that most have in common. */
export function pass(
  parts: Omit<Workload, 'run' | 'durability'> & { readonly durability?: 'fsync' },
  run: (pass: Pass, engine: Engine) => Promise<Timing>,
): Workload {
  return { durability: 'os', ...parts, run: { kind: 'pass', run } };
}

/** A call that an engine may lack; the runner asks only those that say they have it. */
export function has<Method>(method: Method | undefined): Method {
  if (method === undefined) throw new Error('the engine lacks a call that it says it has');
  return method;
}
