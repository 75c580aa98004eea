/**
 * Runs in a child process or a worker thread of the lock tests and does what it is told by messages.
 * Started in any other way, as the test runner does with every file here, it does nothing.
 */
import { parentPort } from 'node:worker_threads';
import { LsmError } from '../../src/errors.ts';
import type { DirectoryLock } from '../../src/fs/file-system.ts';
import { NodeFileSystem } from '../../src/fs/node-file-system.ts';

export type Order = { readonly kind: 'lock'; readonly directory: string } | { readonly kind: 'release' };

/** `held`, `released`, or the code of an error. */
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
    lock?.release();
    return { outcome: 'released', message: '' };
  } catch (error) {
    if (error instanceof LsmError) return { outcome: error.code, message: error.message };
    return { outcome: 'failed', message: String(error) };
  }
}

if (parentPort !== null) {
  const port = parentPort;
  port.on('message', (order: Order) => port.postMessage(obey(order)));
} else if (process.send !== undefined) {
  process.on('message', (order: Order) => process.send?.(obey(order)));
}
