/**
 * Repairs what the explorer of damages has damaged. Whatever stands in the files as it was written is in the
 * database afterwards, the newest version of each key; nothing else is, no deletion is forgotten, and every
 * file that was not whole is in `lost/` as it was.
 */
import assert from 'node:assert/strict';
import { MiniLsm } from '../../../src/db/mini-lsm.ts';
import type { RepairReport } from '../../../src/db/repair/report.ts';
import { LsmError } from '../../../src/errors.ts';
import { joinPath } from '../../../src/fs/file-system.ts';
import type { MemoryFileSystem } from '../../../src/fs/memory-file-system.ts';
import { filesIn, readBytes } from '../../support/edit-file.ts';
import type { Damage, DamageKind } from '../damage/damages.ts';
import { inflict } from '../damage/examine.ts';
import { damageOf, listedDamages } from '../damage/explorer.ts';
import { type Scene, versionName } from '../damage/scenes.ts';
import type { Counts, Explorer } from '../explorer.ts';
import { type StoredVersion, storedVersions } from './records.ts';

/** A prime, so that the first seeds are spread over all damages and none comes twice. */
const STRIDE = 7919;

/** Of these it is known to the byte what is left. Where whole files stand in for others, more may be found. */
const EXACT: ReadonlySet<DamageKind> = new Set([
  'flipped',
  'cut',
  'zeroed',
  'lengthened',
  'removed',
  'duplicated',
  'foreign',
]);

const versionsOf = new Map<Scene, readonly StoredVersion[]>();

function versionsIn(scene: Scene): readonly StoredVersion[] {
  let versions = versionsOf.get(scene);
  if (versions === undefined) {
    versions = storedVersions(scene);
    versionsOf.set(scene, versions);
  }
  return versions;
}

export const explorer: Explorer = {
  name: 'repair',
  unit: 'repairs',
  budget: { test: 2000, long: 160_000 },
  explore: (seed): Counts => {
    const listed = listedDamages();
    const damage = damageOf(seed < listed ? (seed * STRIDE) % listed : seed);
    const disk = inflict(damage);
    if (disk === undefined) return { 'that change nothing': 1 };
    try {
      return { repairs: 1, [examineRepair(damage, disk)]: 1 };
    } catch (error) {
      throw new Error(`${damage.scene.name}: ${damage.text}`, { cause: error });
    }
  },
};

function examineRepair(damage: Damage, disk: MemoryFileSystem): string {
  const { scene } = damage;
  const before = filesIn(disk, scene.directory);
  const options = { ...scene.options, fileSystem: disk };
  let report: RepairReport;
  try {
    report = MiniLsm.repair(scene.directory, options);
  } catch (error) {
    assert.ok(error instanceof LsmError && error.code === 'LSM_CORRUPTION', String(error));
    assert.ok(!EXACT.has(damage.kind), 'one damage leaves enough to tell whose files they are');
    assert.deepEqual(filesIn(disk, scene.directory), before, 'a repair that is refused changes nothing');
    return 'refused';
  }
  const found = contentsOf(scene, disk);
  compare(damage, found, report);
  checkLost(damage, disk, report);
  const again = MiniLsm.repair(scene.directory, options);
  assert.deepEqual(again.problems, [], 'what a repair makes is whole');
  assert.deepEqual(contentsOf(scene, disk), found, 'a second repair changes nothing');
  return report.problems.length === 0 ? 'nothing to do' : `manifest ${report.manifest}`;
}

/** What the database holds; every version is one that was written. */
function contentsOf(scene: Scene, fileSystem: MemoryFileSystem): ReadonlyMap<string, string> {
  const db = MiniLsm.open(scene.directory, { ...scene.options, fileSystem, createIfMissing: false });
  try {
    assert.equal(db.recovery.bytesDiscarded, 0);
    assert.deepEqual(db.verify().problems, []);
    const found = new Map<string, string>();
    for (const [key, value] of db.scan()) {
      assert.ok(scene.versions.has(versionName(key, value)), 'nothing is invented');
      found.set(hex(key), hex(value));
    }
    for (const key of scene.keys) {
      const value = db.get(key);
      assert.equal(value === undefined ? undefined : hex(value), found.get(hex(key)));
    }
    return found;
  } finally {
    db.close();
  }
}

/** What stands whole at its place, the newest version of each key. */
function newestLeft(damage: Damage): Map<string, StoredVersion> {
  const newest = new Map<string, StoredVersion>();
  for (const version of versionsIn(damage.scene)) {
    if ((newest.get(version.key)?.sequence ?? -1) >= version.sequence) continue;
    if (isLeft(damage, version)) newest.set(version.key, version);
  }
  return newest;
}

function isLeft({ scene, contents }: Damage, { path, needs }: StoredVersion): boolean {
  if (!contents.has(path)) return true;
  const now = contents.get(path);
  const was = scene.files.find((file) => file.path === path)?.bytes;
  if (now === undefined || was === undefined) return false;
  // A footer is found from the end of its file.
  if (path.endsWith('.sst') && now.length !== was.length) return false;
  return needs.every(
    ({ start, end }) =>
      end <= now.length && Buffer.compare(now.subarray(start, end), was.subarray(start, end)) === 0,
  );
}

function compare(damage: Damage, found: ReadonlyMap<string, string>, report: RepairReport): void {
  const left = newestLeft(damage);
  const stored = versionsIn(damage.scene);
  const isExact = EXACT.has(damage.kind);
  for (const key of new Set([...left.keys(), ...found.keys()])) {
    const expected = left.get(key);
    const value = found.get(key);
    if (value === expected?.value) continue;
    assert.ok(!isExact, `${key} is ${value} and not ${expected?.value} (${expected?.path})`);
    const known = stored.filter((version) => version.key === key && version.value === value);
    const newest = Math.max(-1, ...known.map(({ sequence }) => sequence));
    assert.ok(newest >= (expected?.sequence ?? -1), `${key} is older than what is left of it`);
  }
  const last = damage.scene.states.at(-1);
  const isWhole = last?.entries.every(([key, value]) => found.get(hex(key)) === hex(value)) === true;
  const isCutOff = damage.kind === 'cut' && !damage.scene.closed;
  assert.ok(isWhole || isCutOff || report.problems.length > 0, 'what is missing is reported');
}

/** What was not whole is in `lost/` as it was. */
function checkLost({ scene, contents, kind }: Damage, disk: MemoryFileSystem, report: RepairReport): void {
  for (const path of report.setAside) assert.equal(disk.status(path)?.kind, 'file');
  if (!EXACT.has(kind)) return;
  const lost = joinPath(scene.directory, 'lost');
  for (const [path, bytes] of contents) {
    const name = path.slice(scene.directory.length + 1);
    if (bytes === undefined || !report.problems.some(({ file }) => file === path)) continue;
    const kept = readBytes(disk, joinPath(lost, name));
    assert.equal(Buffer.compare(kept, bytes), 0, `${name} is kept as it was`);
  }
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('hex');
}
