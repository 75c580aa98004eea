import assert from 'node:assert/strict';
import { once } from 'node:events';
import { existsSync, readdirSync, readlinkSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { startWriteBack } from '../../src/background/write-back.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

const skip = existsSync('/proc/self/fd') ? false : 'the system does not list open files';

/** How often a file is open in this process. */
function openings(path: string): number {
  let count = 0;
  for (const descriptor of readdirSync('/proc/self/fd')) {
    try {
      if (readlinkSync(`/proc/self/fd/${descriptor}`) === path) count += 1;
    } catch {} // the one that listed them
  }
  return count;
}

test('a write-back has a descriptor of its own, and gives it back', { skip }, async (t) => {
  const path = join(temporaryDirectory(t), 'log');
  writeFileSync(path, 'some bytes');
  startWriteBack(path);
  assert.equal(openings(path), 1);
  while (openings(path) > 0) await setImmediate();
});

test('no more than sixteen are under way at once, and afterwards there is room again', {
  skip,
}, async (t) => {
  const path = join(temporaryDirectory(t), 'log');
  writeFileSync(path, 'some bytes');
  for (let round = 0; round < 2; round++) {
    for (let i = 0; i < 20; i++) startWriteBack(path);
    assert.equal(openings(path), 16);
    while (openings(path) > 0) await setImmediate();
  }
});

test('a file that is gone, or reached through a link, is left alone', { skip }, (t) => {
  const directory = temporaryDirectory(t);
  const target = join(directory, 'target');
  const link = join(directory, 'link');
  writeFileSync(target, 'some bytes');
  symlinkSync(target, link);
  for (let i = 0; i < 20; i++) startWriteBack(join(directory, 'missing'));
  startWriteBack(link);
  assert.equal(openings(target), 0);
});

test('a thread that ends meanwhile leaves no descriptor open', { skip }, async (t) => {
  const path = join(temporaryDirectory(t), 'log');
  const module = new URL('../../src/background/write-back.js', import.meta.url);
  const program = `
    import('node:worker_threads').then(async ({ parentPort, workerData }) => {
      const { startWriteBack } = await import(workerData.module);
      for (let i = 0; i < 16; i++) startWriteBack(workerData.path);
      parentPort.postMessage('under way');
      setInterval(() => {}, 1000);
    });`;
  for (let round = 0; round < 20; round++) {
    writeFileSync(path, new Uint8Array(64 * 1024 * (round % 4)));
    const worker = new Worker(program, { eval: true, workerData: { module: module.href, path } });
    await once(worker, 'message');
    for (let turns = round; turns > 0; turns--) await setImmediate();
    await worker.terminate();
    assert.equal(openings(path), 0);
  }
});
