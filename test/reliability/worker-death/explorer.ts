/**
 * The worker dies at every point of its flushes and merges at which it can be seen from outside, in every
 * manner, once or several times one after the other. The work must be done all the same, by another worker,
 * unless one job loses too many of them; then it says so. Nothing is lost, nothing left behind, and the
 * database goes on. In every other case the disk fails as well, for the owner's thread, while the job is done
 * again or installed (troubled.ts).
 */
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { internals, MiniLsm } from '../../../src/db/mini-lsm.ts';
import { LsmError } from '../../../src/errors.ts';
import { MiniLevel } from '../../../src/level/mini-level.ts';
import { Random } from '../../support/random.ts';
import { inScratchDirectory } from '../../support/scratch-directory.ts';
import { contentsOf } from '../../support/small-database.ts';
import type { Counts, Explorer } from '../explorer.ts';
import { type Death, MortalWorkers } from './deaths.ts';
import { describeFault, faultAt } from './disk-faults.ts';
import { runInTrouble } from './troubled.ts';
import { OPTIONS, prepare, WORKLOADS, type Workload } from './workloads.ts';

export const explorer: Explorer = {
  name: 'worker-death',
  unit: 'worker deaths',
  budget: { test: 60, long: 3000 },
  explore: (seed) => inScratchDirectory((directory) => explore(seed, directory)),
};

/** As many as lose a job. */
const TOO_MANY = 3;

/** How many points each workload has. */
const POINTS = new Map<Workload, number>();

/** In turn a death alone, and one with an error of the disk. */
async function explore(seed: number, directory: string): Promise<Counts> {
  const workload = WORKLOADS[seed % WORKLOADS.length];
  const turn = Math.floor(seed / WORKLOADS.length);
  const points = await pointsOf(workload, directory);
  const place = join(directory, 'db');
  if (turn % 2 === 1) return await exploreTrouble(workload, (turn - 1) / 2, seed, points, place);
  const deaths = deathsOf(turn / 2, seed, points);
  const workers = await run(workload, deaths, place);
  leavesNothingOpen(place);
  return { [explorer.unit]: workers.died };
}

async function exploreTrouble(
  workload: Workload,
  index: number,
  seed: number,
  points: number,
  place: string,
): Promise<Counts> {
  const fault = faultAt(index);
  // A job that loses too many is another matter.
  const deaths = deathsOf(index, seed, points).slice(0, TOO_MANY - 1);
  try {
    const { deaths: died, faults } = await runInTrouble(workload, deaths, fault, place);
    leavesNothingOpen(place);
    return { [explorer.unit]: died, 'errors of the disk': faults };
  } catch (error) {
    throw new Error(`${workload.name}: ${JSON.stringify(deaths)}, ${describeFault(fault)}`, { cause: error });
  }
}

async function pointsOf(workload: Workload, directory: string): Promise<number> {
  let points = POINTS.get(workload);
  if (points === undefined) {
    points = (await run(workload, [], join(directory, 'counted'))).points;
    POINTS.set(workload, points);
  }
  return points;
}

/** First one death at each point, by exit and by termination; then any. */
function deathsOf(turn: number, seed: number, points: number): readonly Death[] {
  if (turn < 2 * points) {
    // Far from one another, so that a few of them tell much.
    const point = 1 + ((turn * (points % 11 === 0 ? 13 : 11)) % points);
    return [{ point, manner: (turn + Math.floor(turn / points)) % 2 === 0 ? 'exit' : 'terminate' }];
  }
  const random = new Random(seed);
  const manner = (): Death['manner'] =>
    random.oneIn(8) ? 'memory' : (['exit', 'throw', 'terminate'] as const)[random.below(3)];
  const count = 1 + random.below(4);
  return Array.from({ length: count }, () => ({ point: 1 + random.below(points), manner: manner() }));
}

async function run(workload: Workload, deaths: readonly Death[], directory: string): Promise<MortalWorkers> {
  prepare(workload, directory);
  const workers = new MortalWorkers(deaths);
  const expected = await workers.inCharge(() => work(workload, deaths, directory));
  const db = MiniLsm.open(directory, { ...OPTIONS, background: 'inline' });
  try {
    assert.equal(db.recovery.orphansRemoved, 0, 'no file is left that belongs to nothing');
    assert.deepEqual(contentsOf(db), expected, 'all is there when it is opened again');
    assert.deepEqual(db.verify().problems, []);
  } finally {
    db.close();
  }
  return workers;
}

/** Returns what must be there. */
async function work(
  workload: Workload,
  deaths: readonly Death[],
  directory: string,
): Promise<readonly string[]> {
  const level = new MiniLevel(directory, { ...OPTIONS, background: 'worker' });
  await level.open();
  try {
    const db = level.engine;
    workload.write(db);
    const expected = contentsOf(db);
    const snapshot = db.snapshot();
    const mayFail = deaths.length >= TOO_MANY;
    // Nobody can terminate a worker while the thread that would have to is waiting for it.
    if (deaths.some(({ manner }) => manner === 'terminate')) {
      await enduring(mayFail, () => workload.workInTurns(level));
    } else {
      await enduring(mayFail, async () => workload.work(db));
    }
    assert.deepEqual(contentsOf(db), expected, 'nothing is lost');
    assert.deepEqual(contentsOf(db, { snapshot }), expected, 'nor from a snapshot');
    snapshot.close();
    db.put('later', 'and so on');
    expected.push('later=and so on');
    await enduring(mayFail, () => level.flush());
    await enduring(mayFail, () => level.compactRange('', '~'));
    await level.compactRange('', '~');
    assert.deepEqual(contentsOf(db), expected, 'it takes more');
    assert.deepEqual(db.verify().problems, []);
    const { version } = internals(db).core.view;
    const named = version.levels.flatMap((tables) => tables.map(({ fileNumber }) => fileNumber));
    const tables = readdirSync(directory).filter((name) => name.endsWith('.sst'));
    assert.deepEqual(tables.map((name) => Number.parseInt(name, 10)).sort(), named.sort(), 'no file is left');
    return expected;
  } finally {
    await level.close();
  }
}

/** Waits for work that may fail for having lost too many workers, and for nothing else. */
async function enduring(mayFail: boolean, job: () => Promise<void>): Promise<void> {
  try {
    await job();
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof LsmError ? error.cause : error;
    if (!mayFail || !(cause instanceof Error)) throw error;
    assert.match(cause.message, /a background job was lost, \d times: /);
  }
}

function leavesNothingOpen(directory: string): void {
  assert.deepEqual(descriptorsIn(directory), [], 'no descriptor is left');
}

function descriptorsIn(directory: string): string[] {
  if (!existsSync('/proc/self/fd')) return [];
  return readdirSync('/proc/self/fd').flatMap((number) => {
    try {
      const path = readlinkSync(`/proc/self/fd/${number}`);
      return path.startsWith(directory) ? [path] : [];
    } catch {
      return []; // that of the listing itself
    }
  });
}
