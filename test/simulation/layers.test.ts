/** The layers that need few words: what each of them changes, and that it changes nothing else. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type FileSystem, readWholeFile } from '../../src/fs/file-system.ts';
import { MemoryFileSystem } from '../../src/fs/memory-file-system.ts';
import { MiniLsm } from '../../src/index.ts';
import { expectError } from '../support/expect-error.ts';
import { Random } from '../support/random.ts';
import { CorruptingFileSystem } from './corrupting-file-system.ts';
import { OpenFilesFileSystem } from './open-files-file-system.ts';
import { QuotaFileSystem } from './quota-file-system.ts';
import { ShufflingFileSystem } from './shuffling-file-system.ts';
import { TraceFileSystem } from './trace-file-system.ts';

function write(fs: FileSystem, path: string, ...bytes: number[]): void {
  const file = fs.createFile(path);
  try {
    file.append(Uint8Array.from(bytes));
    file.sync();
  } finally {
    file.close();
  }
}

function contents(fs: FileSystem, path: string): number[] {
  return [...readWholeFile(fs, path, 100)];
}

describe('open files', () => {
  test('are known from their opening to their closing, locks too', () => {
    const fs = new OpenFilesFileSystem(new MemoryFileSystem());
    const lock = fs.lock('/');
    const file = fs.createFile('/a');
    const reader = fs.openFile('/a');
    assert.deepEqual(fs.openPaths(), ['holding /', 'writing /a', 'reading /a']);
    for (const close of [() => lock.release(), () => file.close(), () => reader.close()]) close();
    assert.deepEqual(fs.openPaths(), []);
  });
});

describe('a quota', () => {
  test('lets a part of a write through, and the file stays failed', () => {
    const fs = new QuotaFileSystem(new MemoryFileSystem(), 5);
    write(fs, '/a', 1, 2, 3);
    const file = fs.createFile('/b');
    const first = expectError('LSM_NO_SPACE', () => file.append(Uint8Array.of(1, 2, 3)));
    assert.deepEqual([contents(fs, '/b'), fs.used, fs.refused], [[1, 2], 5, [first]]);
    fs.quota = 100;
    assert.equal(
      expectError('LSM_NO_SPACE', () => file.sync()),
      first,
    );
    write(fs, '/c', 1, 2, 3);
    assert.deepEqual([fs.used, fs.peak], [8, 8]);
  });

  test('gives room back when a file has lost its last name', () => {
    const fs = new QuotaFileSystem(new MemoryFileSystem(), 5);
    write(fs, '/a', 1, 2, 3);
    fs.link('/a', '/b');
    fs.remove('/a');
    assert.equal(fs.used, 3);
    fs.rename('/b', '/c');
    write(fs, '/d', 1, 2);
    fs.rename('/d', '/c');
    assert.equal(fs.used, 2);
    fs.remove('/c');
    assert.equal(fs.used, 0);
  });
});

describe('corruption', () => {
  test('comes with every read of a byte, or once', () => {
    const fs = new CorruptingFileSystem(new MemoryFileSystem());
    write(fs, '/a', 1, 2, 3);
    fs.arm({ path: '/a', position: 1, mask: 128 });
    assert.deepEqual([contents(fs, '/a'), contents(fs, '/a'), fs.flips], [[1, 130, 3], [1, 130, 3], 2]);
    fs.arm({ path: '/a', position: 2, mask: 1, once: true });
    assert.deepEqual(
      [contents(fs, '/a'), contents(fs, '/a')],
      [
        [1, 2, 2],
        [1, 2, 3],
      ],
    );
  });
});

test('a shuffled list holds the same names, in another order from time to time', () => {
  const disk = new MemoryFileSystem();
  for (const name of ['a', 'b', 'c', 'd', 'e']) write(disk, `/${name}`, 1);
  const fs = new ShufflingFileSystem(disk, new Random(1));
  const lists = Array.from({ length: 20 }, () => fs.list('/').join(''));
  assert.ok(new Set(lists).size > 10, lists.join());
  for (const list of lists) assert.equal([...list].sort().join(''), 'abcde');
});

describe('a trace', () => {
  test('holds what was done, and what failed', () => {
    const fs = new TraceFileSystem(new MemoryFileSystem(), undefined, true);
    write(fs, '/a', 1, 2);
    assert.throws(() => fs.remove('/b'));
    assert.deepEqual(fs.lines, [
      'create /a',
      'crc32 3066839698',
      'append /a, 2 bytes',
      'sync /a',
      'close /a',
      'remove /b -> /b does not exist; check the path',
    ]);
  });

  test('of a database is the same for the same calls: nothing in the engine depends on chance', () => {
    const digests = [1, 2].map(() => {
      const fs = new TraceFileSystem(new ShufflingFileSystem(new MemoryFileSystem(), new Random(1)));
      for (let round = 0; round < 3; round++) {
        const db = MiniLsm.open('/db', { fileSystem: fs, memtableBytes: 1024, l0CompactionFiles: 2 });
        for (let i = 0; i < 200; i++) db.put(`key ${i % 50}`, `value ${round} ${i}`);
        db.close();
      }
      assert.ok(fs.lines.length > 500);
      return fs.digest;
    });
    assert.equal(digests[0], digests[1]);
  });
});
