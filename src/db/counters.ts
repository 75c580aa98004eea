/** What an open database counts. Plain numbers, added to where things happen, read by `stats()`. */

/** Why writes were slowed down or had to wait. */
export type StallReason = 'memtables' | 'l0-files' | 'pending-compaction';

/** How often and how long, for one reason. */
export interface StallCount {
  /** Times that writes were slowed down. */
  delays: number;
  /** Times that a write had to wait for a flush or a compaction. */
  stops: number;
  /** Time that writers lost by both, milliseconds. */
  milliseconds: number;
}

export class Counters {
  /** Point reads, and how many tables they looked into (past the key range, the filter included). */
  gets = 0;
  tablesProbed = 0;
  /** Bytes of keys and values that callers wrote. */
  userBytes = 0;
  logBytes = 0;
  flushes = 0;
  flushedBytes = 0;
  merges = 0;
  moves = 0;
  mergeReadBytes = 0;
  mergeWrittenBytes = 0;
  entriesDropped = 0;
  readonly stalls: Record<StallReason, StallCount> = {
    memtables: { delays: 0, stops: 0, milliseconds: 0 },
    'l0-files': { delays: 0, stops: 0, milliseconds: 0 },
    'pending-compaction': { delays: 0, stops: 0, milliseconds: 0 },
  };
}
