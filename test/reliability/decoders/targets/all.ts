/** Every decoder that reads what somebody else may have written. */
import type { Target } from '../target.ts';
import { BLOCK_TARGETS } from './blocks.ts';
import { COMMAND_TARGETS } from './command.ts';
import { COMPRESSION_TARGETS } from './compression.ts';
import { LEVELDB_TARGETS } from './leveldb.ts';
import { LOCK_TARGETS } from './locks.ts';
import { LOG_TARGETS } from './logs.ts';
import { OPTION_TARGETS } from './options.ts';
import { TABLE_TARGETS } from './tables.ts';
import { VERSION_TARGETS } from './versions.ts';

export const TARGETS: readonly Target[] = [
  ...VERSION_TARGETS,
  ...LOG_TARGETS,
  ...BLOCK_TARGETS,
  ...TABLE_TARGETS,
  ...COMPRESSION_TARGETS,
  ...LEVELDB_TARGETS,
  ...LOCK_TARGETS,
  ...COMMAND_TARGETS,
  ...OPTION_TARGETS,
];
