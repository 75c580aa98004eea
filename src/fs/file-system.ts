/**
 * The one seam to the disk. Everything durable goes through a {@link FileSystem}, so that tests can stand
 * in for the disk and the engine runs where there is none. Paths are strings with `/` between the parts.
 *
 * Every method throws `LsmError`: `LSM_NOT_FOUND` for a path that does not exist, `LSM_EXISTS` for one that
 * must not, `LSM_NO_SPACE` for a full disk or quota, `LSM_IO` for the rest, with the file and the cause.
 */

/** What a path leads to. */
export interface FileStatus {
  readonly kind: 'file' | 'directory' | 'other';
  /** Size of a file, bytes. */
  readonly bytes: number;
  /** Whether a directory is reached through a symbolic link; any other link is of the kind `other`. */
  readonly isLink?: boolean;
}

/**
 * A new file, written from its start to its end. The first failed `append` or `sync` makes it unusable:
 * every later call but `close` throws the first error again, because nobody knows what the file holds.
 */
export interface WritableFile {
  readonly path: string;
  /** Bytes appended so far. */
  readonly size: number;
  /** Hands all the bytes to the system before it returns: they survive the process. */
  append(bytes: Uint8Array, start?: number, length?: number): void;
  /** Brings everything appended to the disk: it survives the power supply. */
  sync(): void;
  /**
   * The same for everything appended so far, while the caller's thread goes on: appending and {@link sync}
   * are allowed meanwhile. Resolves when it is done; rejects as `sync` throws.
   */
  startSync(): Promise<void>;
  /** Idempotent. What a started sync still needs is kept until it is done. */
  close(): void;
}

/**
 * A whole file where the system shows it in memory: its bytes are read from the disk when somebody looks at them,
 * and are nobody's copy. Whoever changes the file changes them. See docs/mmap.md.
 */
export interface FileMapping {
  /** Empty from {@link unmap} on. Never written to. */
  readonly bytes: Uint8Array;
  /** Takes the bytes away from everybody: each view of them has length 0 then. Idempotent. Never throws. */
  unmap(): void;
}

/** A file that is read at any position. */
export interface ReadableFile {
  readonly path: string;
  /** Size when it was opened, bytes. */
  readonly size: number;
  /**
   * Fills `into[start, start + length)` from `position`.
   * @throws LsmError `LSM_CORRUPTION` if the file ends before that.
   */
  read(into: Uint8Array, start: number, length: number, position: number): void;
  /**
   * Shows the file in memory, also when it has been closed. Undefined where that can't be had: for a file that is
   * empty, on a file system without mappings, or when the process has too many. Only where
   * {@link FileSystem.mapsFiles}.
   */
  map?(): FileMapping | undefined;
  /** Idempotent. Never throws: nothing hangs on what the system says to the end of reading. */
  close(): void;
}

/** A held lock on a directory. */
export interface DirectoryLock {
  /**
   * Idempotent. `filesRemoved` says that the holder has removed the files of the lock from the directory, with the
   * rest of a database: then nothing there is touched, since what is there now is the lock of somebody else.
   */
  release(filesRemoved?: boolean): void;
}

export interface FileSystem {
  /** Whether a worker thread can open the same files through a file system of its own. */
  readonly shared: boolean;
  /** Whether its files can be mapped into memory. Default false. */
  readonly mapsFiles?: boolean;

  /** The same path, independent of the current directory of the process. */
  absolutePath(path: string): string;
  /** Creates a file that must not exist; a symbolic link is never followed. */
  createFile(path: string): WritableFile;
  openFile(path: string): ReadableFile;
  /** Undefined for a path that does not exist. */
  status(path: string): FileStatus | undefined;
  /** Names in a directory, in no order at all. */
  list(directory: string): string[];
  /** Creates a directory and those above it, durably; nothing happens if it is there. */
  makeDirectory(path: string): void;
  /** Removes an empty directory. */
  removeDirectory(path: string): void;
  /** Replaces `to` in one step. */
  rename(from: string, to: string): void;
  remove(path: string): void;
  /**
   * Gives a file a second name, in one step, which must not exist: both lead to the same bytes, and these live
   * until both are removed. Returns false, without effect, where that can't be had: on a file system without
   * links, or between two of them.
   */
  link(from: string, to: string): boolean;
  /** Makes the creations, links, renames and removals in a directory durable. */
  syncDirectory(path: string): void;
  /** @throws LsmError `LSM_LOCKED`, naming the owner, if somebody alive holds it. */
  lock(directory: string): DirectoryLock;
}

/** The path of a name in a directory. */
export function joinPath(directory: string, name: string): string {
  return directory.endsWith('/') ? directory + name : `${directory}/${name}`;
}

/** Size of a file, bytes; 0 for a path that does not exist. */
export function fileBytes(fs: FileSystem, path: string): number {
  return fs.status(path)?.bytes ?? 0;
}

/** Reads a whole small file, at most `limit` bytes. */
export function readWholeFile(fs: FileSystem, path: string, limit: number): Uint8Array {
  const file = fs.openFile(path);
  try {
    const bytes = new Uint8Array(Math.min(file.size, limit));
    file.read(bytes, 0, bytes.length, 0);
    return bytes;
  } finally {
    file.close();
  }
}
