/** One directory, one owner: whoever comes second is told who has it, and gets it when the first has closed. */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { symlinkSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { MiniLsm } from '../../src/db/mini-lsm.ts';
import { MemoryFileSystem } from '../../src/fs/memory-file-system.ts';
import { expectError } from '../support/expect-error.ts';
import { failOnLeaks } from '../support/leaks.ts';
import { contentsOf, DATABASE } from '../support/small-database.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

failOnLeaks();

const HOLDER = fileURLToPath(new URL('./locking-holder.js', import.meta.url));

test('a second open in this process is refused, naming this very thread, until the first is closed', (t) => {
  const path = join(temporaryDirectory(t), 'db');
  const first = MiniLsm.open(path);
  first.put('a', 'first');
  const error = expectError('LSM_LOCKED', () => MiniLsm.open(path));
  for (const part of [path, String(process.pid), hostname(), 'this very thread', 'close']) {
    assert.ok(error.message.includes(part), `${error.message} says ${part}`);
  }
  expectError('LSM_LOCKED', () => MiniLsm.destroy(path));
  assert.deepEqual(contentsOf(first), ['a=first'], 'the first is undisturbed');
  first.put('b', 'goes on');
  first.close();
  const second = MiniLsm.open(path);
  assert.deepEqual(contentsOf(second), ['a=first', 'b=goes on']);
  second.close();
});

test('another way to write the path leads to the same lock', (t) => {
  const parent = temporaryDirectory(t);
  const path = join(parent, 'db');
  const first = MiniLsm.open(path);
  symlinkSync(path, join(parent, 'link'));
  for (const other of [`${parent}//db/`, `${parent}/./db`, `${parent}/db/../db`, join(parent, 'link')]) {
    expectError('LSM_LOCKED', () => MiniLsm.open(other));
  }
  first.close();
  const second = MiniLsm.open(join(parent, 'link'));
  expectError('LSM_LOCKED', () => MiniLsm.open(path));
  second.close();
});

test('an in-memory directory is locked too, and a copy of it is not', () => {
  const fileSystem = new MemoryFileSystem();
  const first = MiniLsm.open(DATABASE, { fileSystem });
  expectError('LSM_LOCKED', () => MiniLsm.open(DATABASE, { fileSystem }));
  expectError('LSM_LOCKED', () => MiniLsm.destroy(DATABASE, { fileSystem }));
  MiniLsm.open(DATABASE, { fileSystem: fileSystem.crashClone() }).close();
  first.close();
  MiniLsm.open(DATABASE, { fileSystem }).close();
});

test('a database that another thread has open is refused, naming that thread', async (t) => {
  const path = join(temporaryDirectory(t), 'db');
  const thread = new Worker(HOLDER, { argv: [path] });
  await once(thread, 'message');
  const error = expectError('LSM_LOCKED', () => MiniLsm.open(path));
  assert.match(error.message, new RegExp(`process ${process.pid}\\b`));
  assert.doesNotMatch(error.message, /this very thread/);
  thread.postMessage('close');
  await once(thread, 'message');
  const db = MiniLsm.open(path);
  assert.deepEqual(contentsOf(db), ['held=yes']);
  db.close();
  await thread.terminate();
});

test('a database of a thread that ended without closing it can be opened', async (t) => {
  const path = join(temporaryDirectory(t), 'db');
  const thread = new Worker(HOLDER, { argv: [path] });
  await once(thread, 'message');
  await thread.terminate();
  const db = MiniLsm.open(path);
  assert.deepEqual(contentsOf(db), ['held=yes']);
  db.close();
});

function start(path: string): ChildProcess {
  return spawn(process.execPath, [HOLDER, path], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
}

test('a database that another process has open is refused, naming it, until that one closes it', async (t) => {
  const path = join(temporaryDirectory(t), 'db');
  const child = start(path);
  await once(child, 'message');
  const error = expectError('LSM_LOCKED', () => MiniLsm.open(path));
  assert.match(error.message, new RegExp(`process ${child.pid}\\b`));
  expectError('LSM_LOCKED', () => MiniLsm.destroy(path));
  child.send('close');
  await once(child, 'message');
  const db = MiniLsm.open(path);
  assert.deepEqual(contentsOf(db), ['held=yes']);
  db.close();
  child.disconnect();
  await once(child, 'exit');
});

test('the lock of a process that was killed is taken over', async (t) => {
  const path = join(temporaryDirectory(t), 'db');
  const child = start(path);
  await once(child, 'message');
  expectError('LSM_LOCKED', () => MiniLsm.open(path));
  child.kill('SIGKILL');
  await once(child, 'exit');
  const db = MiniLsm.open(path);
  assert.deepEqual(contentsOf(db), ['held=yes']);
  db.close();
});

test('a failed open gives the lock back', (t) => {
  const path = join(temporaryDirectory(t), 'db');
  MiniLsm.open(path).close();
  for (let i = 0; i < 3; i++) expectError('LSM_EXISTS', () => MiniLsm.open(path, { errorIfExists: true }));
  MiniLsm.open(path).close();
});
