import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { FileSystem } from '../../src/fs/file-system.ts';
import { MemoryFileSystem } from '../../src/fs/memory-file-system.ts';
import { expectError } from '../support/expect-error.ts';
import { type Fault, FaultyFileSystem } from './faulty-file-system.ts';
import { OpenFilesFileSystem } from './open-files-file-system.ts';
import { ALL_KINDS } from './operation.ts';

function scenario(fs: FileSystem): void {
  fs.makeDirectory('/d');
  const file = fs.createFile('/d/a');
  try {
    file.append(Uint8Array.of(1, 2, 3, 4));
    file.sync();
  } finally {
    file.close();
  }
  fs.rename('/d/a', '/d/b');
  fs.syncDirectory('/d');
  fs.remove('/d/b');
  fs.removeDirectory('/d');
}

function faulty(fault?: Fault): { fs: FaultyFileSystem; disk: MemoryFileSystem } {
  const disk = new MemoryFileSystem();
  const fs = new FaultyFileSystem(disk);
  fs.arm(fault);
  return { fs, disk };
}

test('every operation that changes the disk is in the trace, in order, and shown to the hook first', () => {
  const seen: string[] = [];
  const disk = new MemoryFileSystem();
  const fs = new FaultyFileSystem(disk, (operation) => {
    if (operation.kind === 'create') assert.equal(disk.status(operation.path), undefined);
    seen.push(
      `${fs.operations} ${operation.kind} ${operation.path} ${operation.to ?? operation.bytes ?? ''}`,
    );
  });
  scenario(fs);
  assert.deepEqual(seen, [
    '1 makeDirectory /d ',
    '2 create /d/a ',
    '3 append /d/a 4',
    '4 sync /d/a ',
    '5 rename /d/a /d/b',
    '6 syncDirectory /d ',
    '7 remove /d/b ',
    '8 removeDirectory /d ',
  ]);
  assert.equal(fs.operations, 8);
});

test('each operation in turn can be made to fail, with the code asked for', () => {
  for (let at = 1; at <= 8; at++) {
    const { fs } = faulty({ at, when: 'before', errno: 'ENOSPC' });
    expectError('LSM_NO_SPACE', () => scenario(fs));
    assert.equal(fs.operations, at);
    assert.equal(fs.faults, 1);
  }
});

test('an operation fails before its effect, after it, or half way', () => {
  for (const [when, bytes] of [
    ['before', 0],
    ['half', 2],
    ['after', 4],
  ] as const) {
    const { fs, disk } = faulty({ at: 3, when, errno: 'EIO' });
    expectError('LSM_IO', () => scenario(fs));
    assert.equal(disk.status('/d/a')?.bytes, bytes);
  }
});

test('a failed file stays failed, with its first error, although the disk works again', () => {
  const { fs, disk } = faulty({ at: 2, when: 'before', errno: 'EIO' });
  const file = fs.createFile('/a');
  const first = expectError('LSM_IO', () => file.append(Uint8Array.of(1)));
  const second = expectError('LSM_IO', () => file.sync());
  assert.equal(second, first);
  file.close();
  assert.equal(disk.status('/a')?.bytes, 0);
  fs.createFile('/b').append(Uint8Array.of(1));
});

test('a fault for ever fails all that follows, until it is disarmed', () => {
  const { fs, disk } = faulty({ at: 2, when: 'after', errno: 'EIO', forever: true });
  fs.makeDirectory('/d');
  expectError('LSM_IO', () => fs.makeDirectory('/e'));
  expectError('LSM_IO', () => fs.makeDirectory('/f'));
  assert.deepEqual(disk.list('/'), ['d', 'e']);
  assert.equal(fs.faults, 2);
  fs.arm(undefined);
  fs.makeDirectory('/g');
});

test('an error is the one of the engine for its errno, with the error of the system as its cause', () => {
  for (const [errno, code] of [
    ['EIO', 'LSM_IO'],
    ['ENOSPC', 'LSM_NO_SPACE'],
    ['EACCES', 'LSM_IO'],
    ['EMFILE', 'LSM_IO'],
  ] as const) {
    const { fs } = faulty({ at: 1, when: 'before', errno });
    const error = expectError(code, () => fs.makeDirectory('/d'));
    assert.equal(error.file, '/d');
    assert.match(String(error.cause), new RegExp(`${errno}: injected into operation 1, makeDirectory /d`));
    assert.deepEqual(fs.injected, [error]);
  }
});

test('reads, listings and locks are counted where that was asked for, and can fail too', () => {
  const scene = (): { fs: FaultyFileSystem; disk: MemoryFileSystem } => {
    const disk = new MemoryFileSystem();
    const file = disk.createFile('/a');
    file.append(Uint8Array.of(1, 2, 3, 4));
    file.close();
    return { disk, fs: new FaultyFileSystem(disk, undefined, new Set(ALL_KINDS)) };
  };
  const use = (fs: FileSystem): void => {
    const lock = fs.lock('/');
    try {
      fs.list('/');
      fs.status('/a');
      const file = fs.openFile('/a');
      const bytes = new Uint8Array(4);
      try {
        file.read(bytes, 0, 4, 0);
      } catch (error) {
        assert.deepEqual([...bytes], [1, 2, 0, 0]);
        throw error;
      } finally {
        file.close();
      }
    } finally {
      lock.release();
    }
  };
  const { fs: whole } = scene();
  use(whole);
  assert.deepEqual(
    whole.trace.map(({ kind }) => kind),
    ['lock', 'list', 'status', 'open', 'read', 'unlock'],
    'to close what was read from never fails',
  );
  for (let at = 1; at <= whole.operations; at++) {
    const { fs, disk } = scene();
    fs.arm({ at, when: 'half', errno: 'EIO' });
    const watched = new OpenFilesFileSystem(fs);
    expectError('LSM_IO', () => use(watched));
    fs.arm(undefined);
    assert.deepEqual(watched.openPaths(), []);
    watched.lock('/').release();
    assert.equal(disk.status('/a')?.bytes, 4);
  }
});

test('a fault for ever can be one of some kinds, and a failed sync is told of', () => {
  const { fs } = faulty();
  const failed: string[] = [];
  const file = fs.createFile('/a');
  fs.arm({
    at: 2,
    when: 'before',
    errno: 'EIO',
    forever: new Set(['sync']),
    onFailedSync: (path) => failed.push(path),
  });
  expectError('LSM_IO', () => file.sync());
  const other = fs.createFile('/b');
  other.append(Uint8Array.of(1));
  expectError('LSM_IO', () => other.sync());
  assert.deepEqual(failed, ['/a', '/b']);
});
