/** What a verification tells: enough for a person to decide what to do, and nothing of keys unless asked. */
import type { LsmErrorCode } from '../errors.ts';
import type { FileSystem } from '../fs/file-system.ts';
import type { Options } from '../options.ts';
import type { DiscardedTail } from './recovery-report.ts';

/** A file that was read to its end and found whole. */
export interface VerifiedFile {
  readonly file: string;
  readonly kind: 'table' | 'log' | 'manifest';
  readonly bytes: number;
  /** Entries of a table or log; edits of a manifest. */
  readonly entries: number;
  /** Of a table: where it stands in the tree. */
  readonly level?: number | undefined;
}

/** Something that is not as it should be. */
export interface Problem {
  readonly code: LsmErrorCode;
  readonly message: string;
  readonly file: string | undefined;
  readonly offset: number | undefined;
  /** What depends on it, if it is a table that the manifest names. */
  readonly table?: TableAtRisk | undefined;
  /** What can be done. */
  readonly advice?: string | undefined;
}

/** A table that is not whole. */
export interface TableAtRisk {
  readonly level: number;
  /** Entries in it, by the manifest: versions of keys, tombstones included. */
  readonly entries: number;
  /** How many of them can still be read; a repair saves these. */
  readonly entriesReadable: number;
  /** Its first and last key, if the verification was asked for keys. */
  readonly smallest?: Uint8Array | undefined;
  readonly largest?: Uint8Array | undefined;
}

export interface VerifyReport {
  /** Whether there is no problem. */
  readonly ok: boolean;
  /** The files that are whole. */
  readonly files: readonly VerifiedFile[];
  readonly problems: readonly Problem[];
  /** Entries of the tables that are whole. */
  readonly entries: number;
  /** Bytes of the files that are whole. */
  readonly bytes: number;
  /** Bytes that opening would leave out, since they are no whole record: no problem, unless recovery is strict. */
  readonly discarded: readonly DiscardedTail[];
  /** Files of a database that the manifest does not name: opening removes them. Not known of an open database. */
  readonly unnamed: readonly string[];
  /** Names in the directory that no database writes; they are left alone. */
  readonly foreign: readonly string[];
}

/** Options of `db.verify()`. */
export interface VerifyOptions {
  /**
   * Told after every table how many of how many bytes of tables are read. What it throws ends the work and
   * comes out of `verify`.
   */
  readonly onProgress?: ((bytesDone: number, bytesTotal: number) => void) | undefined;
  /** Whether problems name the first and last key of a table. Default `false`. */
  readonly keys?: boolean | undefined;
}

/** Options of `MiniLsm.verify()`. */
export interface VerifyDirectoryOptions extends VerifyOptions {
  /** Where the directory is. Default: the file system of Node.js. */
  readonly fileSystem?: FileSystem | undefined;
  /** With `'strict'`, bytes that opening would leave out are a problem. Default `'truncate-tail'`. */
  readonly recovery?: Options['recovery'];
}
