/** Work that takes long, with the event loop turning meanwhile and a signal heeded. */
import { nextTurn } from '#platform';
import { checkedPath, checkNotAborted } from '../db/arguments.ts';
import { backupOpen } from '../db/backup.ts';
import type { BackupReport } from '../db/copied-tree.ts';
import type { GroupCommit } from '../db/group-commit.ts';
import type { Internals } from '../db/mini-lsm.ts';
import { verify } from '../db/verify.ts';
import type { VerifyReport } from '../db/verify-report.ts';
import type { KeyRange } from '../keys/key-range.ts';

/** Brings everything written so far into tables. */
export async function flush(
  { maintenance, writePath }: Internals,
  groups: GroupCommit,
  signal: AbortSignal | undefined,
): Promise<void> {
  await groups.settled();
  await maintenance.steps.follow(writePath.flush(), signal);
}

/** The same, and rewrites the tables of a range. */
export async function compact(
  parts: Internals,
  groups: GroupCommit,
  range: KeyRange,
  signal: AbortSignal | undefined,
): Promise<void> {
  await flush(parts, groups, signal);
  const { maintenance } = parts;
  await maintenance.steps.follow(maintenance.compact(range), signal);
}

/** Reads every block of every file; `goOn` is asked after each file, and throws to end it. */
export async function verifyInTurns(
  { core, manifest }: Internals,
  signal: AbortSignal | undefined,
  goOn: () => void,
): Promise<VerifyReport> {
  checkNotAborted(signal);
  const { view } = core;
  view.ref();
  try {
    const steps = verify(core, view, manifest.number, {});
    for (let step = steps.next(); ; step = steps.next()) {
      if (step.done) return step.value;
      await nextTurn();
      checkNotAborted(signal);
      goOn();
    }
  } finally {
    view.unref();
  }
}

/**
 * Copies every table to a backup; `goOn` is asked before each, and throws to end it. Closing waits for this, so it
 * ends as soon as somebody closes.
 */
export async function backupInTurns(
  parts: Internals,
  groups: GroupCommit,
  path: string,
  signal: AbortSignal | undefined,
  goOn: () => void,
): Promise<BackupReport> {
  const { core, maintenance, writePath } = parts;
  const target = core.fs.absolutePath(checkedPath(path));
  await flush(parts, groups, signal);
  goOn();
  // What others have written meanwhile: little, as a rule, and nothing may come between this and the first step.
  maintenance.steps.block(writePath.flush());
  const steps = backupOpen(core, target);
  for (let step = steps.next(); ; ) {
    if (step.done) return step.value;
    await nextTurn();
    try {
      checkNotAborted(signal);
      goOn();
    } catch (error) {
      step = steps.throw(error);
      continue;
    }
    step = steps.next();
  }
}
