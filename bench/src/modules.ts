/** The engines that live in a Node.js process, by name. Only their processes load the packages. */
import type { EngineModule } from './engine.ts';
import { CLASSIC_LEVEL, MEMORY_LEVEL, MINI_LEVEL } from './engines/level.ts';
import { LMDB } from './engines/lmdb.ts';
import { MINI_LSM } from './engines/mini-lsm.ts';
import { SORTED_MAP } from './engines/sorted-map.ts';
import { SQLITE } from './engines/sqlite.ts';

export const MODULES: Readonly<Record<string, EngineModule>> = {
  'mini-lsm': MINI_LSM,
  'mini-level': MINI_LEVEL,
  'classic-level': CLASSIC_LEVEL,
  lmdb: LMDB,
  'better-sqlite3': SQLITE,
  'memory-level': MEMORY_LEVEL,
  'sorted-map': SORTED_MAP,
};
