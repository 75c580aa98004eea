/** What a caller gives a repair and gets from it. */
import type { Options } from '../../options.ts';
import type { Problem } from '../verify-report.ts';

/**
 * Options of `MiniLsm.repair`: those that the database is opened with, of which the ones that say how tables
 * are written count.
 */
export interface RepairOptions extends Options {
  /**
   * Told after every table and log how many of how many bytes are read. What it throws ends the work, comes out
   * of `repair`, and leaves the database as it was.
   */
  readonly onProgress?: ((bytesDone: number, bytesTotal: number) => void) | undefined;
}

/** What a repair found and did. */
export interface RepairReport {
  /**
   * Whether the manifest was whole, so that it was known which tables count and in which order (`'kept'`), or
   * every table in the directory was taken and the sequence numbers decided (`'rebuilt'`): then keys that were
   * deleted can be back if a file that was about to be removed still held them.
   */
  readonly manifest: 'kept' | 'rebuilt';
  /** Tables that were taken over as they are. */
  readonly tablesKept: number;
  /** Tables of which everything, or what was whole, was written to new ones. */
  readonly tablesRewritten: number;
  /** Write-ahead logs that were read; what they hold is in tables now. */
  readonly logsReplayed: number;
  /** Entries that came from them. */
  readonly entriesReplayed: number;
  /** Entries in all tables now: versions of keys, tombstones included. */
  readonly entries: number;
  /** Everything that was not as it should be, with file and offset; none in a database that was whole. */
  readonly problems: readonly Problem[];
  /** Where the files are now that could not be used, whole or in part: in `lost/` in the directory. */
  readonly setAside: readonly string[];
}
