/**
 * What becomes of a crash state: the database opens, holds something, takes writes, dies or is closed, and opens
 * again with all of it.
 */
import assert from 'node:assert/strict';
import { MiniLsm } from '../../../src/db/mini-lsm.ts';
import { LsmError } from '../../../src/errors.ts';
import type { Options } from '../../../src/options.ts';
import { WriteBatch } from '../../../src/wal/write-batch.ts';
import type { DirectoryImage } from '../../simulation/disk-image.ts';
import { OrderingFileSystem } from '../../simulation/ordering-file-system.ts';
import { SimulatedFileSystem } from '../../simulation/simulated-file-system.ts';
import { DATABASE } from '../../support/small-database.ts';
import { identify, textOf } from './history.ts';
import { contentsOf, TINY } from './life.ts';

export interface Recovery {
  /** Decides how names are listed, and whether the database is closed before it is opened again. */
  readonly seed: number;
  /** Whether the state may need a repair before it can be opened. */
  readonly needsRepair?: boolean;
}

/** Returns what the database in an image holds, once it is clear that it goes on as a database should. */
export function recover(image: DirectoryImage, { seed, needsRepair = false }: Recovery): string {
  const disk = new SimulatedFileSystem(image, seed);
  const fs = new OrderingFileSystem(disk);
  if (needsRepair) repairIfNeeded(fs);
  const db = MiniLsm.open(DATABASE, { ...optionsFor(seed), fileSystem: fs });
  const contents = contentsOf(db);
  const found = textOf(contents);
  writeThree(db, contents, seed);
  const expected = textOf(contents);
  assert.equal(textOf(contentsOf(db)), expected, 'three writes are visible');

  const dies = seed % 2 === 0;
  if (!dies) db.close();
  const later = new OrderingFileSystem(dies ? new SimulatedFileSystem(disk.image(), seed + 1) : disk);
  const again = MiniLsm.open(DATABASE, { ...optionsFor(seed), fileSystem: later });
  assert.equal(textOf(contentsOf(again)), expected, 'what was written after the crash is there');
  assert.deepEqual(again.verify().problems, []);
  again.close();
  assert.deepEqual([...fs.violations, ...later.violations], []);
  return found;
}

/** Merges take a third of the time, and are seldom what differs between two states: one in eight has them. */
function optionsFor(seed: number): Options {
  return seed % 8 === 0 ? TINY : { ...TINY, l0CompactionFiles: 100 };
}

/** A write that is synced, a batch, and one that is too large for a memtable, or a deletion. */
function writeThree(db: MiniLsm, contents: Map<string, string>, seed: number): void {
  const [first] = contents.keys();
  const value = Buffer.from('written after the crash');
  db.put('after', value, { sync: true });
  contents.set('after', identify(value));
  const batch = new WriteBatch().put('after 2', value);
  contents.set('after 2', identify(value));
  if (first !== undefined) batch.delete(first);
  if (first !== undefined) contents.delete(first);
  db.write(batch);
  if (seed % 4 > 0) {
    db.delete('after');
    contents.delete('after');
  } else {
    const large = Buffer.alloc(1100, 1);
    db.put('after 3', large);
    contents.set('after 3', identify(large));
  }
}

function repairIfNeeded(fs: OrderingFileSystem): void {
  try {
    MiniLsm.open(DATABASE, { ...TINY, fileSystem: fs }).close();
  } catch (error) {
    if (!(error instanceof LsmError) || error.code !== 'LSM_CORRUPTION') throw error;
    MiniLsm.repair(DATABASE, { ...TINY, fileSystem: fs });
  }
}

/** What a copy in an image holds; undefined if there is no database in its directory. */
export function contentsOfCopy(image: DirectoryImage, path: string): string | undefined {
  const fs = new OrderingFileSystem(new SimulatedFileSystem(image));
  try {
    const db = MiniLsm.open(path, { ...TINY, fileSystem: fs, createIfMissing: false });
    const contents = textOf(contentsOf(db));
    assert.deepEqual(db.verify().problems, []);
    db.close();
    return contents;
  } catch (error) {
    if (error instanceof LsmError && error.code === 'LSM_NOT_FOUND') return undefined;
    throw error;
  }
}
