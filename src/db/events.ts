/**
 * What a running database tells those who listen, by `node:diagnostics_channel`. Nobody listening, it costs
 * the look at a flag, and no message is made. Listeners are called when the synchronous code that runs is
 * done, and may use the database.
 *
 * @example
 * import { subscribe } from 'node:diagnostics_channel';
 * subscribe('mini-lsm:stall', (event) => console.warn(event));
 */
import type { StallReason } from './counters.ts';
import type { RecoveryReport } from './recovery-report.ts';

/** A database was opened: channel `mini-lsm:open`. */
export interface OpenEvent {
  /** The directory of the database. */
  readonly location: string;
  /** What opening found and did, such as bytes that it had to discard. */
  readonly recovery: RecoveryReport;
}

/** A memtable has become a table: channel `mini-lsm:flush`. */
export interface FlushEvent {
  /** The directory of the database. */
  readonly location: string;
  /** Tables written: none if nothing of the memtable was left. */
  readonly tables: number;
  readonly bytes: number;
  readonly milliseconds: number;
}

/** Tables have been merged, or moved to another level: channel `mini-lsm:compaction`. */
export interface CompactionEvent {
  readonly location: string;
  readonly kind: 'move' | 'merge' | 'drop';
  /** The level that the tables are in now; undefined if they were dropped. */
  readonly level: number | undefined;
  readonly tablesRead: number;
  readonly tablesWritten: number;
  readonly bytesRead: number;
  readonly bytesWritten: number;
  readonly entriesDropped: number;
  readonly milliseconds: number;
}

/** A write was slowed down or had to wait: channel `mini-lsm:stall`, when it goes on. */
export interface StallEvent {
  readonly location: string;
  readonly kind: 'delay' | 'stop';
  readonly reason: StallReason;
  readonly milliseconds: number;
}

/** Nothing can be written any more until the database is reopened: channel `mini-lsm:failure`. */
export interface FailureEvent {
  readonly location: string;
  readonly error: Error;
}
