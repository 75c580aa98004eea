/** A worker of deaths.ts: counts its points, and dies at one of them. */
import { createRequire, syncBuiltinESMExports } from 'node:module';
import { isMainThread, MessagePort, parentPort, workerData } from 'node:worker_threads';
import { MANNER, MANNERS, type Manner, PASSED, POINT, type Told } from './deaths.ts';

const require = createRequire(import.meta.url);

/** What a job does with files. */
const CALLS = ['openSync', 'writeSync', 'fdatasyncSync', 'fsyncSync', 'closeSync', 'readSync', 'fstatSync'];

/** And what else can be seen of it. */
const OTHERS = ['unlinkSync', 'statSync', 'lstatSync'];

/** As it is before it counts. */
const tell = parentPort?.postMessage.bind(parentPort, 'terminate me');

if (!isMainThread) await live(workerData.told);

async function live({ script, words }: Told): Promise<void> {
  const point = (outsideOfJobs: boolean): void => {
    const number = Atomics.add(words, PASSED, 1) + 1;
    if (number === Atomics.load(words, POINT)) die(MANNERS[Atomics.load(words, MANNER)], outsideOfJobs);
  };
  const fs: Record<string, (...args: unknown[]) => unknown> = require('node:fs');
  for (const name of [...CALLS, ...OTHERS]) {
    const call = fs[name];
    fs[name] = (...args) => {
      point(false);
      return call(...args);
    };
  }
  const threads = require('node:worker_threads');
  const { receiveMessageOnPort } = threads;
  threads.receiveMessageOnPort = (port: MessagePort) => {
    point(false);
    return receiveMessageOnPort(port);
  };
  syncBuiltinESMExports();
  const { postMessage } = MessagePort.prototype;
  MessagePort.prototype.postMessage = function (this: MessagePort, ...args: Parameters<typeof postMessage>) {
    point(true);
    postMessage.apply(this, args);
    point(true);
  };
  await import(script);
}

function die(manner: Manner, outsideOfJobs: boolean): void {
  // Within a job an error is the job's: that is another failure.
  if (manner === 'throw' && outsideOfJobs) throw new Error('a worker dies of this');
  if (manner === 'memory') fillMemory();
  if (manner === 'terminate') tell?.();
  while (manner === 'terminate') Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
  process.exit(1);
}

function fillMemory(): void {
  const kept: unknown[] = [];
  while (kept.length < 1e6) kept.push(new Array(10_000).fill(kept.length));
}
