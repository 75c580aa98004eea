/**
 * Runs in a child process or a worker thread of the lock tests and does what it is told by messages.
 * Started in any other way, as the test runner does with every file here, it does nothing.
 */
import { closeSync, openSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import { parentPort } from 'node:worker_threads';
import { LsmError } from '../../src/errors.ts';
import type { DirectoryLock } from '../../src/fs/file-system.ts';
import { NodeFileSystem } from '../../src/fs/node-file-system.ts';

export type Order =
  | { readonly kind: 'lock'; readonly directory: string }
  | { readonly kind: 'release' }
  /** Locks and releases, until it has held the lock `times` times. */
  | { readonly kind: 'contend'; readonly directory: string; readonly times: number };

/** `held`, `released`, or the code of an error; `intruded` if two held the lock at the same time. */
export interface Answer {
  readonly outcome: string;
  readonly message: string;
}

let lock: DirectoryLock | undefined;

function obey(order: Order): Answer {
  try {
    if (order.kind === 'lock') {
      lock = new NodeFileSystem().lock(order.directory);
      return { outcome: 'held', message: '' };
    }
    if (order.kind === 'contend') return contend(order.directory, order.times);
    lock?.release();
    return { outcome: 'released', message: '' };
  } catch (error) {
    if (error instanceof LsmError) return { outcome: error.code, message: error.message };
    return { outcome: 'failed', message: String(error) };
  }
}

function contend(directory: string, times: number): Answer {
  const fs = new NodeFileSystem();
  const witness = join(directory, 'inside');
  for (let held = 0; held < times; ) {
    let taken: DirectoryLock;
    try {
      taken = fs.lock(directory);
    } catch (error) {
      if (error instanceof LsmError && error.code === 'LSM_LOCKED') continue;
      throw error;
    }
    held++;
    try {
      closeSync(openSync(witness, 'wx'));
    } catch (error) {
      return { outcome: 'intruded', message: String(error) };
    }
    unlinkSync(witness);
    taken.release();
  }
  return { outcome: 'done', message: '' };
}

if (parentPort !== null) {
  const port = parentPort;
  port.on('message', (order: Order) => port.postMessage(obey(order)));
} else if (process.send !== undefined) {
  process.on('message', (order: Order) => process.send?.(obey(order)));
}
