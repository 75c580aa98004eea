/**
 * What a writer process is told, and how it tells what it has done.
 *
 * It tells in numbers of 32 bits: the number of a step, from 1, that is acknowledged, 0 when the database is
 * open, or {@link BEGUN} for something that takes long. A pipe takes a number before the call returns, so that
 * nothing that ends the process takes it back.
 */
import type { Options } from '../../../src/options.ts';
import type { Plot } from './story.ts';

/** Told before a database is opened, flushed, compacted, copied or repaired. */
export const BEGUN = 0xffff_ffff;

export interface Life {
  /** The directory of the database. */
  readonly path: string;
  readonly seed: number;
  readonly plot: Plot;
  readonly options: Options;
  /**
   * `engine`: by `MiniLsm`. `level`: by `MiniLevel`, many writes under way at once. `repair`: repairs again and
   * again. `liar`: tells of steps before it does them, which whoever listens must notice.
   */
  readonly face: 'engine' | 'level' | 'repair' | 'liar';
}

/** How many steps may be begun and not acknowledged. */
export const UNDER_WAY: Readonly<Record<Life['face'], number>> = {
  engine: 1,
  level: 16,
  repair: 0,
  liar: 1,
};

/** How many steps a liar tells of that it has not done. */
export const LIAR_AHEAD = 8;
