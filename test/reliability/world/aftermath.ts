/**
 * What must hold when the trouble is over: reads go on; the database takes writes, or says why it does not;
 * nothing stays open when it is closed; and a reopening finds the right state, now, after the death of the
 * process and after a power cut.
 */
import assert from 'node:assert/strict';
import { MiniLsm } from '../../../src/db/mini-lsm.ts';
import type { CrashState } from '../../simulation/crash-states.ts';
import { SimulatedFileSystem } from '../../simulation/simulated-file-system.ts';
import type { Random } from '../../support/random.ts';
import { DATABASE } from '../../support/small-database.ts';
import { describeState } from './history.ts';
import { stateOf, type World } from './world.ts';

const AFTER = { death: 'death', cut: 'cut' } as const;

/** Looks at the open database and at a reopening; chance decides which states of a crash are looked at, too. */
export function checkAftermath(world: World, random: Random): void {
  world.trouble.end();
  checkOpenDatabase(world);
  if (!random.oneIn(3)) {
    const crash = crashOf(world, random);
    if (crash.kind === AFTER.death || !world.wasDestroyed) checkCrash(world, crash);
  }
  closeAndReopen(world, random.oneIn(3));
  assert.deepEqual(world.ordering.violations, []);
}

function checkOpenDatabase(world: World): void {
  const db = world.openDb;
  if (db === undefined) return;
  for (const reverse of [false, true]) world.scan(reverse);
  world.readSnapshots();
  // A failed sync that nobody waited for shows in the first write after it.
  world.put('after', 'the trouble');
  const { failure } = world;
  const written = world.attempt(() => db.put('after', 'that'));
  if (failure === undefined) {
    assert.ok('value' in written, 'a database that has not failed takes writes');
    world.history.commit([['after', 'that']]);
  } else {
    assert.ok('error' in written && written.error.code === 'LSM_READ_ONLY', 'it is read-only');
    assert.equal(written.error.cause, failure);
    assert.equal(db.stats().failure, failure.message);
    // Nothing else ends writing: a job that fails is done again. Only what is being installed counts as well,
    // whose tables are looked at once more then.
    assert.match(failure.file ?? '', /\.wal$|MANIFEST|CURRENT|\.sst$|\/db$/);
    for (const reverse of [false, true]) world.scan(reverse);
  }
}

interface Crash {
  readonly kind: 'death' | 'cut';
  readonly image: CrashState['image'];
}

function crashOf({ disk }: World, random: Random): Crash {
  const which = random.below(3);
  if (which === 0) return { kind: AFTER.death, image: disk.image() };
  const profile = which === 1 ? 'ext4-ordered' : 'adversarial';
  // The first states of a profile are the extreme ones; chance picks among some.
  const skipped = random.below(4);
  let image = disk.image();
  let at = 0;
  for (const state of disk.crashStates(profile, { random, limit: 4 })) {
    image = state.image;
    if (at++ === skipped) break;
  }
  return { kind: AFTER.cut, image };
}

function checkCrash(world: World, { kind, image }: Crash): void {
  const fileSystem = new SimulatedFileSystem(image, 1);
  if (world.needsRepair) MiniLsm.repair(DATABASE, { ...world.options, fileSystem });
  const db = MiniLsm.open(DATABASE, { ...world.options, fileSystem });
  const found = stateOf(db.scan());
  if (kind === AFTER.death) world.history.checkReopened(found);
  else world.history.checkAfterPowerCut(found);
  assert.deepEqual(db.verify().problems, []);
  db.close();
  for (const { path, state, isDone } of world.copies) {
    checkCopy(world, fileSystem, path, describeState(state), isDone);
  }
}

function closeAndReopen(world: World, andWrites: boolean): void {
  world.close();
  if (world.needsRepair) world.repair();
  const { db } = world;
  assert.ok(db !== undefined, 'it can be opened when the trouble is over');
  assert.deepEqual(db.verify().problems, []);
  if (andWrites) {
    for (const key of ['one', 'two', 'three']) world.put(key, 'more', key === 'two');
    world.reopen();
    world.scan();
  }
  world.close();
  for (const { path, state, isDone } of world.copies) {
    checkCopy(world, world.disk, path, describeState(state), isDone);
  }
}

/** A copy that was not finished is a whole one or none. */
function checkCopy(
  world: World,
  fileSystem: SimulatedFileSystem,
  path: string,
  state: string,
  isDone: boolean,
): void {
  const isThere = fileSystem.status(`${path}/CURRENT`) !== undefined;
  if (isDone) assert.ok(isThere, 'a copy that was made is there');
  if (!isThere) return;
  const db = MiniLsm.open(path, { ...world.options, fileSystem });
  assert.equal(describeState(stateOf(db.scan())), state, 'a copy');
  assert.deepEqual(db.verify().problems, []);
  db.close();
}
