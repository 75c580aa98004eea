/**
 * The tables that a job writes. Either all of them are finished and durable, or none is left behind: after
 * any failure `abandon` closes and removes every file made so far.
 */
import { compressionAt } from '../bytes/compression.ts';
import type { Entry } from '../cursor/cursor.ts';
import { TableBuilder } from '../sstable/table-builder.ts';
import type { TableSummary } from '../sstable/table-summary.ts';
import { tablePath } from '../version/file-names.ts';
import type { JobEnvironment } from './job.ts';

export class OutputTables {
  entryCount = 0;
  readonly #environment: JobEnvironment;
  readonly #level: number;
  readonly #finished: TableSummary[] = [];
  #builder: TableBuilder | undefined;

  /** Tables that are packed as those of `level` are. */
  constructor(environment: JobEnvironment, level: number) {
    this.#environment = environment;
    this.#level = level;
  }

  /** Size of the table that is being written, bytes; 0 while there is none. */
  get openBytes(): number {
    return this.#builder?.fileBytes ?? 0;
  }

  /** Writes the entry to the open table, or to a new one. */
  add(entry: Entry): void {
    const { key, keyStart, keyLength, sequence, kind, value, valueStart, valueLength } = entry;
    this.#builder ??= this.#create();
    this.#builder.add(key, keyStart, keyLength, sequence, kind, value, valueStart, valueLength);
    this.entryCount++;
  }

  /** Ends the open table, if there is one; the next entry starts another. */
  cut(): void {
    const builder = this.#builder;
    if (builder === undefined) return;
    // The builder stays known until it is finished: a failure in between must find it.
    const summary = builder.finish();
    this.#builder = undefined;
    this.#finished.push(summary);
  }

  /** Ends the last table and makes all of them durable. */
  finish(): readonly TableSummary[] {
    this.cut();
    if (this.#finished.length > 0) this.#environment.fs.syncDirectory(this.#environment.directory);
    return this.#finished;
  }

  /** Removes everything. Files that cannot be removed are orphans, which the next opening removes. */
  abandon(): void {
    const { fs, directory } = this.#environment;
    const builder = this.#builder;
    this.#builder = undefined;
    // The error that led here is the one to report; what goes wrong while tidying up adds nothing to it.
    if (builder !== undefined) attempt(() => builder.abandon());
    for (const { fileNumber } of this.#finished) attempt(() => fs.remove(tablePath(directory, fileNumber)));
    this.#finished.length = 0;
  }

  #create(): TableBuilder {
    const { fs, directory, databaseId, table } = this.#environment;
    const fileNumber = this.#environment.allocateFileNumber();
    const options = { ...table, compression: compressionAt(table.compression, this.#level) };
    return new TableBuilder(fs, tablePath(directory, fileNumber), { databaseId, fileNumber }, options);
  }
}

function attempt(action: () => void): void {
  try {
    action();
  } catch {
    // see abandon
  }
}
