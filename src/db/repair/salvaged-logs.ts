/**
 * Replays what is left of write-ahead logs into tables: every batch whose checksums are right, also behind
 * damage, where opening a database would stop.
 *
 * A log holds older sequence numbers than every later one. What breaks that is not replayed: it was cut off
 * by an earlier recovery, which gave its numbers to other writes.
 */
import type { JobEnvironment } from '../../compaction/job.ts';
import { corruption } from '../../errors.ts';
import { fileBytes } from '../../fs/file-system.ts';
import { RECORD_HEADER_BYTES } from '../../log/log-format.ts';
import { LogSalvager } from '../../log/log-salvager.ts';
import type { ResolvedOptions } from '../../options.ts';
import { isDamage } from '../../sstable/table-salvager.ts';
import type { TableSummary } from '../../sstable/table-summary.ts';
import { MAX_BATCH_BYTES } from '../../wal/batch-format.ts';
import { BatchReader } from '../../wal/batch-reader.ts';
import { ReplayedTables } from '../replayed-tables.ts';
import type { FileIdentity } from './found-files.ts';
import type { Problems } from './problems.ts';

export interface LogToReplay {
  readonly path: string;
  readonly identity: FileIdentity;
  /** Whether it must be complete: a later log exists, or the database was closed. */
  readonly complete: boolean;
}

export interface SalvagedLogs {
  /** Oldest data first. */
  readonly tables: readonly TableSummary[];
  readonly entries: number;
  readonly lastSequence: number;
}

/** `logs` are in the order of their numbers; what they hold is above `lastSequence`. */
export function salvageLogs(
  environment: JobEnvironment,
  logs: readonly LogToReplay[],
  lastSequence: number,
  options: Pick<ResolvedOptions, 'memtableBytes' | 'maxFrozenMemtables'>,
  problems: Problems,
  onRead: (log: LogToReplay) => void,
): SalvagedLogs {
  const replayed = new ReplayedTables(environment, options);
  const limits = firstSequences(environment, logs);
  let last = lastSequence;
  for (const [at, log] of logs.entries()) {
    // The last element is the limit of the last log: none.
    const limit = Math.min(...limits.slice(at + 1));
    eachBatch(environment, log, problems, (batch, offset) => {
      if (batch.sequence <= last || batch.sequence + batch.count > limit) {
        const what = `a batch with sequence ${batch.sequence} has its place elsewhere; it was left out`;
        problems.add(corruption(log.path, offset, what));
        return true;
      }
      last = batch.sequence + Math.max(0, batch.count - 1);
      replayed.add(batch);
      return true;
    });
    onRead(log);
  }
  replayed.finish();
  return { tables: replayed.tables, entries: replayed.entries, lastSequence: last };
}

/** The first sequence number in each log, and infinity for one that holds none and after the last. */
function firstSequences(environment: JobEnvironment, logs: readonly LogToReplay[]): number[] {
  const sequences = logs.map((log) => {
    let first = Number.POSITIVE_INFINITY;
    eachBatch(environment, log, undefined, (batch) => {
      first = batch.sequence;
      return false;
    });
    return first;
  });
  return [...sequences, Number.POSITIVE_INFINITY];
}

/** Visits the whole batches of a log until `visit` returns false, and tells of what is not whole. */
function eachBatch(
  { fs }: JobEnvironment,
  { path, identity, complete }: LogToReplay,
  problems: Problems | undefined,
  visit: (batch: BatchReader, offset: number) => boolean,
): void {
  const batch = new BatchReader();
  const log = LogSalvager.open(fs, path, identity, { maxRecordBytes: MAX_BATCH_BYTES }, (offset, bytes) =>
    problems?.add(corruption(path, offset, `${bytes} bytes there are no whole record`)),
  );
  const holds = (test: () => boolean): boolean => {
    try {
      return test();
    } catch (error) {
      if (!isDamage(error)) throw error;
      problems?.add(error);
      return false;
    }
  };
  const isBatch = (): boolean => {
    const offset = log.recordOffset + RECORD_HEADER_BYTES;
    batch.reset(log.payload, log.payloadStart, log.payloadLength, path, offset);
    return true;
  };
  try {
    while (holds(() => log.next())) {
      if (log.payloadLength === 0) continue; // a seal
      if (holds(isBatch) && !visit(batch, log.recordOffset)) return;
    }
    if (complete && !log.sawEnd) {
      const bytes = fileBytes(fs, path);
      problems?.add(
        corruption(path, bytes, 'it ends too early: the record that ends a complete log is missing'),
      );
    }
  } finally {
    log.close();
  }
}
