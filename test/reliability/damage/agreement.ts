/**
 * What `MiniLsm.verify` says of a damaged database that nobody has open, held against what opening and reading
 * it come to: both judge the same bytes, and neither may find whole what the other one refuses.
 */
import assert from 'node:assert/strict';
import { MiniLsm } from '../../../src/db/mini-lsm.ts';
import type { RecoveryReport } from '../../../src/db/recovery-report.ts';
import type { VerifyReport } from '../../../src/db/verify-report.ts';
import type { LsmError } from '../../../src/errors.ts';
import type { FileSystem } from '../../../src/fs/file-system.ts';
import { CURRENT_TEMPORARY_NAME } from '../../../src/version/file-names.ts';
import { filesIn } from '../../support/edit-file.ts';

/** Verifies without opening, which throws nothing and leaves everything as it was. */
export function verifyClosed(fileSystem: FileSystem, directory: string): VerifyReport {
  const before = filesIn(fileSystem, directory);
  const report = MiniLsm.verify(directory, { fileSystem });
  assertUntouched(fileSystem, directory, before, 'a verification');
  assert.equal(report.ok, report.problems.length === 0);
  return report;
}

/** All files are there as they were, and no others. */
export function assertUntouched(
  fileSystem: FileSystem,
  directory: string,
  before: ReadonlyMap<string, Uint8Array>,
  by: string,
): void {
  const after = filesIn(fileSystem, directory);
  assert.deepEqual([...after.keys()], [...before.keys()], `${by} leaves all files`);
  for (const [name, bytes] of before) {
    const isSame = Buffer.compare(bytes, after.get(name) ?? new Uint8Array(0)) === 0;
    assert.ok(isSame, `${name} is left as it was by ${by}`);
  }
}

/** An opening was refused: what it names is among the problems. */
export function assertFoundToo({ ok, problems }: VerifyReport, refusal: LsmError): void {
  assert.ok(!ok, `a verification finds nothing where opening says: ${refusal.message}`);
  const isNamed = problems.some(({ file, offset }) => file === refusal.file && offset === refusal.offset);
  const said = problems.map(({ message }) => message).join('; ');
  assert.ok(isNamed, `opening says: ${refusal.message}; but a verification: ${said}`);
}

/**
 * An opening succeeded: it left out and removed what was told, and everything can be read exactly if no problem
 * was. A compaction may have begun already that took a damaged table away: the filter of a table is not read by
 * it, so that its damage is gone then.
 */
export function assertToldBefore(
  { problems, discarded, unnamed }: VerifyReport,
  opening: RecoveryReport,
  isWhole: boolean,
  isThere: (file: string) => boolean,
): void {
  const left = problems.filter(({ file }) => file === undefined || isThere(file));
  assert.equal(left.length === 0, isWhole, `found: ${left.map(({ message }) => message).join('; ')}`);
  assert.deepEqual(discarded, opening.discarded, 'what opening left out');
  // The new CURRENT took the place of what an unfinished one left.
  const removed = unnamed.filter((name) => name !== CURRENT_TEMPORARY_NAME);
  assert.deepEqual(removed.sort(), [...opening.orphans].sort(), 'what opening removed');
}
