/** What flushes and merges have in common: what they get, what they answer, and how often they look up. */
import type { CompressionByLevel } from '../bytes/compression.ts';
import type { FileSystem } from '../fs/file-system.ts';
import type { TableOptions } from '../sstable/table-builder.ts';
import type { TableSummary } from '../sstable/table-summary.ts';

/** How tables are laid out, by the level that they are for. */
export interface TableLayout extends Omit<TableOptions, 'compression'> {
  readonly compression: CompressionByLevel;
}

/** Everything a job uses from outside. On a worker thread these are objects of that thread. */
export interface JobEnvironment {
  readonly fs: FileSystem;
  /** The database directory. */
  readonly directory: string;
  /** 16 bytes. */
  readonly databaseId: Uint8Array;
  readonly table: TableLayout;
  /** A number that no file has or ever had. */
  allocateFileNumber(): number;
  /** Called between blocks; what it throws (`LSM_ABORTED`) ends the job, which leaves no file behind. */
  checkpoint(): void;
}

/** Plain data. The tables are on the disk, and so are their directory entries. */
export interface JobResult {
  /** In key order. */
  readonly tables: readonly TableSummary[];
  readonly entriesRead: number;
  readonly entriesWritten: number;
  readonly entriesDropped: number;
  /** Bytes of the input files; for a flush, of the memtable. */
  readonly bytesRead: number;
  /** Bytes of the output files. */
  readonly bytesWritten: number;
}

const CHECKPOINT_ENTRIES = 1000;
const CHECKPOINT_BYTES = 64 * 1024;

/** Calls `checkpoint` every so often: a call for each entry would cost more than the entry. */
export class Pacer {
  readonly #environment: JobEnvironment;
  #entries = 0;
  #bytes = 0;

  constructor(environment: JobEnvironment) {
    this.#environment = environment;
  }

  entry(bytes: number): void {
    this.#entries++;
    this.#bytes += bytes;
    if (this.#entries < CHECKPOINT_ENTRIES && this.#bytes < CHECKPOINT_BYTES) return;
    this.#entries = 0;
    this.#bytes = 0;
    this.#environment.checkpoint();
  }
}
