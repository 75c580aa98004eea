/**
 * Who holds a lock, and whether they still live. A lock belongs to a thread: a worker that was terminated
 * leaves its locks behind just as a killed process does.
 *
 * A thread is named by (boot id, pid namespace, pid, native thread id, start time), which no other thread
 * ever gets: the kernel reuses the ids, but not with the same start time. Where there is no /proc (macOS,
 * Windows), only the pid is known, and a pid that somebody else got meanwhile passes for the owner: that
 * refuses a lock that was free, and never grants one that is held.
 */
import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';
import { performance } from 'node:perf_hooks';
import { threadId } from 'node:worker_threads';
import { errnoOf } from './node-errors.ts';

export interface LockOwner {
  /** Host name, with what is not a letter, a digit, `.`, `_` or `-` replaced. */
  readonly host: string;
  /** Boot id of the kernel, hexadecimal; empty where there is none. */
  readonly boot: string;
  /** Inode numbers of the namespaces in which `pid` and `started` are true; 0 where there are none. */
  readonly pidNamespace: number;
  readonly timeNamespace: number;
  readonly pid: number;
  /** Native thread id; 0 where it is not known. */
  readonly task: number;
  /** When the thread started: clock ticks since boot, or else microseconds of the thread's own clock. */
  readonly started: number;
  /** `threadId` of node:worker_threads, for messages; 0 is the main thread. */
  readonly thread: number;
}

/** `unknown`: from here nobody can tell, since the owner is on another host or in another namespace. */
export type OwnerState = 'alive' | 'dead' | 'unknown';

/**
 * What the system says when it can't answer just now. A thread that took this for a missing /proc would name
 * itself in a way by which nobody could ever tell that it is dead.
 */
const MOMENTARY: ReadonlySet<string> = new Set(['EMFILE', 'ENFILE', 'ENOMEM', 'EIO', 'EAGAIN', 'EINTR']);

/**
 * The calling thread.
 * @throws what the system says, if it can't be asked just now
 */
export function currentOwner(): LockOwner {
  const host = hostname()
    .slice(0, 64)
    .replace(/[^0-9A-Za-z._-]/g, '_');
  return { host, pid: process.pid, thread: threadId, ...(identityInProc() ?? identityWithoutProc()) };
}

/** Whether the thread that `owner` names may still run, as seen by `self`. */
export function judgeOwner(owner: LockOwner, self: LockOwner): OwnerState {
  if (owner.boot !== self.boot) {
    const comparable = owner.boot !== '' && self.boot !== '';
    // The same host under another boot id was restarted, and nobody survives that.
    return comparable && owner.host === self.host ? 'dead' : 'unknown';
  }
  if (self.boot === '') return owner.host === self.host ? judgeByPid(owner, self) : 'unknown';
  // In another pid namespace the pid names somebody else; in another time namespace the start time reads
  // differently for one and the same thread.
  if (owner.pidNamespace !== self.pidNamespace) return 'unknown';
  if (owner.timeNamespace !== self.timeNamespace) return 'unknown';
  return judgeByTask(owner);
}

/** Whether both name the same thread. */
export function sameThread(a: LockOwner, b: LockOwner): boolean {
  return (
    a.host === b.host &&
    a.boot === b.boot &&
    a.pidNamespace === b.pidNamespace &&
    a.timeNamespace === b.timeNamespace &&
    a.pid === b.pid &&
    a.task === b.task &&
    a.started === b.started &&
    a.thread === b.thread
  );
}

type Identity = Pick<LockOwner, 'boot' | 'pidNamespace' | 'timeNamespace' | 'task' | 'started'>;

function identityInProc(): Identity | undefined {
  try {
    const [pid, , task] = readlinkSync('/proc/thread-self').split('/').map(Number);
    // A /proc of another pid namespace would tell about somebody else's threads.
    if (pid !== process.pid || task === undefined) return undefined;
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim().replaceAll('-', '');
    const status = parseTask(readStat(pid, task));
    const pidNamespace = namespaceNumber('pid');
    if (status === 'unreadable' || pidNamespace === 0) return undefined;
    if (!/^[0-9a-f]{32}$/.test(boot)) return undefined;
    return { boot, pidNamespace, timeNamespace: namespaceNumber('time'), task, started: status.started };
  } catch (error) {
    if (MOMENTARY.has(errnoOf(error))) throw error;
    return undefined; // No /proc, or one without what is needed.
  }
}

function identityWithoutProc(): Identity {
  const started = Math.round(performance.timeOrigin * 1000);
  return { boot: '', pidNamespace: 0, timeNamespace: 0, task: 0, started };
}

/** From a link such as `pid:[4026531836]`; 0 for a kernel without that kind of namespace. */
function namespaceNumber(kind: string): number {
  try {
    return Number(/\[(\d+)\]$/.exec(readlinkSync(`/proc/self/ns/${kind}`))?.[1] ?? 0);
  } catch (error) {
    if (MOMENTARY.has(errnoOf(error))) throw error;
    return 0;
  }
}

function judgeByTask(owner: LockOwner): OwnerState {
  const task = readTask(owner.pid, owner.task);
  if (task === 'unreadable') return 'alive';
  if (task === 'absent') return isHidden(owner.pid) ? 'alive' : 'dead';
  if (task.started !== owner.started) return 'dead';
  // A main thread may be gone while others of its process still end a write they were in.
  const last = owner.task !== owner.pid || task.threads <= 1;
  return task.exiting && last ? 'dead' : 'alive';
}

function judgeByPid(owner: LockOwner, self: LockOwner): OwnerState {
  if (owner.pid !== self.pid) return processExists(owner.pid) ? 'alive' : 'dead';
  // This pid: an earlier process that had it, unless it is this very thread or another one of this process.
  return owner.thread === self.thread && owner.started !== self.started ? 'dead' : 'alive';
}

interface TaskStatus {
  readonly started: number;
  /** It has begun to end and will never again run a line of JavaScript. */
  readonly exiting: boolean;
  readonly threads: number;
}

const EXITING_FLAG = 0x4; // PF_EXITING of the kernel

function readTask(pid: number, task: number): TaskStatus | 'absent' | 'unreadable' {
  try {
    return parseTask(readStat(pid, task));
  } catch (error) {
    const errno = errnoOf(error);
    return errno === 'ENOENT' || errno === 'ESRCH' ? 'absent' : 'unreadable';
  }
}

function readStat(pid: number, task: number): string {
  return readFileSync(`/proc/${pid}/task/${task}/stat`, 'latin1');
}

/** Fields 3 (state), 9 (flags), 20 (num_threads) and 22 (starttime) of /proc/<pid>/task/<tid>/stat. */
function parseTask(stat: string): TaskStatus | 'unreadable' {
  // Field 2, the name in parentheses, may itself hold spaces and parentheses: count from the last one.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const started = Number(fields[19]);
  if (fields.length < 20 || !Number.isSafeInteger(started)) return 'unreadable';
  const ended = fields[0] === 'Z' || fields[0] === 'X';
  const exiting = ended || (Number(fields[6]) & EXITING_FLAG) !== 0;
  return { started, exiting, threads: Number(fields[17]) };
}

/** Whether /proc hides a process that exists: mounted with hidepid, it shows only those of the same user. */
function isHidden(pid: number): boolean {
  return processExists(pid) && readTask(pid, pid) === 'absent';
}

function processExists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return errnoOf(error) !== 'ESRCH';
  }
}
