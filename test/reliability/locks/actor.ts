/**
 * A process or thread that wants a lock and does what it is told. Started as a test file by mistake it does
 * nothing.
 */
import { closeSync, openSync, readFileSync, unlinkSync, writeSync } from 'node:fs';
import { parentPort } from 'node:worker_threads';
import { LsmError } from '../../../src/errors.ts';
import type { DirectoryLock } from '../../../src/fs/file-system.ts';
import { NodeFileSystem } from '../../../src/fs/node-file-system.ts';

export type Order =
  | { readonly kind: 'lock'; readonly path: string }
  /** Tries until it holds the lock, but no longer than so many milliseconds. */
  | { readonly kind: 'insist'; readonly path: string; readonly milliseconds: number }
  | { readonly kind: 'release' }
  /** Locks and releases until it has held the lock so often, with nobody else inside. */
  | { readonly kind: 'contend'; readonly path: string; readonly witness: string; readonly times: number }
  /** The same by opening a database, raising the number in it by one and closing it. */
  | { readonly kind: 'count'; readonly path: string; readonly witness: string; readonly times: number };

/** `held`, `released`, `done` or the code of an error; `intruded` if two were inside at the same time. */
export interface Answer {
  readonly outcome: string;
  readonly message: string;
}

const fs = new NodeFileSystem();
let lock: DirectoryLock | undefined;

async function obey(order: Order): Promise<Answer> {
  try {
    if (order.kind === 'lock') lock = fs.lock(order.path);
    else if (order.kind === 'insist') lock = insist(() => fs.lock(order.path), order.milliseconds);
    else if (order.kind === 'release') lock?.release();
    else if (order.kind === 'contend') contend(order.path, order.witness, order.times);
    else await count(order.path, order.witness, order.times);
    return { outcome: OUTCOMES[order.kind], message: '' };
  } catch (error) {
    const outcome =
      error instanceof LsmError ? error.code : error instanceof Intrusion ? 'intruded' : 'failed';
    return { outcome, message: String(error) };
  }
}

const OUTCOMES: Readonly<Record<Order['kind'], string>> = {
  lock: 'held',
  insist: 'held',
  release: 'released',
  contend: 'done',
  count: 'done',
};

function insist<T>(attempt: () => T, milliseconds: number): T {
  const deadline = performance.now() + milliseconds;
  for (;;) {
    try {
      return attempt();
    } catch (error) {
      const locked = error instanceof LsmError && error.code === 'LSM_LOCKED';
      if (!locked || performance.now() > deadline) throw error;
    }
  }
}

/** Long enough for all others to have had their turns. */
const PATIENCE = 120_000;

function contend(path: string, witness: string, times: number): void {
  for (let held = 0; held < times; held++) {
    const taken = insist(() => fs.lock(path), PATIENCE);
    beInside(witness, () => {});
    taken.release();
  }
}

async function count(path: string, witness: string, times: number): Promise<void> {
  const { MiniLsm } = await import('../../../src/db/mini-lsm.ts');
  for (let held = 0; held < times; held++) {
    const db = insist(() => MiniLsm.open(path, { background: 'inline', memtableBytes: 1024 }), PATIENCE);
    beInside(witness, () => {
      const before = Number(Buffer.from(db.get('count') ?? []).toString());
      db.put('count', String(before + 1));
    });
    db.close();
  }
}

class Intrusion extends Error {}

/** Leaves a file while it is inside, which nobody else may find unless its maker was killed. */
function beInside(witness: string, work: () => void): void {
  let fd: number;
  try {
    fd = openSync(witness, 'wx');
  } catch {
    const found = Number(readFileSync(witness, 'latin1'));
    if (runs(found)) throw new Intrusion(`${process.pid} has the lock while ${found} is inside`);
    unlinkSync(witness);
    fd = openSync(witness, 'wx');
  }
  writeSync(fd, String(process.pid));
  closeSync(fd);
  work();
  unlinkSync(witness);
}

/** Whether a process still runs: one that was killed and not waited for yet does not. */
function runs(pid: number): boolean {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    return !/\) [ZX]/.test(stat);
  } catch {
    return false;
  }
}

if (parentPort !== null) {
  const port = parentPort;
  port.on('message', async (order: Order) => port.postMessage(await obey(order)));
} else if (process.send !== undefined) {
  process.on('message', async (order: Order) => process.send?.(await obey(order)));
}
