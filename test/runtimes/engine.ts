/**
 * What every runtime must do with the engine: flush and merge on the worker thread, and lose nothing that was
 * acknowledged when its process is killed. A program on its own, since only Node.js has its own test runner:
 * scripts/matrix.mjs runs it. Prints what it did; exits non-zero on the first thing wrong.
 */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MiniLsm } from '../../src/db/mini-lsm.ts';
import type { Options } from '../../src/options.ts';
import { UNDER_WAY } from '../reliability/real/life.ts';
import { SMALL } from '../reliability/real/options.ts';
import { killedAfter, lastOf } from '../reliability/real/process.ts';
import { readState, type State, stepsSurvived } from '../reliability/real/state.ts';
import { type Plot, story } from '../reliability/real/story.ts';
import { expectError } from '../support/expect-error.ts';

/** After how many acknowledged writes each life of the writer ends. */
const LIVES = [1, 300, 2000];

const PLOT: Plot = { sync: 20, flush: 150, compact: 0, checkpoint: 0 };
const OPTIONS: Options = { ...SMALL, background: 'worker' };

const directory = mkdtempSync(join(tmpdir(), 'mini-lsm-runtime-'));
try {
  const path = join(directory, 'db');
  let state: State = new Map();
  let acknowledged = 0;
  for (const [seed, writes] of LIVES.entries()) {
    const life = { path, seed, plot: PLOT, options: OPTIONS, face: 'engine' } as const;
    const told = lastOf((await killedAfter(life, writes, 0)).acknowledged);
    acknowledged += told;
    const db = MiniLsm.open(path, OPTIONS);
    const found = readState(db);
    db.close();
    stepsSurvived(state, story(seed, PLOT), found, told, told + UNDER_WAY.engine);
    state = found;
  }
  const merges = compactAndCheck(path, state);
  console.log(`${acknowledged} writes survived ${LIVES.length} kills; ${merges} merges on the worker thread`);
} finally {
  rmSync(directory, { recursive: true, force: true });
}

/** Fills a few memtables while reading, compacts, and returns how many merges it took. */
function compactAndCheck(path: string, state: State): number {
  const model = new Map(state);
  const db = MiniLsm.open(path, OPTIONS);
  expectError('LSM_LOCKED', () => MiniLsm.open(path, OPTIONS));
  for (let i = 0; i < 2000; i++) {
    const key = `clé ${i % 500} €`;
    const value = `${i} `.padEnd(i % 300, 'ü');
    db.put(key, value);
    model.set(asBytes(key), asBytes(value));
    assert.equal(Buffer.from(db.get(key) ?? []).toString(), value);
  }
  db.compact();
  const entries = [...model].sort(([a], [b]) => (a < b ? -1 : 1));
  assert.deepEqual([...readState(db)], entries);
  assert.deepEqual(db.verify().problems, []);
  const { compactions } = db.stats();
  assert.ok(compactions.flushes > 0 && compactions.merges > 0);
  db.close();
  return compactions.merges;
}

/** As a state holds keys and values: one character a byte. */
function asBytes(text: string): string {
  return Buffer.from(text).toString('latin1');
}
