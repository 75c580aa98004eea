/**
 * Holds a database open for test/db/locking.test.ts, as a process or as a thread, until it is told to close it.
 * Started as a test file by mistake it does nothing.
 */
import { isMainThread, parentPort } from 'node:worker_threads';
import { MiniLsm } from '../../src/db/mini-lsm.ts';

const [, , path] = process.argv;
if (path !== undefined) {
  const db = MiniLsm.open(path);
  db.put('held', 'yes');
  const tell = (word: string): void => {
    if (isMainThread) process.send?.(word);
    else parentPort?.postMessage(word);
  };
  const onWord = (): void => {
    db.close();
    tell('closed');
  };
  if (isMainThread) process.on('message', onWord);
  else parentPort?.on('message', onWord);
  tell('open');
}
