/** The lock on a real directory, between handles, threads, processes, and what killed ones leave. */
import assert from 'node:assert/strict';
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import fs, {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  truncateSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { Worker } from 'node:worker_threads';
import { lockDirectory } from '../../src/fs/directory-lock.ts';
import { decodeClaim, encodeClaim, type LockClaim, temporaryLockName } from '../../src/fs/lock-claim.ts';
import { isLockFileName, lockFileName, parseLockGeneration } from '../../src/fs/lock-file-name.ts';
import { currentOwner, type LockOwner } from '../../src/fs/lock-owner.ts';
import { NodeFileSystem } from '../../src/fs/node-file-system.ts';
import { smallDisk } from '../simulation/small-disk.ts';
import { expectError } from '../support/expect-error.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';
import type { Answer, Order } from './lock-actor.ts';

const ACTOR = new URL('./lock-actor.js', import.meta.url);
const TOKEN = '0123456789abcdef';
const inProc = { skip: currentOwner().boot === '' ? 'needs /proc' : false };

interface Actor {
  ask(order: Order): Promise<Answer>;
}

function childProcess(t: TestContext): Actor & { readonly process: ChildProcess } {
  const child = fork(ACTOR);
  t.after(() => child.kill('SIGKILL'));
  return { process: child, ask: (order) => exchange(child, () => child.send(order)) };
}

function worker(t: TestContext): Actor & { readonly worker: Worker } {
  const thread = new Worker(ACTOR);
  t.after(() => thread.terminate());
  return { worker: thread, ask: (order) => exchange(thread, () => thread.postMessage(order)) };
}

/** Fails, instead of waiting for ever, if the actor dies before it answers. */
async function exchange(actor: ChildProcess | Worker, send: () => void): Promise<Answer> {
  const ended = new AbortController();
  const onExit = (...how: unknown[]): void => ended.abort(new Error(`the actor ended: ${how.join(', ')}`));
  actor.once('exit', onExit);
  try {
    const answer = once(actor, 'message', { signal: ended.signal });
    send();
    const [message] = (await answer) as [Answer];
    return message;
  } finally {
    actor.off('exit', onExit);
  }
}

async function kill(child: ChildProcess): Promise<void> {
  const exit = once(child, 'exit');
  child.kill('SIGKILL');
  await exit;
}

/** Leaves a claim as somebody else would have. */
function plant(directory: string, generation: number, owner: LockOwner): string {
  const path = join(directory, lockFileName(generation));
  writeFileSync(path, encodeClaim({ generation, owner, token: TOKEN }));
  return path;
}

/** The same pid and thread id as this thread, but started at another time: a reused pid. */
function earlierOwner(): LockOwner {
  const self = currentOwner();
  return { ...self, started: self.started - 1 };
}

function generations(directory: string): number[] {
  const found = readdirSync(directory).map((name) => parseLockGeneration(name) ?? 0);
  return found.filter((generation) => generation > 0).sort((a, b) => a - b);
}

function claimIn(directory: string): LockClaim | undefined {
  return decodeClaim(readFileSync(join(directory, lockFileName(generations(directory).at(-1) ?? 0))));
}

function assertTakenOver(directory: string): void {
  const before = generations(directory).at(-1) ?? 0;
  const lock = lockDirectory(directory);
  assert.deepEqual(generations(directory), [before + 1]);
  lock.release();
}

test('a held lock is one complete claim, and no temporary file', (t) => {
  const directory = temporaryDirectory(t);
  const lock = lockDirectory(directory);
  assert.deepEqual(readdirSync(directory), ['LOCK-000001']);
  assert.deepEqual(claimIn(directory)?.owner, currentOwner());
  if (process.platform !== 'win32') {
    assert.equal(statSync(join(directory, 'LOCK-000001')).mode & 0o777, 0o600);
  }
  lock.release();
});

test('generations only grow, and only the newest stays', (t) => {
  const directory = temporaryDirectory(t);
  for (let round = 0; round < 5; round++) {
    const lock = lockDirectory(directory);
    assert.deepEqual(readdirSync(directory), [lockFileName(2 * round + 1)]);
    lock.release();
    assert.deepEqual(readdirSync(directory), [lockFileName(2 * round + 2)]);
  }
});

test('the same thread cannot lock twice, and is told that it is the owner', (t) => {
  const directory = temporaryDirectory(t);
  const lock = lockDirectory(directory);
  const error = expectError('LSM_LOCKED', () => lockDirectory(directory));
  assert.match(error.message, new RegExp(`thread 0 of process ${process.pid} `));
  assert.match(error.message, /this very thread/);
  assert.deepEqual(readdirSync(directory), ['LOCK-000001']);
  lock.release();
});

test('a directory behind a symbolic link is locked under all its names', (t) => {
  const root = temporaryDirectory(t);
  mkdirSync(join(root, 'real'));
  symlinkSync(join(root, 'real'), join(root, 'link'), 'junction');
  const lock = lockDirectory(join(root, 'link'));
  expectError('LSM_LOCKED', () => lockDirectory(join(root, 'real')));
  lock.release();
  lockDirectory(join(root, 'real')).release();
});

test('another process is refused, told who the owner is, and let in after the release', async (t) => {
  const directory = temporaryDirectory(t);
  const lock = lockDirectory(directory);
  const child = childProcess(t);
  const refused = await child.ask({ kind: 'lock', directory });
  assert.equal(refused.outcome, 'LSM_LOCKED');
  assert.match(refused.message, new RegExp(`process ${process.pid} on host `));
  lock.release();
  assert.equal((await child.ask({ kind: 'lock', directory })).outcome, 'held');
  const error = expectError('LSM_LOCKED', () => lockDirectory(directory));
  assert.match(error.message, new RegExp(`process ${child.process.pid} `));
  assert.equal((await child.ask({ kind: 'release' })).outcome, 'released');
  lockDirectory(directory).release();
});

test('the lock of a killed process is taken over', async (t) => {
  const directory = temporaryDirectory(t);
  const child = childProcess(t);
  assert.equal((await child.ask({ kind: 'lock', directory })).outcome, 'held');
  await kill(child.process);
  assertTakenOver(directory);
});

test('a worker thread is refused what the main thread holds, and the other way round', async (t) => {
  const directory = temporaryDirectory(t);
  const other = worker(t);
  const lock = lockDirectory(directory);
  assert.equal((await other.ask({ kind: 'lock', directory })).outcome, 'LSM_LOCKED');
  lock.release();
  assert.equal((await other.ask({ kind: 'lock', directory })).outcome, 'held');
  const error = expectError('LSM_LOCKED', () => lockDirectory(directory));
  assert.match(error.message, new RegExp(`thread ${other.worker.threadId} of process ${process.pid} `));
  assert.equal((await other.ask({ kind: 'release' })).outcome, 'released');
  lockDirectory(directory).release();
});

test('the lock of a terminated worker is taken over', inProc, async (t) => {
  const directory = temporaryDirectory(t);
  for (let round = 0; round < 5; round++) {
    const other = worker(t);
    assert.equal((await other.ask({ kind: 'lock', directory })).outcome, 'held');
    await other.worker.terminate();
    assertTakenOver(directory);
  }
});

test('a claim of this very pid from an earlier process that had it is taken over', inProc, (t) => {
  const directory = temporaryDirectory(t);
  plant(directory, 7, earlierOwner());
  assertTakenOver(directory);
});

test('a claim of a thread that is no more is taken over, though its process lives', inProc, (t) => {
  const directory = temporaryDirectory(t);
  // No process has a thread 0.
  plant(directory, 3, { ...currentOwner(), task: 0 });
  assertTakenOver(directory);
});

test('a claim from before a restart of this host is taken over', inProc, (t) => {
  const directory = temporaryDirectory(t);
  plant(directory, 3, { ...currentOwner(), boot: '0'.repeat(32) });
  assertTakenOver(directory);
});

test('a torn claim is taken over, since only a power cut leaves one', (t) => {
  const directory = temporaryDirectory(t);
  const path = plant(directory, 3, currentOwner());
  const { size } = statSync(path);
  expectError('LSM_LOCKED', () => lockDirectory(directory));
  truncateSync(path, size - 1);
  assertTakenOver(directory);
});

test('an empty, an oversized and a zeroed claim are torn too', (t) => {
  for (const content of [new Uint8Array(0), new Uint8Array(1 << 20), new Uint8Array(300)]) {
    const directory = temporaryDirectory(t);
    writeFileSync(join(directory, lockFileName(3)), content);
    assertTakenOver(directory);
  }
});

test('a claim from another host is refused, with what to do', (t) => {
  const directory = temporaryDirectory(t);
  const foreign = { ...currentOwner(), host: 'elsewhere', boot: 'a'.repeat(32) };
  plant(directory, 3, foreign);
  const error = expectError('LSM_LOCKED', () => lockDirectory(directory));
  assert.match(error.message, /on host elsewhere/);
  assert.match(error.message, /if you are sure that nothing has it open, remove its LOCK-\* files/);
  assert.deepEqual(readdirSync(directory), ['LOCK-000003']);
});

test('a claim from another pid or time namespace is refused, whatever its pid means here', inProc, (t) => {
  for (const other of [{ pidNamespace: 1 }, { timeNamespace: 1 }]) {
    const directory = temporaryDirectory(t);
    plant(directory, 3, { ...earlierOwner(), ...other });
    expectError('LSM_LOCKED', () => lockDirectory(directory));
  }
});

test('a claim that cannot be read is refused, since its owner may live', (t) => {
  const directory = temporaryDirectory(t);
  const path = plant(directory, 3, earlierOwner());
  chmodSync(path, 0);
  if (process.getuid?.() === 0 || process.platform === 'win32') return t.skip('needs a user who is not root');
  expectError('LSM_LOCKED', () => lockDirectory(directory));
});

test('a released foreign lock is free', (t) => {
  const directory = temporaryDirectory(t);
  const foreign = { ...currentOwner(), host: 'elsewhere', boot: 'a'.repeat(32) };
  // The marker: a claim of generation 3 under the name of generation 4.
  writeFileSync(
    join(directory, lockFileName(4)),
    encodeClaim({ generation: 3, owner: foreign, token: TOKEN }),
  );
  assertTakenOver(directory);
});

test('an older claim of a living owner counts for nothing', (t) => {
  const directory = temporaryDirectory(t);
  plant(directory, 2, currentOwner());
  writeFileSync(join(directory, lockFileName(3)), 'torn');
  assertTakenOver(directory);
});

test('temporary files of the dead are removed', inProc, (t) => {
  const directory = temporaryDirectory(t);
  writeFileSync(join(directory, temporaryLockName(earlierOwner(), TOKEN)), 'half a cla');
  writeFileSync(join(directory, temporaryLockName(currentOwner(), TOKEN)), '');
  lockDirectory(directory).release();
  assert.deepEqual(readdirSync(directory), ['LOCK-000002']);
});

test('while somebody may be taking the lock nothing is removed that they may have seen', (t) => {
  const directory = temporaryDirectory(t);
  const contender = { ...currentOwner(), host: 'elsewhere', boot: 'a'.repeat(32) };
  const temporary = temporaryLockName(contender, TOKEN);
  writeFileSync(join(directory, temporary), '');
  lockDirectory(directory).release();
  lockDirectory(directory).release();
  assert.deepEqual(generations(directory), [1, 2, 3, 4]);
  assert.ok(existsSync(join(directory, temporary)));
});

test('files of other names are left alone', (t) => {
  const directory = temporaryDirectory(t);
  const others = ['000001.sst', 'LOCK', 'LOCK-1', 'notes.tmp'];
  for (const name of others) writeFileSync(join(directory, name), '');
  lockDirectory(directory).release();
  assert.deepEqual(
    readdirSync(directory).filter((name) => !isLockFileName(name)),
    others,
  );
});

test('a release after the holder removed the lock files with everything else does nothing', (t) => {
  const directory = temporaryDirectory(t);
  const lock = lockDirectory(directory);
  unlinkSync(join(directory, lockFileName(1)));
  lock.release();
  assert.deepEqual(readdirSync(directory), []);
});

test('a release does not touch the lock of whoever took over after the claim was destroyed by hand', (t) => {
  const directory = temporaryDirectory(t);
  const lock = lockDirectory(directory);
  truncateSync(join(directory, lockFileName(1)), 0);
  const next = lockDirectory(directory);
  lock.release();
  expectError('LSM_LOCKED', () => lockDirectory(directory));
  next.release();
});

test('a full disk does not keep a lock from being released', (t) => {
  const directory = smallDisk(t, '64k');
  if (directory === undefined) return t.skip('needs the right to mount a tmpfs');
  const lock = lockDirectory(directory);
  const file = new NodeFileSystem().createFile(join(directory, 'filler'));
  expectError('LSM_NO_SPACE', () => file.append(new Uint8Array(256 * 1024)));
  file.close();
  lock.release();
  assert.deepEqual(generations(directory), [2]);
  expectError('LSM_NO_SPACE', () => lockDirectory(directory));
  assert.deepEqual(readdirSync(directory).sort(), ['LOCK-000002', 'filler']);
});

test('a directory that does not exist cannot be locked', (t) => {
  expectError('LSM_NOT_FOUND', () => lockDirectory(join(temporaryDirectory(t), 'missing')));
});

test('a lock file with the last possible generation is reported, not wrapped around', (t) => {
  const directory = temporaryDirectory(t);
  writeFileSync(join(directory, 'LOCK-999999999999999'), '');
  expectError('LSM_CORRUPTION', () => lockDirectory(directory));
  assert.deepEqual(readdirSync(directory), ['LOCK-999999999999999']);
});

test('who finds that another was quicker looks again', (t) => {
  const directory = temporaryDirectory(t);
  const link = fs.linkSync;
  let attempts = 0;
  t.mock.method(fs, 'linkSync', (from: string, to: string) => {
    attempts += 1;
    if (attempts === 1) throw Object.assign(new Error('EEXIST'), { code: 'EEXIST' });
    link(from, to);
  });
  syncBuiltinESMExports();
  t.after(() => {
    t.mock.restoreAll();
    syncBuiltinESMExports();
  });
  const lock = lockDirectory(directory);
  assert.equal(attempts, 2);
  assert.deepEqual(generations(directory), [1]);
  lock.release();
});
