/** `npm run bench:level`: MiniLevel next to classic-level by the same calls of abstract-level. */
import { compare } from './compare.ts';
import { LEVEL_ROWS } from './level-rows.ts';

compare({
  title: 'Measures MiniLevel next to classic-level by the same calls, in turns, in one run.',
  child: 'level-child.js',
  rows: LEVEL_ROWS,
  durability:
    'both write to the log of the operating system before a write is acknowledged, and neither calls fsync, ' +
    'but in putSync, where both do',
  defaults: { encoding: 'view', cache: 'equal' },
});
