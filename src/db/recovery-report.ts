/** What `open` tells of the work that it had: which logs it read, what it left out and why, what it cleared away. */
import { LsmError } from '../errors.ts';
import type { TornReason } from '../log/torn-tail.ts';
import type { ReplayEnd } from '../wal/replay.ts';

/** A write-ahead log that was read to its end. */
export interface ReplayedLog {
  readonly file: string;
  /** How much of it is whole, header and trailer included; bytes. */
  readonly bytes: number;
  readonly batches: number;
  readonly entries: number;
}

/** Bytes at the end of a log that are no whole record: a write that was never acknowledged as durable, or a mark. */
export interface DiscardedTail {
  /** The last write-ahead log, or the manifest. */
  readonly file: string;
  /** Of the first of them. */
  readonly offset: number;
  readonly bytes: number;
  /** What stands there: see {@link TornReason}. */
  readonly reason: TornReason;
}

/** What opening a database found and did. */
export interface RecoveryReport {
  /** Whether the database was made by this open. */
  readonly created: boolean;
  /** The write-ahead logs that were replayed, oldest first; what they held is in tables now. */
  readonly logs: readonly ReplayedLog[];
  /** Batches and entries read back from them. */
  readonly batchesReplayed: number;
  readonly entriesReplayed: number;
  /** Bytes of all that was left out. */
  readonly bytesDiscarded: number;
  /** What was left out: nothing after a clean close, or a death of the process alone. */
  readonly discarded: readonly DiscardedTail[];
  /** Files without an owner that were removed, such as the outputs of an interrupted compaction. */
  readonly orphansRemoved: number;
  /** Their names in the directory. */
  readonly orphans: readonly string[];
}

/** What stands behind the whole part of a log or manifest; undefined if nothing does. */
export function tailOf(
  file: string,
  { validBytes, discardedBytes, tornReason }: Omit<ReplayEnd, 'state'>,
): DiscardedTail | undefined {
  if (tornReason === undefined) return undefined;
  return { file, offset: validBytes, bytes: discardedBytes, reason: tornReason };
}

const REASONS: Readonly<Record<TornReason, string>> = {
  'lost mark': 'what is left of the mark behind the last one',
  zeros: 'nothing but zeros',
  'short header': 'the file ends within the header of a record',
  'wrong header': 'no header of a record',
  'short record': 'the file ends within a record',
  'wrong payload': 'a record with a wrong checksum',
};

/** A sentence about a tail, for people. */
export function describeTail({ file, offset, bytes, reason }: DiscardedTail): string {
  return `${file} ends in ${bytes} bytes, at offset ${offset}, that are no whole record: ${REASONS[reason]}`;
}

/** Whether data may be among what is left out: a mark is written behind a record, and holds none. */
export function mayHoldData({ reason }: DiscardedTail): boolean {
  return reason !== 'lost mark';
}

/** The error of an opening that must not leave anything out. */
export function refusedTail(tail: DiscardedTail): LsmError {
  const advice =
    "what a power cut left of a write that was not durable looks like that; open it with recovery: 'truncate-tail' " +
    'to go on without them, or restore a backup';
  return new LsmError('LSM_CORRUPTION', `${describeTail(tail)}; ${advice}`, {
    file: tail.file,
    offset: tail.offset,
  });
}
