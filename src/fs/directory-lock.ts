/**
 * The lock on a database directory, made of nothing but files, since Node has no flock.
 *
 * The files `LOCK-<generation>` are claims; the one with the highest generation, the head, decides. A
 * thread takes the lock by giving the next generation to a claim of its own, in one step: the claim is
 * written to a temporary file, and `link` gives it its name, or fails because somebody else was first. The
 * next generation may be taken when the head's owner is dead, when the head is a release marker, and when
 * it is torn (only a power cut leaves that). To release is to link one's own claim a second time, under
 * the next generation: a file whose name and content name different generations is a release marker. That
 * needs no disk space, so a lock can be released on a full disk.
 *
 * Why there are never two holders. Taking goes: (1) create the temporary file, (2) list the directory and
 * find the head h, (3) link h+1. Tidying up goes: (a) hold or just have released generation g, (b) list
 * the directory, (c) remove generations below g, but none at all if the list shows the temporary file of
 * anybody who may be alive. While a thread P is between (1) and (3):
 *
 *  - Let G be the head when P did (1). Whoever tidies with a g made before (1) has g <= G, and removes only
 *    what is below G. Whoever tidies with a g made after (1) lists after (1) too, sees P's temporary file,
 *    and removes nothing. So nothing from G upwards goes away before P is done.
 *  - So P's list, however slowly it was read, shows G, and h >= G. And the name h+1, if anybody ever had
 *    it, still has it. If P's link succeeds, P is the first and only one ever to own generation h+1.
 *  - To get past P, somebody must link h+2, for which h+1 must have been the head in a list: P's claim,
 *    seen after P made it, and that is judged alive as long as P's thread is, for a thread's death cannot
 *    be mistaken (see lock-owner.ts). Two holders would need a living one to be judged dead.
 *
 * The head itself is never removed, so generations only grow. All rests on two promises of the file
 * system: `link` is atomic and fails if the name exists, and a list shows every file that was there all
 * the while it was read. A holder may remove everything with the database, in the order that
 * `compareForRemoval` gives, so that nobody can be misled by what is left half way.
 */
import {
  closeSync,
  constants,
  fstatSync,
  linkSync,
  openSync,
  readdirSync,
  readSync,
  realpathSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { randomBytes } from '#platform';
import { LsmError } from '../errors.ts';
import { closeQuietly } from './close-quietly.ts';
import { type DirectoryLock, joinPath } from './file-system.ts';
import {
  decodeClaim,
  encodeClaim,
  type LockClaim,
  MAX_CLAIM_BYTES,
  parseTemporaryLockName,
  temporaryLockName,
} from './lock-claim.ts';
import { lockFileName, MAX_LOCK_GENERATION, parseLockGeneration } from './lock-file-name.ts';
import { currentOwner, judgeOwner, type LockOwner, sameThread } from './lock-owner.ts';
import { errnoOf, translateError } from './node-errors.ts';

/** Others win at most a few times in a row; this many would mean that something else is wrong. */
const MAX_ATTEMPTS = 1000;

const CREATE_FLAGS = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | (constants.O_NOFOLLOW ?? 0);
const READ_FLAGS = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);

/** The lock file of the highest generation. */
interface Head {
  readonly generation: number;
  /** Undefined if it is torn. */
  readonly claim: LockClaim | undefined;
  /** When the file was written. */
  readonly since: Date;
}

/**
 * Locks a directory for the calling thread until `release` or the end of the thread.
 * @throws LsmError `LSM_LOCKED` naming the owner, if it is held or may be; `LSM_NOT_FOUND` if there is no
 * such directory; `LSM_IO` if it cannot be written or its file system has no hard links.
 */
export function lockDirectory(path: string): DirectoryLock {
  const directory = realPath(path);
  const owner = thisThread(directory);
  const token = Buffer.from(randomBytes(8)).toString('hex');
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
    const generation = tryToClaim(directory, owner, token);
    // The proof above says that nobody can be higher. To look costs nothing, since tidying up needs the list
    // anyway, and helps where lists come from a cache, as on network file systems.
    if (generation !== undefined && tidyUp(directory, owner, generation)) {
      return new HeldLock(directory, owner, generation);
    }
  }
  throw new LsmError(
    'LSM_LOCKED',
    `${directory} is locked: others take the lock again and again; retry later`,
    {
      file: directory,
    },
  );
}

class HeldLock implements DirectoryLock {
  readonly #directory: string;
  readonly #owner: LockOwner;
  readonly #generation: number;
  #released = false;

  constructor(directory: string, owner: LockOwner, generation: number) {
    this.#directory = directory;
    this.#owner = owner;
    this.#generation = generation;
  }

  release(filesRemoved = false): void {
    if (this.#released) return;
    if (filesRemoved) {
      this.#released = true;
      return;
    }
    const claim = joinPath(this.#directory, lockFileName(this.#generation));
    const marker = joinPath(this.#directory, lockFileName(this.#generation + 1));
    try {
      linkSync(claim, marker);
    } catch (error) {
      const errno = errnoOf(error);
      // ENOENT: the directory was removed or renamed. EEXIST: somebody removed our claim by hand
      // and locked anew. Either way there is nothing left to give back.
      if (errno !== 'ENOENT' && errno !== 'EEXIST') {
        throw translateError(error, 'release the lock', claim, 'write');
      }
      this.#released = true;
      return;
    }
    this.#released = true;
    tidyUp(this.#directory, this.#owner, this.#generation + 1);
  }
}

/** The generation that was claimed, or undefined if somebody else was first. */
function tryToClaim(directory: string, owner: LockOwner, token: string): number | undefined {
  const temporary = joinPath(directory, temporaryLockName(owner, token));
  // Its name alone announces this attempt; it must be there before the directory is listed.
  const file = createTemporary(temporary);
  try {
    const head = findHead(directory);
    if (head === 'vanished') return undefined;
    // A link over a network may have been made although it was reported to fail.
    if (head?.claim?.token === token && head.claim.generation === head.generation) return head.generation;
    if (head !== undefined) refuseIfHeld(directory, head, owner);
    const generation = (head?.generation ?? 0) + 1;
    // One more than this is needed for the release marker.
    if (generation >= MAX_LOCK_GENERATION) throw noMoreGenerations(directory);
    writeFileSync(file.fd, encodeClaim({ generation, owner, token }));
    file.close();
    return link(temporary, joinPath(directory, lockFileName(generation))) ? generation : undefined;
  } catch (error) {
    throw translateError(error, 'write', temporary, 'write');
  } finally {
    file.close();
    removeQuietly(temporary);
  }
}

/** False if the name exists, or if a holder just removed the database and our temporary file with it. */
function link(temporary: string, claim: string): boolean {
  try {
    linkSync(temporary, claim);
    return true;
  } catch (error) {
    const errno = errnoOf(error);
    if (errno === 'EEXIST' || errno === 'ENOENT') return false;
    if (['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK', 'EINVAL'].includes(errno)) {
      const message = `cannot lock with ${claim}: the file system refuses hard links, by which databases are locked (${errno}); put the database on another file system`;
      throw new LsmError('LSM_IO', message, { file: claim, cause: error });
    }
    throw translateError(error, 'lock with', claim, 'write');
  }
}

function findHead(directory: string): Head | 'vanished' | undefined {
  let highest = 0;
  for (const name of list(directory)) highest = Math.max(highest, parseLockGeneration(name) ?? 0);
  return highest === 0 ? undefined : readHead(directory, highest);
}

/** `vanished`: the whole database is just being removed by a holder. */
function readHead(directory: string, generation: number): Head | 'vanished' {
  const path = joinPath(directory, lockFileName(generation));
  let fd = -1;
  try {
    fd = openSync(path, READ_FLAGS);
    const status = fstatSync(fd);
    if (!status.isFile()) return { generation, claim: undefined, since: status.mtime };
    // One byte more than a claim can have, so that a longer file is not taken for one.
    const bytes = new Uint8Array(MAX_CLAIM_BYTES + 1);
    const length = readSync(fd, bytes, 0, bytes.length, 0);
    return { generation, claim: decodeClaim(bytes.subarray(0, length)), since: status.mtime };
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return 'vanished';
    // Whoever wrote it may be alive: a lock that cannot be read is a lock.
    if (errnoOf(error) !== 'EACCES') throw translateError(error, 'read', path, 'read');
    const message = `${directory} is locked by another user: ${path} cannot be read; open it as that user, or let them close it`;
    throw new LsmError('LSM_LOCKED', message, { file: path, cause: error });
  } finally {
    if (fd >= 0) closeQuietly(fd);
  }
}

function refuseIfHeld(directory: string, head: Head, self: LockOwner): void {
  const { claim } = head;
  if (claim === undefined || claim.generation !== head.generation) return;
  const state = judgeOwner(claim.owner, self);
  if (state === 'dead') return;
  const { pid, thread, host } = claim.owner;
  const file = joinPath(directory, lockFileName(head.generation));
  const since = Number.isNaN(head.since.getTime()) ? '' : ` since ${head.since.toISOString()}`;
  const who = `thread ${thread} of process ${pid} on host ${host}${since}`;
  if (state === 'alive') {
    const here = sameThread(claim.owner, self) ? ' (this very thread)' : '';
    const advice = 'close the database there, or use that one instead of opening a second';
    throw new LsmError('LSM_LOCKED', `${directory} is locked by ${who}${here}; ${advice}`, { file });
  }
  const unknown =
    'it is on another host or in another container, so nobody can tell from here if it still runs';
  const advice = `close the database there, or, if you are sure that nothing has it open, remove its LOCK-* files`;
  throw new LsmError('LSM_LOCKED', `${directory} is locked by ${who}; ${unknown}; ${advice}`, { file });
}

/**
 * Removes what dead ones and earlier generations left. False if there is a higher generation.
 * What cannot be removed stays for the next holder: it does no harm, and the lock is held all the same.
 */
function tidyUp(directory: string, self: LockOwner, generation: number): boolean {
  const older: number[] = [];
  let contended = false;
  for (const name of listQuietly(directory)) {
    const found = parseLockGeneration(name);
    if (found !== undefined) {
      if (found > generation) return false;
      if (found < generation) older.push(found);
      continue;
    }
    const maker = parseTemporaryLockName(name);
    if (maker === undefined) continue;
    // This thread is not taking a lock just now, since it is here: what it left is left for good.
    if (sameThread(maker, self) || judgeOwner(maker, self) === 'dead')
      removeQuietly(joinPath(directory, name));
    else contended = true;
  }
  if (!contended) for (const old of older) removeQuietly(joinPath(directory, lockFileName(old)));
  return true;
}

interface Temporary {
  readonly fd: number;
  close(): void;
}

function createTemporary(path: string): Temporary {
  try {
    const fd = openSync(path, CREATE_FLAGS, 0o600);
    let open = true;
    return {
      fd,
      close: () => {
        if (!open) return;
        // Whatever close reports, the descriptor is gone: closing it again could hit somebody else's file.
        open = false;
        closeSync(fd);
      },
    };
  } catch (error) {
    throw translateError(error, 'create', path, 'write');
  }
}

function list(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch (error) {
    throw translateError(error, 'list', directory, 'read');
  }
}

/** Nothing if the directory cannot be listed: then nothing is tidied up, as for {@link removeQuietly}. */
function listQuietly(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}

function thisThread(directory: string): LockOwner {
  try {
    return currentOwner();
  } catch (error) {
    throw translateError(error, 'lock', directory, 'write');
  }
}

/** Links in the path are followed once and for all: a release must find the directory that was locked. */
function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch (error) {
    throw translateError(error, 'lock', path, 'write');
  }
}

function removeQuietly(path: string): void {
  try {
    unlinkSync(path);
  } catch {
    // See tidyUp.
  }
}

function noMoreGenerations(directory: string): LsmError {
  const file = joinPath(directory, lockFileName(MAX_LOCK_GENERATION));
  const message = `${directory} has a lock file with an impossible generation; if nothing has the database open, remove its LOCK files`;
  return new LsmError('LSM_CORRUPTION', message, { file, offset: 0 });
}
