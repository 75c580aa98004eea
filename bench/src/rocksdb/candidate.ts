/** RocksDB among the engines: what native code can do with no language boundary. */
import { spawnSync } from 'node:child_process';
import type { Candidate } from '../contestant.ts';
import { COMMANDS } from './commands.ts';
import { RocksDb } from './rocksdb.ts';

export const ROCKSDB: Candidate = {
  name: 'rocksdb',
  kind: 'C++ program',
  notes:
    'db_bench, Snappy, filters of 10 bits a key, no language boundary; it makes keys and values within the time that it measures, and that of Debian has assertions compiled in; processor time is not known; load has memtables, tables and levels of the sizes of ours',
  version() {
    const { stdout } = spawnSync('db_bench', ['--version'], { encoding: 'utf8' });
    return /version (\S+)/.exec(stdout ?? '')?.[1] ?? null;
  },
  remedy: 'there is no db_bench on the path: apt-get install rocksdb-tools',
  way(name) {
    const command = COMMANDS[name];
    if (command === undefined) return { lacks: 'db_bench has no such benchmark' };
    const { benchmark, flags = [], threads } = command;
    return {
      call: [benchmark, ...flags, ...(threads === undefined ? [] : [`--threads=${threads}`])].join(' '),
    };
  },
  start: async (setup) => new RocksDb(setup),
};
