/** All engines that can be measured, ours first. */
import { readFileSync } from 'node:fs';
import type { Candidate, Way } from './contestant.ts';
import type { Call } from './engine.ts';
import { EngineProcess } from './engine-process.ts';
import { MODULES } from './modules.ts';
import { packageVersion } from './optional-package.ts';
import { ROCKSDB } from './rocksdb/candidate.ts';
import type { Workload } from './workloads/workload.ts';

const INSTALL = 'npm install --prefix bench --no-save';

export const CANDIDATES: readonly Candidate[] = [
  inNode('mini-lsm', 'mini-lsm', 'MiniLsm with its default options', ownVersion),
  inNode('mini-level', 'mini-lsm', 'MiniLevel with its default options', ownVersion),
  inNode('classic-level', 'native addon', 'LevelDB, Snappy, its default options but for the cache'),
  inNode(
    'lmdb',
    'native addon',
    "no compression; its cache is the operating system's, so its size is not bounded; noSync where there is no fsync, which risks the whole file in a power cut",
  ),
  inNode(
    'better-sqlite3',
    'native addon',
    'no compression; WAL, synchronous = NORMAL where there is no fsync and FULL where there is, a table without rowid, prepared statements',
  ),
  inNode('memory-level', 'JavaScript', 'a sorted tree in memory, nothing on a disk'),
  inNode(
    'sorted-map',
    'JavaScript',
    'a Map and a sorted array of its keys, nothing on a disk: an upper bound, no database',
    () => process.version,
  ),
  ROCKSDB,
];

export const ENGINE_NAMES: readonly string[] = CANDIDATES.map(({ name }) => name);

const LACKS: Readonly<Partial<Record<Call, string>>> = {
  putLater: 'its writes are synchronous: there is one writer at a time',
  getLater: 'it has no asynchronous read',
  iterate: 'it has no asynchronous iterator',
  compact: 'it has no call that compacts in place',
  open: 'it keeps nothing that could be opened',
};

function inNode(
  name: string,
  kind: Candidate['kind'],
  notes: string,
  version: () => string | null = () => packageVersion(name),
): Candidate {
  return {
    name,
    kind,
    notes,
    version,
    remedy: `it is not installed: ${INSTALL}`,
    way: (_, workload) => wayOf(name, workload),
    start: (setup) => EngineProcess.start(name, setup),
  };
}

function wayOf(name: string, { calls, durability }: Workload): Way {
  const module = MODULES[name];
  const missing = calls.find((call) => module.calls[call] === undefined);
  if (missing !== undefined) return { lacks: LACKS[missing] ?? `it has no ${missing}` };
  if (durability === 'fsync' && module.inMemory) return { lacks: 'it keeps nothing on a disk' };
  return { call: calls.map((call) => module.calls[call]).join('; ') };
}

function ownVersion(): string {
  return JSON.parse(readFileSync(new URL('../../../package.json', import.meta.url), 'utf8')).version;
}
