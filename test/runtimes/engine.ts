/**
 * What every runtime must do with the engine: flush and merge on the worker thread, and lose nothing that was
 * acknowledged when its process is killed. A program on its own, since only Node.js has its own test runner:
 * scripts/matrix.mjs runs it. Prints what it did; exits non-zero on the first thing wrong.
 */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { MiniLsm } from '../../src/db/mini-lsm.ts';
import { commands, KILL_OPTIONS } from '../db/kill-writer.ts';
import { expectError } from '../support/expect-error.ts';
import { describeEntries, Model } from '../support/model.ts';

/** After how many acknowledged writes each life of the writer ends. */
const LIVES = [1, 300, 2000];

const directory = mkdtempSync(join(tmpdir(), 'mini-lsm-runtime-'));
try {
  const path = join(directory, 'db');
  let model = new Model();
  let acknowledged = 0;
  for (const [seed, writes] of LIVES.entries()) {
    const told = await writeAndKill(path, seed, writes);
    acknowledged += told;
    model = checkAfterKill(path, model, seed, told);
  }
  const merges = compactAndCheck(path, model);
  console.log(`${acknowledged} writes survived ${LIVES.length} kills; ${merges} merges on the worker thread`);
} finally {
  rmSync(directory, { recursive: true, force: true });
}

/** Starts a process that writes, kills it, and returns how many writes it had told of. */
async function writeAndKill(path: string, seed: number, writes: number): Promise<number> {
  const writer = fileURLToPath(new URL('../db/kill-writer.js', import.meta.url));
  const child = spawn(process.execPath, [writer, path, String(seed)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let told = 0;
  child.stdout.on('data', (data: Uint8Array) => {
    told += data.length;
    if (told >= writes) child.kill('SIGKILL');
  });
  const [code, signal] = await once(child, 'close');
  assert.equal(signal, 'SIGKILL', `the writer ended by itself, with ${code}`);
  return told;
}

/** The model with the writes of that life: those told of, and perhaps the one that was under way. */
function checkAfterKill(path: string, before: Model, seed: number, told: number): Model {
  const model = before.clone();
  const source = commands(seed);
  for (let i = 0; i < told; i++) apply(model, source.next().value?.writes ?? []);
  const withNext = model.clone();
  apply(withNext, source.next().value?.writes ?? []);

  const db = MiniLsm.open(path, KILL_OPTIONS);
  const found = describeEntries(db.scan());
  db.close();
  if (found.join() === describeEntries(withNext.entries()).join()) return withNext;
  assert.deepEqual(found, describeEntries(model.entries()));
  return model;
}

/** Fills a few memtables while reading, compacts, and returns how many merges it took. */
function compactAndCheck(path: string, model: Model): number {
  const db = MiniLsm.open(path, KILL_OPTIONS);
  expectError('LSM_LOCKED', () => MiniLsm.open(path, KILL_OPTIONS));
  for (let i = 0; i < 2000; i++) {
    const key = `clé ${i % 500} €`;
    const value = `${i} `.padEnd(i % 300, 'ü');
    db.put(key, value);
    model.put(key, Buffer.from(value));
    assert.equal(Buffer.from(db.get(key) ?? []).toString(), value);
  }
  db.compact();
  assert.deepEqual(describeEntries(db.scan()), describeEntries(model.entries()));
  assert.deepEqual(db.verify().problems, []);
  const { compactions } = db.stats();
  assert.ok(compactions.flushes > 0 && compactions.merges > 0);
  db.close();
  return compactions.merges;
}

function apply(model: Model, writes: readonly (readonly [string, string | undefined])[]): void {
  for (const [key, value] of writes) {
    if (value === undefined) model.delete(key);
    else model.put(key, Buffer.from(value));
  }
}
