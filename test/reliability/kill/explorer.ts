/**
 * `kill -9` of a real process, again and again on the same directory: every write that it told of is there,
 * whether synced or not; for all else that must hold see {@link World}.
 *
 * A seed decides what is done and after how many messages the process is killed. The moment itself is up to
 * the machine, so that a case that found something may have to be repeated a few times.
 */
import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Random } from '../../support/random.ts';
import type { Explorer } from '../explorer.ts';
import { killedAfter } from '../real/process.ts';
import { SCENES } from '../real/scenes.ts';
import { type End, World } from '../real/world.ts';

const KILLS: End = { unit: 'kills', losesUnsynced: false, after: killedAfter };

export const explorer: Explorer = {
  name: 'kill',
  unit: KILLS.unit,
  budget: { test: 200, long: 5000 },
  async explore(seed) {
    const random = new Random(seed);
    const parent = realpathSync(mkdtempSync(join(tmpdir(), 'mini-lsm-kill-')));
    try {
      const world = new World(join(parent, 'db'), seed, KILLS);
      for (const scene of SCENES) await world.live(scene, random);
      return world.counts;
    } finally {
      rmSync(parent, { recursive: true, force: true });
    }
  },
};
