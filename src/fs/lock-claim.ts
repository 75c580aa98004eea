/**
 * What a lock file says, one `key: value` a line, in this order, in ASCII:
 *
 *     mini-lsm lock 1
 *     generation: 7
 *     host: db1.example
 *     boot: 19ce2d23d22b46c9b08f280f25cb3bd3
 *     pid-namespace: 4026531836
 *     time-namespace: 4026531834
 *     pid: 4691
 *     task: 4691
 *     started: 107599
 *     thread: 0
 *     token: 5f0c6a1be28d9347
 *     checksum: 0d4a1f33            crc32 of every byte before this line
 *
 * A person can read it, and a claim cut short or garbled by a power cut cannot pass for a whole one.
 */
import { crc32 } from '../bytes/crc32.ts';
import type { LockOwner } from './lock-owner.ts';

export interface LockClaim {
  /** The generation that the claim was made for, which its release marker carries too. */
  readonly generation: number;
  readonly owner: LockOwner;
  /** Random, 16 hexadecimal digits: tells two claims of one thread apart. */
  readonly token: string;
}

/** A claim is never longer, bytes. */
export const MAX_CLAIM_BYTES = 1024;

const CLAIM = new RegExp(
  [
    '^(mini-lsm lock 1',
    'generation: (\\d{1,15})',
    'host: ([0-9A-Za-z._-]{0,64})',
    'boot: ((?:[0-9a-f]{32})?)',
    'pid-namespace: (\\d{1,15})',
    'time-namespace: (\\d{1,15})',
    'pid: (\\d{1,15})',
    'task: (\\d{1,15})',
    'started: (\\d{1,16})',
    'thread: (\\d{1,15})',
    'token: ([0-9a-f]{16})',
    ')checksum: ([0-9a-f]{8})',
    '$',
  ].join('\n'),
);

const TEMPORARY =
  /^LOCK-(\d{1,15})-(\d{1,15})-(\d{1,16})-(\d{1,15})-(\d{1,15})-(\d{1,15})-((?:[0-9a-f]{32})?)-([0-9a-f]{16})-([0-9A-Za-z._-]{0,64})\.tmp$/;

export function encodeClaim(claim: LockClaim): Uint8Array {
  const { owner } = claim;
  const body = [
    'mini-lsm lock 1',
    `generation: ${claim.generation}`,
    `host: ${owner.host}`,
    `boot: ${owner.boot}`,
    `pid-namespace: ${owner.pidNamespace}`,
    `time-namespace: ${owner.timeNamespace}`,
    `pid: ${owner.pid}`,
    `task: ${owner.task}`,
    `started: ${owner.started}`,
    `thread: ${owner.thread}`,
    `token: ${claim.token}`,
    '',
  ].join('\n');
  return new TextEncoder().encode(`${body}checksum: ${checksumOf(body)}\n`);
}

/** Undefined for anything but a whole, unharmed claim. */
export function decodeClaim(bytes: Uint8Array): LockClaim | undefined {
  const match = CLAIM.exec(new TextDecoder('latin1').decode(bytes));
  if (match === null) return undefined;
  const [
    ,
    body,
    generation,
    host,
    boot,
    pidNamespace,
    timeNamespace,
    pid,
    task,
    started,
    thread,
    token,
    sum,
  ] = match;
  if (checksumOf(body) !== sum) return undefined;
  const owner = ownerFrom({ host, boot, pidNamespace, timeNamespace, pid, task, started, thread });
  return { generation: Number(generation), owner, token };
}

/** The name says who made the file, since a name appears whole and a content does not. */
export function temporaryLockName(owner: LockOwner, token: string): string {
  const { pid, task, started, thread, pidNamespace, timeNamespace, boot, host } = owner;
  const numbers = `${pid}-${task}-${started}-${thread}-${pidNamespace}-${timeNamespace}`;
  return `LOCK-${numbers}-${boot}-${token}-${host}.tmp`;
}

/** Who made a temporary lock file; undefined for any other name. */
export function parseTemporaryLockName(name: string): LockOwner | undefined {
  const match = TEMPORARY.exec(name);
  if (match === null) return undefined;
  const [, pid, task, started, thread, pidNamespace, timeNamespace, boot, , host] = match;
  return ownerFrom({ host, boot, pidNamespace, timeNamespace, pid, task, started, thread });
}

function ownerFrom(text: Readonly<Record<keyof LockOwner, string>>): LockOwner {
  return {
    host: text.host,
    boot: text.boot,
    pidNamespace: Number(text.pidNamespace),
    timeNamespace: Number(text.timeNamespace),
    pid: Number(text.pid),
    task: Number(text.task),
    started: Number(text.started),
    thread: Number(text.thread),
  };
}

function checksumOf(body: string): string {
  const bytes = new TextEncoder().encode(body);
  return crc32(bytes, 0, bytes.length).toString(16).padStart(8, '0');
}
