/**
 * One bit of one read comes out wrong, once, as a cable or memory may do it: what looks damaged is read again
 * before it is called so, and nobody notices. Every byte of every file of the small databases has its turn.
 */
import assert from 'node:assert/strict';
import { MiniLsm } from '../../../src/db/mini-lsm.ts';
import { CorruptingFileSystem } from '../../simulation/corrupting-file-system.ts';
import { describeEntries, toText } from '../../support/model.ts';
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
      const { entries } = scene.states.at(-1) ?? { entries: [] };
      const values = new Map(entries.map(([key, value]) => [toText(key), toText(value)]));
      const lookUp = (): void => {
        for (const key of scene.keys) {
          assert.equal(toText(db.get(key)), values.get(toText(key)) ?? toText(undefined), file.name);
        }
      };
      // Filters are read by gets alone, and what the first reader reads again the second finds whole.
      if (seed % 2 === 0) lookUp();
      assert.deepEqual(describeEntries(db.scan()), describeEntries(entries), file.name);
      if (seed % 2 === 1) lookUp();
      assert.deepEqual(db.verify().problems, [], file.name);
    } finally {
      db.close();
    }
    return { 'misread bits': disk.flips, 'never read': 1 - disk.flips };
  },
};
