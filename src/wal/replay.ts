import { corruption } from '../errors.ts';
import type { FileSystem } from '../fs/file-system.ts';
import { type LogIdentity, RECORD_HEADER_BYTES } from '../log/log-format.ts';
import { type LogEnd, LogReader } from '../log/log-reader.ts';
import type { TornReason } from '../log/torn-tail.ts';
import { MAX_BATCH_BYTES } from './batch-format.ts';
import { BatchReader } from './batch-reader.ts';

/** How a write-ahead log ended, and why if it is torn. */
export interface ReplayEnd extends LogEnd {
  readonly tornReason: TornReason | undefined;
}

/**
 * Hands every batch of a write-ahead log to `visit`, in the order of their commits, each one checked as a
 * whole before it is seen. The batch is good until `visit` returns.
 *
 * Returns how the log ended: the caller decides whether it may be torn or open, which only the last one may.
 * @throws LsmError `LSM_CORRUPTION` for damage; batches before it may have been visited by then.
 */
export function replayWal(
  fs: FileSystem,
  path: string,
  identity: LogIdentity,
  visit: (batch: BatchReader) => void,
): ReplayEnd {
  const log = LogReader.open(fs, path, identity, { maxRecordBytes: MAX_BATCH_BYTES });
  try {
    const batch = new BatchReader();
    let nextSequence = 0;
    while (log.next()) {
      if (log.payloadLength === 0) continue; // a seal
      const offset = log.recordOffset + RECORD_HEADER_BYTES;
      batch.reset(log.payload, log.payloadStart, log.payloadLength, path, offset);
      if (batch.sequence < nextSequence) throw corruption(path, offset, 'the sequence numbers go back');
      nextSequence = batch.sequence + batch.count;
      visit(batch);
    }
    return { ...log.end, tornReason: log.tornReason };
  } finally {
    log.close();
  }
}
