/**
 * A disk with room for so much and no more, at many sizes from nothing to what a workload needs. Reads never
 * fail. What can't be flushed or compacted waits, and goes on by itself with the writes that come when there
 * is room again, without a reopening; a log or a manifest that could not be written ends writing until then.
 */
import assert from 'node:assert/strict';
import { internals, type MiniLsm } from '../../../src/db/mini-lsm.ts';
import { QuotaFileSystem } from '../../simulation/quota-file-system.ts';
import { SimulatedFileSystem } from '../../simulation/simulated-file-system.ts';
import { Random } from '../../support/random.ts';
import type { Explorer } from '../explorer.ts';
import { checkAftermath } from '../world/aftermath.ts';
import { World } from '../world/world.ts';
import { overwrite, WORKLOADS, type Workload } from './workloads.ts';

export const explorer: Explorer = {
  name: 'full-disk',
  unit: 'budgets',
  budget: { test: 500, long: 5000 },
  explore: (seed) => {
    const workload = WORKLOADS[seed % WORKLOADS.length];
    const part = fraction(Math.floor(seed / WORKLOADS.length) + 1);
    const bytes = Math.floor(part * needOf(workload));
    try {
      return exploreBudget(workload, bytes, new Random(seed));
    } catch (cause) {
      throw new Error(`${workload.name}, with room for ${bytes} bytes`, { cause });
    }
  },
};

function exploreBudget(workload: Workload, bytes: number, random: Random): Record<string, number> {
  const { world, quota } = newWorld(workload, bytes);
  workload.run(world);
  const refused = quota.refused.length;
  world.trouble.end();
  const db = world.openDb;
  const hasFailed = world.failure !== undefined;
  const resumes = db !== undefined && !hasFailed && internals(db).maintenance.lastError !== undefined;
  if (db !== undefined && !hasFailed) checkGoesOn(world, db);
  checkAftermath(world, random);
  return {
    budgets: 1,
    'refused writes': refused,
    'jobs done after all': resumes ? 1 : 0,
    'ended writing': hasFailed ? 1 : 0,
  };
}

/** Without a reopening, and without anybody asking for it: writes alone get the tree into shape. */
function checkGoesOn(world: World, db: MiniLsm): void {
  const before = db.stats().sequence;
  overwrite(world, 40, 'there is room again');
  assert.equal(world.openDb, db);
  assert.equal(world.failure, undefined);
  assert.equal(db.stats().sequence, before + 40, 'all writes are taken');
  const { core, maintenance } = internals(db);
  if (world.options.memtableBytes === 1024)
    assert.equal(maintenance.lastError, undefined, 'the jobs are done');
  assert.ok(core.view.frozenCount <= (world.options.maxFrozenMemtables ?? 2));
}

const NEEDS = new Map<Workload, number>();

/** What a workload takes of a disk at most, bytes. */
function needOf(workload: Workload): number {
  let need = NEEDS.get(workload);
  if (need === undefined) {
    const { world, quota } = newWorld(workload, Infinity);
    workload.run(world);
    world.close();
    assert.equal(quota.refused.length, 0);
    need = quota.peak;
    NEEDS.set(workload, need);
  }
  return need;
}

function newWorld(workload: Workload, bytes: number): { world: World; quota: QuotaFileSystem } {
  const disk = new SimulatedFileSystem();
  const quota = new QuotaFileSystem(disk, bytes);
  const world = new World(
    disk,
    {
      fileSystem: quota,
      count: () => quota.refused.length,
      made: (error) => quota.refused.includes(error),
      quietly: (work) => work(),
      end: () => {
        quota.quota = Infinity;
      },
    },
    workload.options,
  );
  return { world, quota };
}

/**
 * Numbers from 0 to 1 that fill the space between evenly, however many are taken: the digits of the index in
 * base 2, mirrored at the point (van der Corput's sequence).
 */
function fraction(index: number): number {
  let part = 0;
  for (let rest = index, weight = 0.5; rest > 0; rest = Math.floor(rest / 2), weight /= 2) {
    part += (rest % 2) * weight;
  }
  return part;
}
