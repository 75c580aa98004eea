/**
 * The channels on which a running database tells what `events.ts` describes. Apart from the descriptions, since
 * those are public and must not lead to what differs by runtime.
 *
 * Messages come from within a write or an installation, when what belongs together is half done. So listeners
 * get them in a microtask: they may use the database, which then is whole.
 */
import { type Channel, channel } from '#platform';
import { type CompactionTask, inputsOf, outputLevelOf } from '../compaction/compaction-task.ts';
import type { JobResult } from '../compaction/job.ts';
import type { StallReason } from './counters.ts';
import type { CompactionEvent, FailureEvent, FlushEvent, OpenEvent, StallEvent } from './events.ts';
import type { RecoveryReport } from './recovery-report.ts';

const openings: Channel = channel('mini-lsm:open');
const flushes: Channel = channel('mini-lsm:flush');
const compactions: Channel = channel('mini-lsm:compaction');
const stalls: Channel = channel('mini-lsm:stall');
const failures: Channel = channel('mini-lsm:failure');

export function tellOfOpen(location: string, recovery: RecoveryReport): void {
  if (!openings.hasSubscribers) return;
  const event: OpenEvent = { location, recovery };
  publishSoon(openings, event);
}

export function tellOfFlush(location: string, result: JobResult, milliseconds: number): void {
  if (!flushes.hasSubscribers) return;
  const event: FlushEvent = {
    location,
    tables: result.tables.length,
    bytes: result.bytesWritten,
    milliseconds,
  };
  publishSoon(flushes, event);
}

/** `result` is that of a merge. */
export function tellOfCompaction(
  location: string,
  task: CompactionTask,
  result: JobResult | undefined,
  milliseconds: number,
): void {
  if (!compactions.hasSubscribers) return;
  const event: CompactionEvent = {
    location,
    kind: task.kind,
    level: outputLevelOf(task),
    tablesRead: inputsOf(task).reduce((sum, { tables }) => sum + tables.length, 0),
    tablesWritten: result?.tables.length ?? 0,
    bytesRead: result?.bytesRead ?? 0,
    bytesWritten: result?.bytesWritten ?? 0,
    entriesDropped: result?.entriesDropped ?? 0,
    milliseconds,
  };
  publishSoon(compactions, event);
}

export function tellOfStall(
  location: string,
  kind: StallEvent['kind'],
  reason: StallReason,
  milliseconds: number,
): void {
  if (!stalls.hasSubscribers) return;
  const event: StallEvent = { location, kind, reason, milliseconds };
  publishSoon(stalls, event);
}

export function tellOfFailure(location: string, error: Error): void {
  if (!failures.hasSubscribers) return;
  const event: FailureEvent = { location, error };
  publishSoon(failures, event);
}

function publishSoon(channel: Channel, event: object): void {
  queueMicrotask(() => channel.publish(event));
}
