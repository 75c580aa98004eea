import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync } from 'node:fs';
import { type TestContext, test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { Worker } from 'node:worker_threads';
import { FileNumbers } from '../../src/background/file-numbers.ts';
import type { JobAnswer } from '../../src/background/job.ts';
import { WorkerExecutor } from '../../src/background/worker-executor.ts';
import { LsmError } from '../../src/errors.ts';
import { KIND_PUT } from '../../src/keys/internal-key.ts';
import { MemTable } from '../../src/memtable/mem-table.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

function executorIn(directory: string, listener: () => void = () => {}): WorkerExecutor {
  const fileNumbers = new FileNumbers();
  fileNumbers.raise(1);
  const table = { blockBytes: 4096, bloomBitsPerKey: 10, compression: 'lz4' } as const;
  return new WorkerExecutor({ directory, databaseId: new Uint8Array(16), table }, fileNumbers, listener);
}

function memtable(): MemTable {
  const table = MemTable.create(65_536);
  table.add(1, KIND_PUT, new Uint8Array([1]), 0, 1, new Uint8Array([2]), 0, 1);
  return table;
}

function flush(executor: WorkerExecutor, id: number): void {
  executor.submit({ kind: 'flush', id, memtable: memtable().buffer, snapshots: [] });
}

/** Waits within this turn of the event loop, as a synchronous writer does. */
function awaitAnswer(executor: WorkerExecutor): JobAnswer {
  for (;;) {
    const answer = executor.take();
    if (answer !== undefined) return answer;
    executor.wait(Infinity);
  }
}

function open(t: TestContext, listener?: () => void): WorkerExecutor {
  const executor = executorIn(temporaryDirectory(t), listener);
  t.after(() => executor.close());
  return executor;
}

test('jobs are answered one by one without an event loop', (t) => {
  const executor = open(t);
  for (let id = 1; id <= 20; id++) {
    flush(executor, id);
    const answer = awaitAnswer(executor);
    assert.equal(answer.id, id);
    assert.ok(!(answer.outcome instanceof LsmError));
    assert.equal(answer.outcome.entriesWritten, 1);
    assert.equal(executor.hasAnswer, false);
  }
});

test('a write-back is no job: nothing answers it, and a log that is gone disturbs nobody', (t) => {
  const executor = open(t);
  executor.writeBack(1); // no thread is there yet
  flush(executor, 1);
  executor.writeBack(1);
  executor.writeBack(2);
  flush(executor, 2);
  assert.deepEqual([awaitAnswer(executor).id, awaitAnswer(executor).id], [1, 2]);
  assert.equal(executor.hasAnswer, false);
});

test('an idle owner is told by its event loop', async (t) => {
  let told: () => void = () => {};
  const telling = new Promise<void>((resolve) => {
    told = resolve;
  });
  const keepAlive = setInterval(() => {}, 1000); // the worker keeps no process alive
  const executor = open(t, told);
  flush(executor, 1);
  await telling;
  clearInterval(keepAlive);
  assert.equal(executor.take()?.id, 1);
});

test('a job that fails is answered with the error, its code and its file', (t) => {
  const executor = executorIn('/nonexistent/directory');
  t.after(() => executor.close());
  flush(executor, 7);
  const { id, outcome } = awaitAnswer(executor);
  assert.equal(id, 7);
  assert.ok(outcome instanceof LsmError);
  assert.equal(outcome.code, 'LSM_NOT_FOUND');
  assert.match(outcome.file ?? '', /nonexistent/);
});

test('a worker that ends is noticed by whoever waits, and its job gets another', {
  skip: existsSync('/proc/self/task') ? false : 'the system does not list its threads',
}, async (t) => {
  const executor = open(t);
  await setImmediate(); // the workers of earlier tests have been announced
  const created = once(process, 'worker');
  flush(executor, 1);
  const [worker]: Worker[] = await created;
  awaitAnswer(executor);
  const threads = (): number => readdirSync('/proc/self/task').length;
  const before = threads();
  void worker.terminate();
  while (threads() >= before); // not once back to the event loop
  flush(executor, 2);
  const repeated = awaitAnswer(executor);
  assert.equal(repeated.id, 2);
  assert.ok(!(repeated.outcome instanceof LsmError));
  assert.equal(repeated.interrupted, true);
  flush(executor, 3);
  const { id, outcome, interrupted } = awaitAnswer(executor);
  assert.equal(id, 3);
  assert.ok(!(outcome instanceof LsmError));
  assert.equal(interrupted, undefined);
});

test('a worker that ends is noticed by its events when nobody waits', async (t) => {
  let told: () => void = () => {};
  const telling = new Promise<void>((resolve) => {
    told = resolve;
  });
  const executor = open(t, () => told());
  await setImmediate();
  const created = once(process, 'worker');
  flush(executor, 1);
  const [worker]: Worker[] = await created;
  awaitAnswer(executor);
  flush(executor, 2);
  await worker.terminate();
  executor.keepAlive(true);
  await telling;
  const answer = executor.take();
  assert.equal(answer?.id, 2);
  assert.ok(!(answer.outcome instanceof LsmError));
});

test('a job that loses one worker after the other is answered with an error', async (t) => {
  const executor = open(t);
  await setImmediate();
  const killAll = (worker: Worker): void => void worker.terminate();
  process.on('worker', killAll);
  flush(executor, 1);
  try {
    while (!executor.hasAnswer) await setImmediate();
  } finally {
    process.removeListener('worker', killAll);
  }
  const { outcome } = awaitAnswer(executor);
  assert.ok(outcome instanceof LsmError);
  assert.match(outcome.message, /lost, 3 times: its thread has ended/);
  flush(executor, 2);
  assert.ok(!(awaitAnswer(executor).outcome instanceof LsmError));
});

test('a job that cannot be sent is answered like any other', (t) => {
  const executor = open(t);
  const unsendable = { kind: 'flush', id: 5, memtable: () => {}, snapshots: [] };
  executor.submit(unsendable as unknown as Parameters<WorkerExecutor['submit']>[0]);
  const { id, outcome } = awaitAnswer(executor);
  assert.equal(id, 5);
  assert.ok(outcome instanceof LsmError && /lost/.test(outcome.message));
});

test('it works in a program that is given as text', (t) => {
  const directory = temporaryDirectory(t);
  const index = pathToFileURL(new URL('../../src/index.js', import.meta.url).pathname).href;
  const program = `
    import { MiniLsm } from ${JSON.stringify(index)};
    const db = MiniLsm.open(${JSON.stringify(directory)});
    db.put('k', 'v'); db.flush(); console.log(db.stats().files); db.close();`;
  const output = execFileSync(process.execPath, ['--input-type=module', '-e', program], { encoding: 'utf8' });
  assert.equal(output.trim(), '1');
});

test('a program that awaits a job learns of the end of its worker', (t) => {
  const directory = temporaryDirectory(t);
  const index = pathToFileURL(new URL('../../src/index.js', import.meta.url).pathname).href;
  const program = `
    import { MiniLevel } from ${JSON.stringify(index)};
    process.once('worker', (worker) => worker.terminate());
    const db = new MiniLevel(${JSON.stringify(directory)});
    await db.put('k', 'v'); await db.flush(); console.log('flushed'); await db.close();`;
  const output = execFileSync(process.execPath, ['--input-type=module', '-e', program], { encoding: 'utf8' });
  assert.equal(output.trim(), 'flushed');
});

test('it works in a worker thread', async (t) => {
  const directory = temporaryDirectory(t);
  const index = new URL('../../src/index.js', import.meta.url).href;
  const program = `
    const { parentPort } = require('node:worker_threads');
    import(${JSON.stringify(index)}).then(({ MiniLsm }) => {
      const db = MiniLsm.open(${JSON.stringify(directory)});
      db.put('k', 'v'); db.flush(); parentPort.postMessage(db.stats().files); db.close();
    });`;
  const worker = new Worker(program, { eval: true });
  const [files] = await once(worker, 'message');
  assert.equal(files, 1);
  await once(worker, 'exit');
});
