/** The process of one engine in `npm run bench`. */
import { serve } from './child.ts';
import { LevelEngine } from './level-engine.ts';
import { MiniLsmEngine } from './mini-lsm-engine.ts';
import { ROWS } from './rows.ts';

serve({
  rows: ROWS,
  startsWarm: false,
  async open(directory, { engine, encoding, classicLevelCacheBytes }) {
    if (engine === 'mini-lsm') return new MiniLsmEngine(directory);
    return LevelEngine.openClassicLevel(directory, encoding, classicLevelCacheBytes);
  },
});
