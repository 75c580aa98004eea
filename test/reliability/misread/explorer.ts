/**
 * One bit of one read comes out wrong, once, as a cable or memory may do it: what looks damaged is read again
 * before it is called so, and nobody notices. Every byte of every file of the small databases has its turn.
 */
import assert from 'node:assert/strict';
import { MiniLsm } from '../../../src/db/mini-lsm.ts';
import { CorruptingFileSystem } from '../../simulation/corrupting-file-system.ts';
import { describeEntries } from '../../support/model.ts';
import { scenes } from '../damage/scenes.ts';
import type { Counts, Explorer } from '../explorer.ts';

/** A prime, so that the first seeds are spread over all files. */
const STRIDE = 7919;

export const explorer: Explorer = {
  name: 'misread',
  unit: 'misread bits',
  budget: { test: 1000, long: 140_000 },
  explore: (seed): Counts => {
    const places = scenes().flatMap((scene) => scene.files.map((file) => ({ scene, file })));
    const bits = places.reduce((sum, { file }) => sum + 8 * file.bytes.length, 0);
    let at = (seed * STRIDE) % bits;
    const place = places.find(({ file }) => {
      if (at < 8 * file.bytes.length) return true;
      at -= 8 * file.bytes.length;
      return false;
    });
    assert.ok(place !== undefined);
    const { scene, file } = place;
    const disk = new CorruptingFileSystem(scene.disk.crashClone());
    disk.arm({ path: file.path, position: at >> 3, mask: 1 << (at & 7), once: true });
    const db = MiniLsm.open(scene.directory, { ...scene.options, cacheBytes: 0, fileSystem: disk });
    try {
      assert.equal(db.recovery.bytesDiscarded, 0, file.name);
      const expected = describeEntries(scene.states.at(-1)?.entries ?? []);
      assert.deepEqual(describeEntries(db.scan()), expected, file.name);
      for (const key of scene.keys) db.get(key);
      assert.deepEqual(db.verify().problems, [], file.name);
    } finally {
      db.close();
    }
    return { 'misread bits': disk.flips, 'never read': 1 - disk.flips };
  },
};
