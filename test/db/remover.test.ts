import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Executor } from '../../src/background/executor.ts';
import type { JobAnswer, JobRequest } from '../../src/background/job.ts';
import { MiniLsm } from '../../src/db/mini-lsm.ts';
import { Remover } from '../../src/db/remover.ts';
import { LsmError } from '../../src/errors.ts';
import { MemoryFileSystem } from '../../src/fs/memory-file-system.ts';
import { replaceFile } from '../support/edit-file.ts';
import { failOnLeaks } from '../support/leaks.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

failOnLeaks();

/** Keeps what is submitted. */
class Desk implements Executor {
  readonly runsAside = false;
  readonly hasAnswer = false;
  readonly requests: JobRequest[] = [];

  submit(request: JobRequest): void {
    this.requests.push(request);
  }

  take(): undefined {}
  wait(): void {}
  keepAlive(): void {}
  writeBack(): void {}
  requestStop(): void {}
  close(): void {}
}

const FAILURE = new LsmError('LSM_IO', 'the disk refused it');
const SUCCESS: JobAnswer['outcome'] = {
  tables: [],
  entriesRead: 0,
  entriesWritten: 0,
  entriesDropped: 0,
  bytesRead: 0,
  bytesWritten: 0,
};

test('a removal is a job, and another job is none of its business', () => {
  const desk = new Desk();
  const remover = new Remover(new MemoryFileSystem(), desk);
  assert.equal(remover.isBusy, false);
  remover.remove('/d/1.sst');
  const [request] = desk.requests;
  assert.deepEqual({ ...request, id: 0 }, { kind: 'remove', id: 0, path: '/d/1.sst' });
  assert.equal(remover.isBusy, true);
  assert.equal(remover.accept({ id: 1, outcome: FAILURE }), false);
  assert.equal(remover.accept({ id: request.id, outcome: SUCCESS }), true);
  assert.equal(remover.isBusy, false);
  remover.retry();
  assert.equal(desk.requests.length, 1);
});

test('what could not be removed is tried again, in the end on this thread', () => {
  const fs = new MemoryFileSystem();
  fs.makeDirectory('/d');
  replaceFile(fs, '/d/1.sst', Buffer.from('a table'));
  const desk = new Desk();
  const remover = new Remover(fs, desk);
  remover.remove('/d/1.sst');
  remover.remove('/d/gone.sst');
  for (const { id } of desk.requests.splice(0)) remover.accept({ id, outcome: FAILURE });
  remover.retry();
  const again = desk.requests.splice(0);
  assert.deepEqual(
    again.map((request) => request.kind === 'remove' && request.path),
    ['/d/1.sst', '/d/gone.sst'],
  );
  for (const { id } of again) remover.accept({ id, outcome: FAILURE });
  assert.deepEqual(fs.list('/d'), ['1.sst']);
  remover.finish();
  assert.deepEqual(fs.list('/d'), []);
  remover.retry();
  assert.deepEqual(desk.requests, []);
});

test('a database that is closed leaves no file that it does not need', (t) => {
  const directory = join(temporaryDirectory(t), 'db');
  const db = MiniLsm.open(directory, { memtableBytes: 65_536, tableBytes: 65_536, baseLevelBytes: 262_144 });
  for (let i = 0; i < 20_000; i++) db.put(`key ${(i * 7919) % 5000}`, `value ${i}`);
  db.close();
  const again = MiniLsm.open(directory);
  assert.deepEqual(again.recovery.orphans, []);
  again.close();
});
