/**
 * Removes a range of keys as of the moment when it was asked for: a key that was written later stays. It goes
 * piece by piece, with a group of deletions each, and lets the event loop turn in between. Where everything is
 * to go, and is in tables that nobody else needs, they are dropped instead, by one edit of the manifest.
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

/** From so many entries in tables on, dropping them costs less than deleting them one by one. */
const MANY_ENTRIES = 1000;

export interface ClearRange {
  readonly range: KeyRange;
  readonly reverse: boolean;
  /** At most so many keys; -1 for all. */
  readonly limit: number;
  readonly sync: boolean;
  readonly signal: AbortSignal | undefined;
}

/**
 * Removes what was in a range when everything that was written before the call, and nothing that was written
 * after it, had been committed. With the sequence number of a snapshot, what that sees of it, unless it was
 * removed since.
 */
export async function clearRange(
  parts: Internals,
  groups: GroupCommit,
  sequence: number | undefined,
  wanted: ClearRange,
): Promise<void> {
  const { core } = parts;
  const { range, limit, signal } = wanted;
  const isEverything = range.lower === undefined && range.upper === undefined && limit < 0;
  const pins: Snapshot[] = [];
  /** Up to here was written before the call. With a snapshot given, that is later than what it sees. */
  let called = core.lastSequence;
  try {
    if (sequence === undefined) {
      await groups.writeLate(() => {
        called = core.lastSequence;
        // A pin would keep the tables from being dropped; without it, only what was replaced can be missing.
        if (!isEverything) pins.push(core.snapshots.take(called));
      }, false);
      // Whether that was possible shows: then nothing is left to be found.
      if (isEverything) await dropTables(parts, called, signal);
    }
    const [pinned = core.snapshots.take(sequence ?? called)] = pins;
    pins[0] = pinned;
    await deletePieces(parts, groups, pinned.sequence, called, wanted);
  } finally {
    for (const pin of pins) pin.close();
  }
}

/** Deletes what a sequence number sees of a range and no write after another one has replaced. */
async function deletePieces(
  { core, cursors, find }: Internals,
  groups: GroupCommit,
  sequence: number,
  called: number,
  { range, reverse, limit, sync, signal }: ClearRange,
): Promise<void> {
  const held = cursors.open(range, sequence, false);
  const { cursor } = held;
  let left = limit < 0 ? Number.POSITIVE_INFINITY : limit;
  let deleted = 0;

  /** Runs when everything that was written before is visible. */
  const addPiece = (batch: WriteBatch): void => {
    if (held.closed) throw closedMeanwhile();
    const isAlone = core.lastSequence === called + deleted;
    for (
      let keys = 0;
      keys < PIECE_KEYS && batch.byteLength < PIECE_BYTES && left > 0 && cursor.valid;
      keys++
    ) {
      const key = cursor.key.subarray(cursor.keyStart, cursor.keyStart + cursor.keyLength);
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
      if (held.closed) throw closedMeanwhile(); // its cursor stands nowhere, as at the end
    }
  } finally {
    held.close();
  }
}

/** Drops all tables if they are many, hold nothing newer than a sequence number, and no snapshot sees them. */
async function dropTables(
  { core, maintenance, writePath }: Internals,
  sequence: number,
  signal: AbortSignal | undefined,
): Promise<void> {
  const tables = core.view.version.levels.flat();
  const entries = tables.reduce((sum, { entryCount }) => sum + entryCount, 0);
  if (entries < MANY_ENTRIES || core.snapshots.size > 0) return;
  await maintenance.steps.follow(writePath.flush(), signal);
  await maintenance.steps.follow(maintenance.dropAll(sequence), signal);
}

/** Whether a key was written, or deleted, after a moment. */
function isNewer(found: LookupResult | undefined, sequence: number): boolean {
  return found === undefined || found.sequence > sequence;
}

function closedMeanwhile(): LsmError {
  return new LsmError('LSM_CLOSED', 'the database was closed during clear(); open it again');
}
