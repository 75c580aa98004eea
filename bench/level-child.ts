/** The process of one engine in `npm run bench:level`. */
import { serve } from './child.ts';
import { LevelEngine } from './level-engine.ts';
import { LEVEL_ROWS } from './level-rows.ts';

serve({
  rows: LEVEL_ROWS,
  startsWarm: true,
  open(directory, { engine, encoding, classicLevelCacheBytes }) {
    if (engine === 'mini-lsm') return LevelEngine.openMiniLevel(directory, encoding);
    return LevelEngine.openClassicLevel(directory, encoding, classicLevelCacheBytes);
  },
});
