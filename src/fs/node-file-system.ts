/**
 * The real disk, through `node:fs`.
 *
 * What it guarantees beyond the contract: files are 0600 and directories 0700 whoever asks; a file is
 * never created or opened through a symbolic link, nor anything but a regular file opened (a planted FIFO
 * would hang the process). Only the path of a directory may lead through links, since databases are often
 * put elsewhere that way. A hostile directory above the database is out of scope: Node has no openat.
 */
import {
  constants,
  existsSync,
  fstatSync,
  fsyncSync,
  linkSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
  rmdirSync,
  type Stats,
  statSync,
  unlinkSync,
} from 'node:fs';
import { dirname, resolve } from 'node:path';
import { monotonicMilliseconds } from '#platform';
import { LsmError } from '../errors.ts';
import { retryWhileBusy } from './busy-retry.ts';
import { closeQuietly } from './close-quietly.ts';
import { lockDirectory } from './directory-lock.ts';
import type { DirectoryLock, FileStatus, FileSystem, ReadableFile, WritableFile } from './file-system.ts';
import { errnoOf, translateError } from './node-errors.ts';
import { NodeReadableFile } from './node-readable-file.ts';
import { NodeWritableFile } from './node-writable-file.ts';

const FILE_MODE = 0o600;
const DIRECTORY_MODE = 0o700;

// Windows has neither flag, and no links or FIFOs that a plain user could plant.
const NO_FOLLOW = constants.O_NOFOLLOW ?? 0;
const NO_WAIT = constants.O_NONBLOCK ?? 0;

const CREATE_FLAGS = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | NO_FOLLOW;
const OPEN_FLAGS = constants.O_RDONLY | NO_FOLLOW | NO_WAIT;

/** What fsync says where a file system has no way to sync a directory: nothing more can be done there. */
const NO_DIRECTORY_SYNC: ReadonlySet<string> = new Set(['EINVAL', 'EBADF', 'ENOTSUP', 'EOPNOTSUPP']);

/**
 * What link says where there are no links (EISDIR is how Windows puts it), where they do not reach, and where
 * a file has as many as it may have or belongs to somebody else (Linux with protected_hardlinks).
 */
const NO_LINK: ReadonlySet<string> = new Set([
  'EXDEV',
  'EPERM',
  'ENOTSUP',
  'EOPNOTSUPP',
  'ENOSYS',
  'EMLINK',
  'EISDIR',
]);

export class NodeFileSystem implements FileSystem {
  readonly shared: boolean = true;

  absolutePath(path: string): string {
    return resolve(path);
  }

  createFile(path: string): WritableFile {
    const fd = attempt('create', path, 'write', () => openSync(path, CREATE_FLAGS, FILE_MODE));
    return new NodeWritableFile(fd, path);
  }

  openFile(path: string): ReadableFile {
    const fd = attempt('open', path, 'read', () => openSync(path, OPEN_FLAGS));
    try {
      const found = attempt('open', path, 'read', () => fstatSync(fd));
      if (!found.isFile()) {
        throw new LsmError('LSM_IO', `cannot open ${path}: it is not a regular file`, { file: path });
      }
      return this.readable(fd, path, found.size);
    } catch (error) {
      closeQuietly(fd);
      throw error;
    }
  }

  /** What reads a file that was opened; it takes over `fd`. */
  protected readable(fd: number, path: string, size: number): ReadableFile {
    return new NodeReadableFile(fd, path, size);
  }

  /** A link to a directory counts as a directory; any other link is `other`, wherever it leads. */
  status(path: string): FileStatus | undefined {
    const found = attempt('look at', path, 'read', () => statusOrNothing(path));
    if (found === undefined) return undefined;
    if (found.isFile()) return { kind: 'file', bytes: found.size };
    if (found.isDirectory()) return { kind: 'directory', bytes: 0 };
    if (found.isSymbolicLink() && leadsToDirectory(path))
      return { kind: 'directory', bytes: 0, isLink: true };
    return { kind: 'other', bytes: 0 };
  }

  list(directory: string): string[] {
    return attempt('list', directory, 'read', () => readdirSync(directory));
  }

  /** The new directories are durable in those above them when this returns. */
  makeDirectory(path: string): void {
    const highest = attempt('create the directory', path, 'write', () => makeDirectories(path));
    if (highest === undefined) return;
    // Nobody else can: only here is it known how many of the directories are new.
    const top = dirname(resolve(highest));
    for (let above = dirname(resolve(path)); ; above = dirname(above)) {
      this.syncDirectory(above);
      if (above === top || above === dirname(above)) return;
    }
  }

  removeDirectory(path: string): void {
    attempt('remove the directory', path, 'write', () => patiently(() => rmdirSync(path)));
  }

  rename(from: string, to: string): void {
    attempt(`rename ${from} to`, to, 'write', () => patiently(() => renameSync(from, to)));
  }

  remove(path: string): void {
    attempt('remove', path, 'write', () => patiently(() => unlinkSync(path)));
  }

  link(from: string, to: string): boolean {
    try {
      linkSync(from, to);
      return true;
    } catch (error) {
      if (NO_LINK.has(errnoOf(error))) return false;
      throw translateError(error, `link ${from} to`, to, 'write');
    }
  }

  /** Does nothing on Windows, which cannot sync a directory and journals its changes in order. */
  syncDirectory(path: string): void {
    if (process.platform === 'win32') return;
    const flags = constants.O_RDONLY | constants.O_DIRECTORY;
    const fd = attempt('sync the directory', path, 'read', () => openSync(path, flags));
    try {
      fsyncSync(fd);
    } catch (error) {
      if (!NO_DIRECTORY_SYNC.has(errnoOf(error))) {
        throw translateError(error, 'sync the directory', path, 'write');
      }
    } finally {
      closeQuietly(fd);
    }
  }

  lock(directory: string): DirectoryLock {
    return lockDirectory(directory);
  }
}

function attempt<T>(action: string, path: string, access: 'read' | 'write', work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw translateError(error, action, path, access);
  }
}

/** The highest directory that was made, or undefined if all were there. */
function makeDirectories(path: string): string | undefined {
  try {
    return mkdirSync(path, { recursive: true, mode: DIRECTORY_MODE });
  } catch (error) {
    if (errnoOf(error) !== 'ENOENT' || !existsSync(dirname(path))) throw error;
    // Whatever the reason (a read-only file system, a bad sector), Node says ENOENT here; the plain call tells it.
    mkdirSync(path, { mode: DIRECTORY_MODE });
    return path;
  }
}

function patiently(work: () => void): void {
  retryWhileBusy(work, process.platform, monotonicMilliseconds);
}

function statusOrNothing(path: string): Stats | undefined {
  return lstatSync(path, { throwIfNoEntry: false });
}

function leadsToDirectory(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    // A link to nowhere, or in a circle: something is there, and it is no directory.
    return false;
  }
}
