/**
 * Reads the write-ahead logs of a database that nobody has open, oldest first, and checks what must hold from one
 * to the next: each batch follows the one before without a gap, and only the last log may lack its trailer, if
 * the database was not closed. Opening and verifying a database judge its logs by this alone.
 */
import { corruption } from '../errors.ts';
import { LOG_HEADER_BYTES } from '../log/log-format.ts';
import { walPath } from '../version/file-names.ts';
import type { ManifestContents } from '../version/manifest.ts';
import type { BatchReader } from '../wal/batch-reader.ts';
import { type ReplayEnd, replayWal } from '../wal/replay.ts';
import type { StoredFiles } from './stored-files.ts';

export class LogChain {
  readonly #files: StoredFiles;
  readonly #contents: ManifestContents;
  /** Of the batches so far; undefined behind a log that is missing or could not be read to its end. */
  #lastSequence: number | undefined;

  constructor(files: StoredFiles, contents: ManifestContents) {
    this.#files = files;
    this.#contents = contents;
    this.#lastSequence = contents.lastSequence;
  }

  /** The sequence number of the last entry that was read, or that is in a table. */
  get lastSequence(): number {
    return this.#lastSequence ?? this.#contents.lastSequence;
  }

  /** @throws LsmError `LSM_CORRUPTION` if a log is missing. */
  checkPresence(fileNumber: number): void {
    const { fs, directory } = this.#files;
    const path = walPath(directory, fileNumber);
    if (fs.status(path) === undefined) throw corruption(path, 0, 'the manifest names it, and it is missing');
  }

  /**
   * Hands every batch of a log to `visit`; the batch is good until that returns.
   * @throws LsmError `LSM_CORRUPTION` for damage, and for a log that is not the one that belongs there
   */
  read(fileNumber: number, visit: (batch: BatchReader) => void): ReplayEnd {
    const { fs, directory, databaseId } = this.#files;
    const path = walPath(directory, fileNumber);
    let last = this.#lastSequence;
    this.#lastSequence = undefined;
    this.checkPresence(fileNumber);
    const end = replayWal(fs, path, { kind: 'wal', databaseId, fileNumber }, (batch) => {
      const expected = last === undefined ? batch.sequence : last + 1;
      if (batch.sequence !== expected) {
        throw corruption(path, 0, `a batch has sequence ${batch.sequence} where ${expected} must follow`);
      }
      last = batch.sequence + batch.count - 1;
      visit(batch);
    });
    // Its header was on the disk before the manifest named it: no crash takes that away.
    if (end.validBytes < LOG_HEADER_BYTES) throw corruption(path, end.validBytes, 'its header is missing');
    this.#checkEnd(path, fileNumber, end);
    this.#lastSequence = last;
    return end;
  }

  #checkEnd(path: string, fileNumber: number, { state, validBytes }: ReplayEnd): void {
    const { logs, finished } = this.#contents;
    const isLast = fileNumber === logs[logs.length - 1];
    if (state === 'finished' || (isLast && !finished)) return;
    const proof = isLast ? 'the database was closed, which completes it' : 'a later log exists';
    throw corruption(path, validBytes, `it ends too early: ${proof}`);
  }
}
