/** `npm run bench`: MiniLsm next to classic-level, each by its quickest calls. */
import { compare } from './compare.ts';
import { ROWS } from './rows.ts';

compare({
  title: 'Measures MiniLsm next to classic-level, in turns, in one run.',
  child: 'engine-child.js',
  rows: ROWS,
  durability:
    'both write to the log of the operating system before a write is acknowledged, and neither calls fsync',
  defaults: { encoding: 'utf8', cache: 'default' },
});
