/** Operations on an open database that are the same through whichever face it was opened. */
import assert from 'node:assert/strict';
import { approximateSize } from '../../../src/db/approximate-size.ts';
import { internals, MiniLsm } from '../../../src/db/mini-lsm.ts';
import type { Snapshot } from '../../../src/db/snapshots.ts';
import type { VerifyReport } from '../../../src/db/verify-report.ts';
import { checkVersion } from '../../../src/version/check-version.ts';
import type { Answer } from './answer.ts';
import type { KeyPool } from './key-pool.ts';
import type { Operation } from './operations.ts';
import type { Restartable } from './restarts.ts';

/** Everything, or what a snapshot sees of it. */
export function answerAll(db: MiniLsm, answer: Answer, snapshot?: Snapshot, reverse = false): void {
  for (const [key, value] of db.scan({ snapshot, reverse })) {
    answer.bytes(key);
    answer.bytes(value);
  }
}

/** Everything both ways and key by key, now and under snapshots; and the invariants of the tree. */
export function examine(db: MiniLsm, pool: KeyPool, snapshots: readonly Snapshot[], answer: Answer): void {
  for (const snapshot of [undefined, ...snapshots]) {
    answerAll(db, answer, snapshot);
    answerAll(db, answer, snapshot, true);
    for (const { bytes } of pool.keys) answer.bytes(db.get(bytes, { snapshot }));
  }
  checkTree(db);
}

export function checkTree(db: MiniLsm): void {
  const { fs, directory, view } = internals(db).core;
  checkVersion(view.version, { fs, directory });
}

export function checkVerify(report: VerifyReport): void {
  assert.deepEqual(report.problems, []);
}

/** There is no one right answer, but there are wrong ones. */
export function checkStats(db: MiniLsm, held: { readonly snapshots: number }): void {
  // Numbers that are none become null there.
  assert.doesNotMatch(JSON.stringify(db.stats()), /null/);
  assert.equal(internals(db).core.snapshots.size, held.snapshots, 'live snapshots');
}

/** A part takes no more than the whole, and nothing is taken by no keys. */
export function checkApproximateSize(
  db: MiniLsm,
  pool: KeyPool,
  { from, to }: Operation & { readonly kind: 'approximate size' },
): void {
  const { core } = internals(db);
  const bytes = approximateSize(core, pool.bytes(from), pool.bytes(to));
  const tables = core.view.version.levels.flat();
  const whole = tables.reduce((sum, { fileBytes }) => sum + fileBytes, 0);
  assert.ok(Number.isInteger(bytes) && bytes >= 0 && bytes <= whole, 'approximate size of a range');
  if (from >= to) assert.equal(bytes, 0, 'approximate size of nothing');
}

/** A copy holds what the database holds, and what becomes of it is nothing to the database. */
export function examineCopy({ host, options, pool }: Restartable, path: string, answer: Answer): void {
  const { fileSystem } = host;
  const copy = MiniLsm.open(path, { ...options, background: 'inline', fileSystem });
  try {
    answerAll(copy, answer);
    checkVerify(copy.verify());
    for (const { bytes } of pool.keys.slice(0, 20)) copy.put(bytes, 'only here');
    copy.compact();
  } finally {
    copy.close();
  }
  MiniLsm.destroy(path, { fileSystem });
}
