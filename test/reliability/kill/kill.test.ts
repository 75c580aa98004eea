import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { MiniLsm } from '../../../src/db/mini-lsm.ts';
import { failOnLeaks } from '../../support/leaks.ts';
import { temporaryDirectory } from '../../support/temporary-directory.ts';
import { exploreInTest } from '../explore-in-test.ts';
import { LIAR_AHEAD, type Life } from '../real/life.ts';
import { SMALL } from '../real/options.ts';
import { killedAfter, lastOf } from '../real/process.ts';
import { readState, stepsSurvived } from '../real/state.ts';
import { story } from '../real/story.ts';
import { explorer } from './explorer.ts';

failOnLeaks();

exploreInTest('a process that is killed at any moment loses no write that it told of', explorer);

test('a process that tells of writes before they are done is found out', async (t) => {
  const life: Life = {
    path: join(temporaryDirectory(t), 'db'),
    seed: 1,
    plot: { sync: 0, flush: 0, compact: 0, checkpoint: 0 },
    options: SMALL,
    face: 'liar',
  };
  const last = lastOf((await killedAfter(life, 100, 0)).acknowledged);
  const db = MiniLsm.open(life.path, SMALL);
  const found = readState(db);
  db.close();
  const check = (least: number): number =>
    stepsSurvived(new Map(), story(life.seed, life.plot), found, least, least + 1);
  assert.throws(() => check(last), /no state after/);
  assert.ok(check(last - LIAR_AHEAD) > 0);
});
