/** A file system in memory that is full: it refuses with ENOSPC, and takes a part of a write, as a disk does. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { MiniLsm } from '../../../src/db/mini-lsm.ts';
import { LsmError } from '../../../src/errors.ts';
import type { Options } from '../../../src/options.ts';
import { Random } from '../../support/random.ts';
import { applyWrites, batchOf, type Write } from '../../support/writes.ts';
import type { Counts } from '../explorer.ts';
import { SMALL } from '../real/options.ts';
import { readState, type State } from '../real/state.ts';
import { type Plot, type Step, story } from '../real/story.ts';

const PLOT: Plot = { sync: 20, flush: 30, compact: 60, checkpoint: 0 };

const DISK_BYTES = 1 << 20;
const PAGE_BYTES = 4096;

/** From next to no room, where not even opening works, to more than the steps need. */
const MOST_PAGES = 70;

const STEPS = 250;

/** What is written when there is room again. */
const AGAIN = [
  ['from', 'now'],
  ['on', 'again'],
] as const;

/** How many steps are tried on the full disk. */
const REFUSALS = 6;

export async function inside(directory: string, seed: number): Promise<Counts> {
  const root = join(directory, 'disk');
  mkdirSync(root);
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${DISK_BYTES}`, 'none', root]);
  const disk = new FullDisk(root, seed);
  try {
    return disk.explore();
  } finally {
    disk.close();
    execFileSync('umount', ['-l', root]);
  }
}

class FullDisk {
  readonly #root: string;
  readonly #path: string;
  readonly #seed: number;
  readonly #options: Options;
  readonly #counts: Record<string, number> = { 'full disks': 1, 'refused calls': 0 };
  readonly #state = new Map<string, string>();
  /** Writes that failed, of which nobody knows until the next open whether they are in the log. */
  #unknown: Write[][] = [];
  #db: MiniLsm | undefined;

  constructor(root: string, seed: number) {
    this.#root = root;
    this.#path = join(root, 'db');
    this.#seed = seed;
    // A worker is slow to start, and does the same.
    this.#options = { ...SMALL, background: seed % 8 === 7 ? 'worker' : 'inline' };
  }

  explore(): Counts {
    const random = new Random(this.#seed);
    this.#fill(1 + (this.#seed < MOST_PAGES ? this.#seed : random.below(MOST_PAGES)));
    this.#db = this.#openIfRoom();
    if (this.#db !== undefined) {
      this.#write(random.below(4));
      // Every other one is left full and opened again.
      if (random.oneIn(2)) this.#reopenWhileFull();
    }
    rmSync(join(this.#root, 'filler'));
    if (this.#db?.stats().failure !== undefined) this.#expectReadOnly();
    this.#db ??= this.#open();
    this.#expectAllIsWell();
    this.#closeQuietly();
    this.#db = this.#open();
    this.#expectAllIsWell();
    return this.#counts;
  }

  close(): void {
    this.#db?.close();
  }

  /** Leaves so much room. */
  #fill(pages: number): void {
    const { bavail, bsize } = statfsSync(this.#root);
    writeFileSync(join(this.#root, 'filler'), new Uint8Array(bavail * bsize - pages * PAGE_BYTES));
  }

  /** Takes steps until the disk has refused some, and looks after each refusal that reading is as before. */
  #write(extra: number): void {
    let refused = 0;
    let taken = 0;
    for (const step of story(this.#seed, PLOT)) {
      if (refused > REFUSALS + extra || taken > STEPS) break;
      taken += 1;
      if (this.#take(step)) continue;
      refused += 1;
      this.#counts['refused calls'] += 1;
      this.#expectState();
    }
  }

  /** False if the disk had no room for it. */
  #take(step: Step): boolean {
    const db = this.#db as MiniLsm;
    try {
      if (step.kind === 'write') db.write(batchOf(step.writes), { sync: step.sync });
      else if (step.kind === 'compact') db.compact();
      else if (step.kind === 'sync') db.sync();
      else db.flush();
    } catch (error) {
      assertNoRoom(error);
      const { failure } = db.stats();
      if (step.kind === 'write' && failure !== undefined && error.code !== 'LSM_READ_ONLY') {
        this.#unknown.push([...step.writes]);
      }
      return false;
    }
    if (step.kind === 'write') applyWrites(this.#state, step.writes);
    return true;
  }

  #reopenWhileFull(): void {
    this.#closeQuietly();
    this.#db = this.#openIfRoom();
    if (this.#db !== undefined) {
      this.#expectState();
      this.#write(0);
    }
  }

  /** A log that could not be written ends writing, and not reading. */
  #expectReadOnly(): void {
    const db = this.#db as MiniLsm;
    assert.throws(
      () => db.put('a', 'b'),
      (error) => error instanceof LsmError && error.code === 'LSM_READ_ONLY',
    );
    this.#expectState();
    this.#counts['read-only'] = 1;
    this.#closeQuietly();
  }

  /** With room again everything works, without opening anew if the log is whole. */
  #expectAllIsWell(): void {
    const db = this.#db as MiniLsm;
    this.#expectState();
    for (const [key, value] of AGAIN) db.put(key, value);
    applyWrites(this.#state, AGAIN);
    db.flush();
    db.compact();
    assert.equal(db.stats().pending.lastError, undefined);
    this.#expectState();
    assert.deepEqual(db.verify().problems, []);
  }

  #open(): MiniLsm {
    const db = MiniLsm.open(this.#path, this.#options);
    this.#settle(readState(db));
    return db;
  }

  /** Undefined if there is no room to open it. */
  #openIfRoom(): MiniLsm | undefined {
    try {
      return this.#open();
    } catch (error) {
      assertNoRoom(error);
      this.#counts['opens refused'] = (this.#counts['opens refused'] ?? 0) + 1;
      return undefined;
    }
  }

  #closeQuietly(): void {
    const db = this.#db;
    this.#db = undefined;
    try {
      db?.close();
    } catch (error) {
      assertNoRoom(error);
    }
  }

  /** A write of unknown outcome is there as a whole or not at all. */
  #settle(found: State): void {
    for (const writes of this.#unknown) {
      const withIt = new Map(this.#state);
      applyWrites(withIt, writes);
      if (isSame(found, withIt)) applyWrites(this.#state, writes);
    }
    this.#unknown = [];
  }

  #expectState(): void {
    const found = readState(this.#db as MiniLsm);
    const wrong = [...new Set([...found.keys(), ...this.#state.keys()])].filter(
      (key) => found.get(key) !== this.#state.get(key),
    );
    assert.deepEqual(wrong, [], 'keys that do not have what was written last');
  }
}

function assertNoRoom(error: unknown): asserts error is LsmError {
  if (!(error instanceof LsmError)) throw error;
  if (error.code !== 'LSM_NO_SPACE' && error.code !== 'LSM_READ_ONLY') throw error;
}

function isSame(a: State, b: State): boolean {
  return a.size === b.size && [...a].every(([key, value]) => b.get(key) === value);
}
