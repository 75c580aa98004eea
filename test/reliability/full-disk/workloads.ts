/** Workloads for a disk that is soon full: each fills it by another kind of file. */
import type { Options } from '../../../src/options.ts';
import type { Write } from '../../support/writes.ts';
import type { World } from '../world/world.ts';

export interface Workload {
  readonly name: string;
  readonly options?: Options;
  run(world: World): void;
}

const NO_COMPACTION: Options = { l0CompactionFiles: 1000, l0SlowdownFiles: 1000, l0StopFiles: 1000 };

/** Writes keys over and over, and looks at each now and then. */
export function overwrite(world: World, count: number, tag: string): void {
  for (let i = 0; i < count; i++) {
    world.put(`key ${(i * 7) % 20}`, `${tag} ${i} `.padEnd(90, '.'), i % 16 === 5);
    if (i % 8 === 0) world.get(`key ${i % 20}`);
  }
  world.scan();
}

function batchOf(count: number, tag: string): Write[] {
  return Array.from({ length: count }, (_, i) => [`key ${i}`, `${tag} ${i}`.padEnd(60, '.')]);
}

export const WORKLOADS: readonly Workload[] = [
  { name: 'flushes', options: NO_COMPACTION, run: (world) => overwrite(world, 60, 'flushes') },
  { name: 'compactions', run: (world) => overwrite(world, 90, 'compactions') },
  {
    name: 'compactions of whole levels',
    options: { compaction: 'simple-leveled' },
    run: (world) => overwrite(world, 90, 'compactions'),
  },
  {
    name: 'the write-ahead log',
    options: { memtableBytes: 65_536 },
    run: (world) => {
      for (let i = 0; i < 8; i++) world.batch(batchOf(10, `batch ${i}`), i % 2 === 0);
      world.scan();
    },
  },
  {
    name: 'manifests',
    options: { ...NO_COMPACTION, manifestBytes: 1024 },
    run: (world) => {
      for (let i = 0; i < 8; i++) {
        world.put(`key ${i}`.padEnd(250, '.'), `value ${i}`);
        world.flush();
      }
    },
  },
  {
    name: 'openings and compactions by hand',
    run: (world) => {
      for (let i = 0; i < 4; i++) {
        world.batch(batchOf(8, `round ${i}`));
        world.reopen();
        if (i % 2 === 1) world.compact();
        world.checkpoint(`/copy ${i}`);
      }
    },
  },
];
