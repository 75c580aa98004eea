/**
 * The detector is good for something: whichever sync of the engine does nothing, a crash point shows it. The
 * ordering oracle above it believes in all of them.
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { DroppedSyncs, type Sync } from '../../simulation/dropped-syncs.ts';
import { exploreScript } from './cases.ts';
import type { SCRIPTS } from './scripts.ts';

interface Loss {
  readonly drops: (sync: Sync) => boolean;
  /** In which of the scripts it shows. */
  readonly script: keyof typeof SCRIPTS;
  /** How many states a crash leaves at each point; two if not given. */
  readonly statesPerCut?: number;
}

const ofFile = (pattern: RegExp) => (sync: Sync) => sync.newest === undefined && pattern.test(sync.path);
const ofDirectory = (newest: RegExp) => (sync: Sync) => newest.test(sync.newest ?? '');

const LOSSES: Readonly<Record<string, Loss>> = {
  'of a log': {
    drops: ofFile(/\.wal$/),
    script: 'writes with and without a sync, one after the other',
  },
  'of a table': { drops: ofFile(/\.sst$/), script: 'flushes, one after the other' },
  'of a manifest': { drops: ofFile(/MANIFEST-\d+$/), script: 'flushes, one after the other' },
  'of the next CURRENT': { drops: ofFile(/CURRENT\.tmp$/), script: 'a first opening, and a second one' },
  'of the directory after a log was made': {
    drops: ofDirectory(/\.wal$/),
    script: 'several logs at a time',
  },
  'of the directory after tables were made': {
    drops: ofDirectory(/\.sst$/),
    script: 'flushes, one after the other',
  },
  'of the directory after a manifest was made': {
    drops: ofDirectory(/MANIFEST-\d+$/),
    script: 'a first opening, and a second one',
    statesPerCut: 8,
  },
  'of the directory after CURRENT was renamed': {
    drops: ofDirectory(/CURRENT$/),
    script: 'manifests that grow and are written anew',
  },
  // Each of the two would do: no crash tells them apart as long as CURRENT comes after both.
  'of the directory of a copy after its tables were linked and its manifest was made': {
    drops: ofDirectory(/copies.*(\.sst|MANIFEST-\d+)$/),
    script: 'checkpoints between writes',
  },
  'of the directory of what a repair puts aside': {
    drops: ofDirectory(/lost\//),
    script: 'repairs, of what is whole and without a manifest',
  },
};

describe('a lost sync is found:', () => {
  for (const [name, { drops, script, statesPerCut = 2 }] of Object.entries(LOSSES)) {
    test(`that ${name}`, async () => {
      let layer: DroppedSyncs | undefined;
      const exploration = exploreScript(script, {
        seed: 1,
        statesPerCut,
        layer: (disk) => {
          layer = new DroppedSyncs(disk, drops);
          return layer;
        },
      });
      // If it was found in the middle of a flush, the engine says that it stopped because of it.
      await assert.rejects(exploration, /Error: a crash /);
      assert.ok(layer !== undefined && layer.dropped > 0);
    });
  }
});
