/**
 * The directory `lost/`, where a repair puts what it could not use, whole or in part. Nothing is deleted
 * there, and nothing in it is ever read again.
 *
 * A file gets its second name there before the repaired state becomes the live one, and loses its first one
 * after that. So dying at any point leaves it in the one place, in the other or in both, and the repair that
 * comes next finds it in place as long as the old state is the live one.
 */
import { equalBytes } from '../../bytes/compare.ts';
import { LsmError } from '../../errors.ts';
import { copyFile } from '../../fs/copy-file.ts';
import { type FileSystem, fileBytes, joinPath } from '../../fs/file-system.ts';
import { removeQuietly } from '../../fs/remove-file.ts';
import { isDamage } from '../../sstable/table-salvager.ts';
import { parseFileName } from '../../version/file-names.ts';

/** The name of the directory, in that of the database. */
export const LOST_DIRECTORY = 'lost';

/** A copy, while it is made; left behind only by a crash. */
const TEMPORARY_NAME = 'copy.tmp';

const PIECE_BYTES = 64 * 1024;

export class LostFiles {
  /** The paths of what was put there. */
  readonly paths: string[] = [];
  readonly #fs: FileSystem;
  readonly #directory: string;
  readonly #lost: string;
  readonly #temporary: string;

  constructor(fs: FileSystem, directory: string) {
    this.#fs = fs;
    this.#directory = directory;
    this.#lost = joinPath(directory, LOST_DIRECTORY);
    this.#temporary = joinPath(this.#lost, TEMPORARY_NAME);
  }

  /** The highest number of a file that was put there, now or ever; 0 if there is none. */
  get highestFileNumber(): number {
    if (!this.#isThere()) return 0;
    const numbers = this.#fs.list(this.#lost).map((name) => parseFileName(name)?.number ?? 0);
    return Math.max(0, ...numbers);
  }

  /** Puts these files of the database there, durably; they stay where they are as well. */
  keep(names: readonly string[]): void {
    if (names.length === 0) return;
    this.#isThere();
    this.#fs.makeDirectory(this.#lost);
    removeQuietly(this.#fs, this.#temporary);
    for (const name of names) this.paths.push(this.#keep(name));
    this.#fs.syncDirectory(this.#lost);
  }

  /** @throws LsmError `LSM_IO` for a link, which could lead anywhere */
  #isThere(): boolean {
    const file = this.#lost;
    const status = this.#fs.status(file);
    if (status === undefined) return false;
    if (status.kind === 'directory' && status.isLink !== true) return true;
    const what = status.kind === 'directory' ? 'a symbolic link' : 'no directory';
    const message = `${file} is ${what}, and what can't be used has to be put there; move it away`;
    throw new LsmError('LSM_IO', message, { file });
  }

  #keep(name: string): string {
    const fs = this.#fs;
    const from = joinPath(this.#directory, name);
    for (let number = 1; ; number++) {
      const to = joinPath(this.#lost, number === 1 ? name : `${name}.${number}`);
      if (fs.status(to) === undefined) {
        if (!fs.link(from, to)) this.#copy(from, to);
        return to;
      }
      // An earlier repair was interrupted; or it is another CURRENT, which has no number.
      if (sameContent(fs, from, to)) return to;
    }
  }

  /** A copy gets its name when it is whole. */
  #copy(from: string, to: string): void {
    copyFile(this.#fs, from, this.#temporary);
    this.#fs.rename(this.#temporary, to);
  }
}

/** Removes what repairs have put there, and the directory if nothing else is in it. */
export function removeLostFiles(fs: FileSystem, directory: string): void {
  const lost = joinPath(directory, LOST_DIRECTORY);
  const status = fs.status(lost);
  if (status?.kind !== 'directory' || status.isLink === true) return;
  for (const name of fs.list(lost)) if (isLostName(name)) fs.remove(joinPath(lost, name));
  if (fs.list(lost).length === 0) fs.removeDirectory(lost);
}

/** The name of a file of a database, with a number behind it from the second of that name on. */
function isLostName(name: string): boolean {
  return name === TEMPORARY_NAME || parseFileName(name.replace(/\.[1-9]\d{0,8}$/, '')) !== undefined;
}

/** Whether two files are known to hold the same; what stands on bad sectors can't be compared. */
function sameContent(fs: FileSystem, a: string, b: string): boolean {
  try {
    return readsTheSame(fs, a, b);
  } catch (error) {
    if (!isDamage(error)) throw error;
    return false;
  }
}

function readsTheSame(fs: FileSystem, a: string, b: string): boolean {
  const bytes = fileBytes(fs, a);
  if (fs.status(b)?.kind !== 'file' || fs.status(b)?.bytes !== bytes) return false;
  const first = fs.openFile(a);
  try {
    const second = fs.openFile(b);
    try {
      const pieces = [new Uint8Array(PIECE_BYTES), new Uint8Array(PIECE_BYTES)] as const;
      for (let at = 0; at < bytes; at += PIECE_BYTES) {
        const length = Math.min(PIECE_BYTES, bytes - at);
        first.read(pieces[0], 0, length, at);
        second.read(pieces[1], 0, length, at);
        if (!equalBytes(pieces[0], 0, length, pieces[1], 0, length)) return false;
      }
      return true;
    } finally {
      second.close();
    }
  } finally {
    first.close();
  }
}
