/**
 * Damages files of a database in every way that disks, file systems and people do, and looks at what it
 * answers. The first seeds walk through every idea at every byte, with one bit of each; later ones through all
 * bits and all lengths; then come several damages at once.
 */
import assert from 'node:assert/strict';
import { Random } from '../../support/random.ts';
import type { Counts, Explorer } from '../explorer.ts';
import {
  countOf,
  type Damage,
  type DamageKind,
  damageAt,
  type Family,
  longList,
  randomDamage,
  shortList,
} from './damages.ts';
import { examine, inflict } from './examine.ts';
import { scenes } from './scenes.ts';

/** Damages of which there are so many that a verification need not be asked about each. */
const MANY: ReadonlySet<DamageKind> = new Set(['flipped', 'cut']);

let made: readonly Family[] | undefined;

function families(): readonly Family[] {
  made ??= [...shortList(scenes()), ...longList(scenes())];
  return made;
}

/** The damage of a seed. */
export function damageOf(seed: number): Damage {
  return damageAt(families(), seed) ?? randomDamage(families(), scenes(), new Random(seed));
}

/** How many seeds there are before damages come several at once. */
export function listedDamages(): number {
  return countOf(families());
}

export const explorer: Explorer = {
  name: 'damage',
  unit: 'damages',
  budget: { test: 23_400, long: 200_000 },
  explore: async (seed): Promise<Counts> => {
    const damage = damageOf(seed);
    const disk = inflict(damage);
    if (disk === undefined) return { 'that change nothing': 1 };
    try {
      const outcome = await examine(damage, disk, {
        compact: seed % 3 === 0,
        level: seed % 41 === 0,
        verify: seed % 3 === 1 || !MANY.has(damage.kind),
        mapped: false,
      });
      const again = seed % 5 === 2 ? inflict(damage) : undefined;
      if (again !== undefined) {
        const mapped = await examine(damage, again, {
          compact: true,
          level: false,
          verify: false,
          mapped: true,
        });
        assert.equal(mapped, outcome, 'a mapping shows the same damage');
      }
      return { damages: 1, [outcome]: 1 };
    } catch (error) {
      throw new Error(`${damage.scene.name}: ${damage.text}`, { cause: error });
    }
  },
};
