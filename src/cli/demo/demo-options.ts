/** The options of the demo's database: small memtables and tables, so that its megabytes fill some levels. */
import type { Options } from '../../index.ts';

const MIB = 1024 * 1024;

export const DEMO_OPTIONS: Options = {
  memtableBytes: MIB,
  tableBytes: MIB,
  baseLevelBytes: 4 * MIB,
};
