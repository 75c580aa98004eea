/** What a real file does when the system calls under it fall short or fail. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { NodeWritableFile, type WriteCalls } from '../../src/fs/node-writable-file.ts';
import { expectError } from '../support/expect-error.ts';

/** A disk that takes as many bytes of each write as the script says, or throws what it says. */
class ScriptedDisk implements WriteCalls {
  readonly content: number[] = [];
  readonly script: (number | Error)[];
  syncFailure: Error | undefined;
  closeFailure: Error | undefined;
  syncs = 0;
  closes = 0;
  /** The descriptors that were closed. */
  readonly closed: number[] = [];

  constructor(...script: (number | Error)[]) {
    this.script = script;
  }

  write(_fd: number, bytes: Uint8Array, start: number, length: number, position: number): number {
    const step = this.script.shift() ?? length;
    if (step instanceof Error) throw step;
    for (let i = 0; i < step; i++) this.content[position + i] = bytes[start + i];
    return step;
  }

  sync(): void {
    this.syncs++;
    if (this.syncFailure !== undefined) throw this.syncFailure;
  }

  /** The syncs that were started and are not done: call one to end it. */
  readonly started: ((error: Error | null) => void)[] = [];

  startSync(fd: number, done: (error: Error | null) => void): void {
    assert.equal(fd, -2, 'a started sync has a descriptor of its own');
    this.started.push(done);
  }

  openAgain(): number {
    return -2;
  }

  close(fd: number): void {
    this.closed.push(fd);
    this.closes++;
    if (this.closeFailure !== undefined) throw this.closeFailure;
  }
}

function errno(code: string): Error {
  return Object.assign(new Error(code), { code });
}

function open(disk: WriteCalls): NodeWritableFile {
  return new NodeWritableFile(-1, '/d/000001.wal', disk);
}

test('a short write is continued where it stopped', () => {
  const disk = new ScriptedDisk(2, 1);
  const file = open(disk);
  file.append(Uint8Array.of(0, 1, 2, 3, 4, 5), 1);
  file.append(Uint8Array.of(6));
  assert.deepEqual(disk.content, [1, 2, 3, 4, 5, 6]);
  assert.equal(file.size, 6);
});

test('a write that makes no progress fails, and says how far it came', () => {
  const file = open(new ScriptedDisk(2, 0));
  const error = expectError('LSM_IO', () => file.append(Uint8Array.of(1, 2, 3)));
  assert.match(error.message, /took 2 of 3 bytes/);
  assert.equal(error.file, '/d/000001.wal');
  assert.equal(error.offset, 2);
});

for (const [code, expected] of [
  ['ENOSPC', 'LSM_NO_SPACE'],
  ['EDQUOT', 'LSM_NO_SPACE'],
  ['EIO', 'LSM_IO'],
] as const) {
  test(`after ${code} in an append every append and sync throws that first error`, () => {
    const disk = new ScriptedDisk(1, errno(code));
    const file = open(disk);
    const first = expectError(expected, () => file.append(Uint8Array.of(1, 2)));
    assert.equal(
      expectError(expected, () => file.append(Uint8Array.of(3))),
      first,
    );
    assert.equal(
      expectError(expected, () => file.sync()),
      first,
    );
    assert.deepEqual(disk.content, [1]);
    assert.equal(disk.syncs, 0);
    assert.equal(file.size, 0);
  });
}

test('a failed sync is never tried again', () => {
  const disk = new ScriptedDisk();
  const file = open(disk);
  file.append(Uint8Array.of(1));
  disk.syncFailure = errno('EIO');
  const first = expectError('LSM_IO', () => file.sync());
  disk.syncFailure = undefined;
  assert.equal(
    expectError('LSM_IO', () => file.sync()),
    first,
  );
  assert.equal(
    expectError('LSM_IO', () => file.append(Uint8Array.of(2))),
    first,
  );
  assert.equal(disk.syncs, 1);
  assert.deepEqual(disk.content, [1]);
});

test('a poisoned file closes once, without another error', () => {
  const disk = new ScriptedDisk(errno('EIO'));
  disk.closeFailure = errno('EIO');
  const file = open(disk);
  expectError('LSM_IO', () => file.append(Uint8Array.of(1)));
  file.close();
  file.close();
  assert.equal(disk.closes, 1);
});

test('an error that only close reports is reported, once', () => {
  const disk = new ScriptedDisk();
  disk.closeFailure = errno('EIO');
  const file = open(disk);
  expectError('LSM_IO', () => file.close());
  file.close();
  assert.equal(disk.closes, 1);
});

test('a started sync is done when the system says so, and appending goes on meanwhile', async () => {
  const disk = new ScriptedDisk();
  const file = open(disk);
  file.append(Uint8Array.of(1));
  let done = false;
  const synced = file.startSync().then(() => {
    done = true;
  });
  file.append(Uint8Array.of(2));
  await Promise.resolve();
  assert.equal(done, false);
  disk.started[0](null);
  await synced;
  assert.deepEqual(disk.content, [1, 2]);
});

test('a started sync that fails poisons the file', async () => {
  const disk = new ScriptedDisk();
  const file = open(disk);
  const synced = file.startSync();
  disk.started[0](errno('EIO'));
  await assert.rejects(synced, { code: 'LSM_IO', file: '/d/000001.wal' });
  expectError('LSM_IO', () => file.append(Uint8Array.of(1)));
  expectError('LSM_IO', () => file.sync());
});

test('a started sync that succeeds after another one failed proves nothing', async () => {
  const disk = new ScriptedDisk();
  const file = open(disk);
  file.append(Uint8Array.of(1));
  const synced = file.startSync();
  disk.syncFailure = errno('EIO');
  const first = expectError('LSM_IO', () => file.sync());
  disk.started[0](null);
  await assert.rejects(synced, first);
});

test('closing waits with the descriptor of the syncs that were started until they are done', async () => {
  const disk = new ScriptedDisk();
  const file = open(disk);
  const synced = [file.startSync(), file.startSync()];
  file.close();
  assert.deepEqual(disk.closed, [-1]);
  disk.started[0](null);
  assert.deepEqual(disk.closed, [-1]);
  disk.started[1](null);
  assert.deepEqual(disk.closed, [-1, -2]);
  await Promise.all(synced);
  file.close();
  assert.deepEqual(disk.closed, [-1, -2]);
});
