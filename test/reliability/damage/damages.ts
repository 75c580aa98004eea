/**
 * What can become of the files of a scene, as lists of damages: all that come from one idea, for one file,
 * are a family, whose members are made when they are asked for.
 */
import { joinPath } from '../../../src/fs/file-system.ts';
import { manifestFileName, tableFileName, walFileName } from '../../../src/version/file-names.ts';
import { Random } from '../../support/random.ts';
import type { FileKind, Scene, SceneFile } from './scenes.ts';

export interface Damage {
  readonly scene: Scene;
  readonly kind: DamageKind;
  /** What was done, for a reader: `one bit of 000016.sst at 12 flipped`. */
  readonly text: string;
  /** The new content of every file that is touched, by its path; undefined for one that is removed. */
  readonly contents: ReadonlyMap<string, Uint8Array | undefined>;
}

export type DamageKind =
  | 'flipped'
  | 'cut'
  | 'lengthened'
  | 'zeroed'
  | 'swapped'
  | 'replaced'
  | 'foreign'
  | 'older'
  | 'removed'
  | 'duplicated'
  | 'several';

export interface Family {
  readonly count: number;
  at(index: number): Damage;
}

/** Blocks that are zeroed or change places: less than a section of a small table, a sector, a page. */
const BLOCK_SIZES = [64, 512, 4096] as const;

/** Every idea once: one bit of each byte, the lengths and blocks that say most. */
export function shortList(scenes: readonly Scene[]): Family[] {
  const whole = scenes.flatMap((scene) => [
    ...scene.files.flatMap((file) => wholeFile(scene, file)),
    ...blocks(scene),
    older(scene),
  ]);
  const cuts = scenes.flatMap((scene) => scene.files.map((file) => cutsOf(scene, file, shortStep(file))));
  const flips = scenes.flatMap((scene) => scene.files.map((file) => flipsOf(scene, file, 1)));
  return [...whole, ...cuts, ...flips];
}

/** All eight bits of each byte, and every length. */
export function longList(scenes: readonly Scene[]): Family[] {
  return scenes.flatMap((scene) =>
    scene.files.flatMap((file) => [cutsOf(scene, file, 1), flipsOf(scene, file, 8)]),
  );
}

/** The damage at a place of the lists, one after the other; undefined after their end. */
export function damageAt(families: readonly Family[], index: number): Damage | undefined {
  let rest = index;
  for (const family of families) {
    if (rest < family.count) return family.at(rest);
    rest -= family.count;
  }
  return undefined;
}

export function countOf(families: readonly Family[]): number {
  return families.reduce((sum, { count }) => sum + count, 0);
}

/** Two to four damages at once. */
export function randomDamage(families: readonly Family[], scenes: readonly Scene[], random: Random): Damage {
  const scene = scenes[random.below(scenes.length)];
  const total = countOf(families);
  const damages: Damage[] = [];
  const wanted = 2 + random.below(3);
  while (damages.length < wanted) {
    const damage = damageAt(families, random.below(total));
    if (damage?.scene === scene) damages.push(damage);
  }
  const contents = new Map(damages.flatMap((damage) => [...damage.contents]));
  return { scene, kind: 'several', text: damages.map(({ text }) => text).join('; '), contents };
}

function flipsOf(scene: Scene, file: SceneFile, bits: 1 | 8): Family {
  return {
    count: file.bytes.length * bits,
    at: (index) => {
      const at = Math.floor(index / bits);
      const bit = bits === 8 ? index % 8 : (at * 5) % 8;
      const bytes = file.bytes.slice();
      bytes[at] ^= 1 << bit;
      return change(scene, 'flipped', file, bytes, `bit ${bit} of the byte at ${at} flipped`);
    },
  };
}

/** Tables have one size, which is known: their lengths are all alike. */
function shortStep({ kind }: SceneFile): number {
  return kind === 'table' ? 29 : kind === 'manifest' ? 5 : 3;
}

function cutsOf(scene: Scene, file: SceneFile, step: number): Family {
  return {
    count: Math.ceil(file.bytes.length / step),
    at: (index) => {
      const length = index * step;
      return change(scene, 'cut', file, file.bytes.subarray(0, length), `cut off at ${length}`);
    },
  };
}

/** What is done to a file as a whole. */
function wholeFile(scene: Scene, file: SceneFile): Family[] {
  const others = scene.files.filter((other) => other !== file);
  const foreign = scene.foreign.get(file.name);
  return [
    listed([
      oneChange(scene, 'removed', file, undefined, 'removed'),
      ...lengthened(scene, file),
      ...(foreign === undefined
        ? []
        : [oneChange(scene, 'foreign', file, foreign, 'replaced by that of another database')]),
      duplicated(scene, file),
    ]),
    listed(
      others.map((other) => () => {
        const text = `replaced by ${other.name}`;
        return change(scene, 'replaced', file, other.bytes, text);
      }),
    ),
    listed(
      others.map((other) => () => {
        const contents = new Map([
          [file.path, other.bytes],
          [other.path, file.bytes],
        ]);
        return { scene, kind: 'swapped', text: `${file.name} and ${other.name} exchanged`, contents };
      }),
    ),
  ];
}

function lengthened(scene: Scene, file: SceneFile): (() => Damage)[] {
  const random = new Random(file.bytes.length);
  const noise = Uint8Array.from({ length: 100 }, () => random.below(256));
  const tails = {
    'a zero': new Uint8Array(1),
    '21 zeros': new Uint8Array(21),
    'a sector of zeros': new Uint8Array(512),
    'a page of zeros': new Uint8Array(4096),
    noise,
    'its own bytes': file.bytes,
    'its own first 100 bytes': file.bytes.subarray(0, 100),
    'its own last 100 bytes': file.bytes.subarray(-100),
  };
  return Object.entries(tails).map(([what, tail]) => {
    const bytes = Uint8Array.from([...file.bytes, ...tail]);
    return oneChange(scene, 'lengthened', file, bytes, `${what} appended`);
  });
}

/** A second file of the same content, under a name that is free. */
function duplicated(scene: Scene, file: SceneFile): () => Damage {
  const names: Record<FileKind, string> = {
    table: tableFileName(900_001),
    wal: walFileName(900_001),
    manifest: manifestFileName(900_001),
    current: 'CURRENT.tmp',
  };
  const name = names[file.kind];
  const contents = new Map([[joinPath(scene.directory, name), file.bytes]]);
  return () => ({ scene, kind: 'duplicated', text: `${file.name} also stands as ${name}`, contents });
}

/** Blocks that are zero, or stand where others belong. */
function blocks(scene: Scene): Family[] {
  const made: (() => Damage)[] = [];
  for (const size of BLOCK_SIZES) {
    for (const file of scene.files) {
      const count = Math.ceil(file.bytes.length / size);
      for (let block = 0; block < count; block++) {
        made.push(() => zeroed(scene, file, block * size, size));
        for (const distance of [1, 3, 7]) {
          if (block + distance >= count) continue;
          made.push(() => swapped(scene, file, block * size, file, (block + distance) * size, size));
        }
      }
    }
    for (const [at, file] of scene.files.entries()) {
      for (const other of scene.files.slice(at + 1)) {
        const length = Math.min(file.bytes.length, other.bytes.length);
        for (let start = 0; start < length; start += 2 * size) {
          made.push(() => swapped(scene, file, start, other, start, size));
        }
      }
    }
  }
  return [listed(made)];
}

function zeroed(scene: Scene, file: SceneFile, start: number, size: number): Damage {
  const bytes = file.bytes.slice().fill(0, start, start + size);
  return change(scene, 'zeroed', file, bytes, `${size} bytes at ${start} zeroed`);
}

/** Two blocks change places; the last one of a file may be shorter, then so much of both. */
function swapped(
  scene: Scene,
  a: SceneFile,
  aStart: number,
  b: SceneFile,
  bStart: number,
  size: number,
): Damage {
  const length = Math.min(size, a.bytes.length - aStart, b.bytes.length - bStart);
  const first = a.bytes.slice();
  const second = a === b ? first : b.bytes.slice();
  first.set(b.bytes.subarray(bStart, bStart + length), aStart);
  second.set(a.bytes.subarray(aStart, aStart + length), bStart);
  const contents = new Map([
    [a.path, first],
    [b.path, second],
  ]);
  const text = `${length} bytes at ${aStart} of ${a.name} and at ${bStart} of ${b.name} exchanged`;
  return { scene, kind: 'swapped', text, contents };
}

/** Files as they once were. */
function older(scene: Scene): Family {
  return listed(
    scene.older.map((set) => () => {
      const contents = new Map(set.map(({ path, bytes }) => [path, bytes]));
      return {
        scene,
        kind: 'older',
        text: `${set.map(({ name }) => name).join(' and ')} as of earlier`,
        contents,
      };
    }),
  );
}

function listed(made: readonly (() => Damage)[]): Family {
  return { count: made.length, at: (index) => made[index]() };
}

function oneChange(
  scene: Scene,
  kind: DamageKind,
  file: SceneFile,
  bytes: Uint8Array | undefined,
  what: string,
): () => Damage {
  return () => change(scene, kind, file, bytes, what);
}

function change(
  scene: Scene,
  kind: DamageKind,
  file: SceneFile,
  bytes: Uint8Array | undefined,
  what: string,
): Damage {
  return { scene, kind, text: `${file.name}: ${what}`, contents: new Map([[file.path, bytes]]) };
}
