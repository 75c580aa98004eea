/**
 * What the parts of an open database share. All that changes while it is open is here, named: the view that
 * reads use, the last sequence number, and the failure that ended writing. Everything is touched by the
 * owner's thread alone.
 */

import type { FileNumbers } from '../background/file-numbers.ts';
import type { BlockCache } from '../cache/block-cache.ts';
import { LsmError } from '../errors.ts';
import type { FileSystem } from '../fs/file-system.ts';
import type { ResolvedOptions } from '../options.ts';
import type { TableCache } from '../sstable/table-cache.ts';
import type { CachedBlock } from '../sstable/table-reader.ts';
import { tellOfFailure } from './channels.ts';
import { Counters } from './counters.ts';
import { ReadToll } from './read-toll.ts';
import type { ReadView } from './read-view.ts';
import type { RecoveryReport } from './recovery-report.ts';
import { SnapshotList } from './snapshots.ts';

/** What is known from the start and never changes. */
export interface CoreParts {
  readonly fs: FileSystem;
  readonly directory: string;
  readonly options: ResolvedOptions;
  readonly databaseId: Uint8Array;
  readonly fileNumbers: FileNumbers;
  readonly blocks: BlockCache<CachedBlock>;
  readonly tables: TableCache;
  /** What opening found and did. */
  readonly recovery: RecoveryReport;
}

export class Core {
  readonly fs: FileSystem;
  readonly directory: string;
  readonly options: ResolvedOptions;
  readonly databaseId: Uint8Array;
  readonly fileNumbers: FileNumbers;
  readonly blocks: BlockCache<CachedBlock>;
  readonly tables: TableCache;
  readonly recovery: RecoveryReport;
  readonly counters: Counters = new Counters();
  readonly snapshots: SnapshotList = new SnapshotList();
  readonly toll: ReadToll = new ReadToll();

  /** What reads look at now. Replaced by {@link show}. */
  view: ReadView;
  /** Sequence number of the last committed write; reads without a snapshot see up to here. */
  lastSequence: number;
  /** Why nothing can be written any more until the database is reopened. */
  failure: LsmError | undefined = undefined;

  constructor(parts: CoreParts, view: ReadView, lastSequence: number) {
    this.fs = parts.fs;
    this.directory = parts.directory;
    this.options = parts.options;
    this.databaseId = parts.databaseId;
    this.fileNumbers = parts.fileNumbers;
    this.blocks = parts.blocks;
    this.tables = parts.tables;
    this.recovery = parts.recovery;
    this.view = view;
    this.lastSequence = lastSequence;
  }

  /** Puts a new view in place of the old one. */
  show(view: ReadView): void {
    const old = this.view;
    this.view = view;
    old.unref();
  }

  /**
   * Runs a step on the write-ahead log or the manifest. If it fails, nobody knows what the file holds, so
   * nothing is written any more: a failed fsync is never tried again.
   */
  orReadOnly<Result>(step: () => Result): Result {
    try {
      return step();
    } catch (error) {
      this.fail(error);
      throw error;
    }
  }

  /** Ends writing, for the first reason that comes. */
  fail(reason: unknown): void {
    if (this.failure !== undefined) return;
    const error =
      reason instanceof LsmError ? reason : new LsmError('LSM_IO', String(reason), { cause: reason });
    this.failure = error;
    tellOfFailure(this.directory, error);
  }

  /** Ends writing because a rule of the engine was broken, and gives the error to throw. */
  failWith(rule: string): LsmError {
    const error = new LsmError('LSM_INTERNAL', `broken invariant: ${rule}; please report this`);
    this.fail(error);
    return error;
  }

  /** @throws LsmError `LSM_READ_ONLY` after a failure. */
  checkWritable(): void {
    if (this.failure === undefined) return;
    throw new LsmError(
      'LSM_READ_ONLY',
      `the database takes no more writes since an earlier failure: ${this.failure.message}; ` +
        'reads go on; close it, remove the cause and open it again',
      { cause: this.failure, file: this.failure.file, offset: this.failure.offset },
    );
  }
}
