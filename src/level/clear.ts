/**
 * Removes a range of keys as of the moment when it was asked for: a key that was written later stays. It goes
 * piece by piece, with a group of deletions each, and lets the event loop turn in between.
 */
import { nextTurn } from '#platform';
import type { LookupResult } from '../cursor/cursor.ts';
import { checkNotAborted } from '../db/arguments.ts';
import type { GroupCommit } from '../db/group-commit.ts';
import type { Internals } from '../db/mini-lsm.ts';
import type { Snapshot } from '../db/snapshots.ts';
import { LsmError } from '../errors.ts';
import type { KeyRange } from '../keys/key-range.ts';
import type { WriteBatch } from '../wal/write-batch.ts';

/** Keys of one piece, and their bytes: what a group of commits may have. */
const PIECE_KEYS = 1000;
const PIECE_BYTES = 2 ** 19;

export interface ClearRange {
  readonly range: KeyRange;
  readonly reverse: boolean;
  /** At most so many keys; -1 for all. */
  readonly limit: number;
  readonly sync: boolean;
  readonly signal: AbortSignal | undefined;
}

/** Takes its view of the database before it returns its promise; `pinned` is closed at the end. */
export async function clearRange(
  { core, cursors, find }: Internals,
  groups: GroupCommit,
  pinned: Snapshot,
  { range, reverse, limit, sync, signal }: ClearRange,
): Promise<void> {
  const held = cursors.open(range, pinned.sequence, false);
  const { cursor } = held;
  /** With a snapshot given, this is later than what the snapshot sees. */
  const called = core.lastSequence;
  let left = limit < 0 ? Number.POSITIVE_INFINITY : limit;
  let deleted = 0;

  /** Runs when everything that was written before is visible. */
  const addPiece = (batch: WriteBatch): void => {
    if (held.closed) throw new LsmError('LSM_CLOSED', 'the database was closed during clear()');
    const isAlone = core.lastSequence === called + deleted;
    for (
      let keys = 0;
      keys < PIECE_KEYS && batch.byteLength < PIECE_BYTES && left > 0 && cursor.valid;
      keys++
    ) {
      const key = cursor.key.subarray(0, cursor.keyLength);
      if (isAlone || !isNewer(find(key, core.lastSequence), called)) {
        batch.delete(key);
        deleted += 1;
      }
      left -= 1;
      if (reverse) cursor.prev();
      else cursor.next();
    }
  };

  try {
    if (reverse) cursor.last();
    else cursor.first();
    while (left > 0 && cursor.valid) {
      checkNotAborted(signal);
      await groups.writeLate(addPiece, sync);
      await nextTurn();
    }
  } finally {
    held.close();
    pinned.close();
  }
}

/** Whether a key was written, or deleted, after a moment. */
function isNewer(found: LookupResult | undefined, sequence: number): boolean {
  return found === undefined || found.sequence > sequence;
}
