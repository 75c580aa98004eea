/** Lives to be ended at a moment of interest, one after the other, so that each opens what the last one left. */
import type { Random } from '../../support/random.ts';
import type { Life } from './life.ts';
import type { Plot } from './story.ts';

export interface Scene {
  readonly name: string;
  readonly face: Life['face'];
  readonly background: 'worker' | 'inline';
  readonly plot: Plot;
  /** After so many messages it is ended, */
  readonly messages: (random: Random) => number;
  /** and up to so many milliseconds later. */
  readonly milliseconds: number;
}

const WRITING: Plot = { sync: 40, flush: 150, compact: 0, checkpoint: 0 };
const NOTHING: Plot = { sync: 0, flush: 0, compact: 0, checkpoint: 0 };

function manyOrFew(random: Random): number {
  return 2 + random.below(random.oneIn(2) ? 50 : 1000);
}

export const SCENES: readonly Scene[] = [
  {
    name: 'writing',
    face: 'engine',
    background: 'inline',
    plot: WRITING,
    messages: manyOrFew,
    milliseconds: 0,
  },
  {
    name: 'opening',
    face: 'engine',
    background: 'inline',
    plot: WRITING,
    messages: () => 1,
    milliseconds: 8,
  },
  {
    name: 'with a worker',
    face: 'engine',
    background: 'worker',
    plot: WRITING,
    messages: manyOrFew,
    milliseconds: 30,
  },
  {
    name: 'by MiniLevel',
    face: 'level',
    background: 'worker',
    plot: WRITING,
    messages: manyOrFew,
    milliseconds: 10,
  },
  {
    name: 'copying',
    face: 'engine',
    background: 'inline',
    plot: { ...WRITING, checkpoint: 20 },
    messages: (random) => 2 + random.below(100),
    milliseconds: 1,
  },
  {
    name: 'compacting',
    face: 'engine',
    background: 'inline',
    plot: { ...WRITING, flush: 20, compact: 60 },
    messages: (random) => 2 + random.below(200),
    milliseconds: 2,
  },
  {
    name: 'repairing',
    face: 'repair',
    background: 'inline',
    plot: NOTHING,
    messages: (random) => 1 + random.below(4),
    milliseconds: 4,
  },
];
