import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MemoryFileSystem } from '../../src/fs/memory-file-system.ts';
import { OpenFiles } from '../../src/sstable/open-files.ts';
import { FaultyFileSystem } from '../simulation/faulty-file-system.ts';
import { OpenFilesFileSystem } from '../simulation/open-files-file-system.ts';

test('a handle that cannot be closed keeps nobody from reading another file, nor the others open', () => {
  const disk = new MemoryFileSystem();
  for (const path of ['/a', '/b', '/c']) disk.createFile(path).append(Uint8Array.of(1));
  const faulty = new FaultyFileSystem(disk, undefined, new Set(['close']));
  const watched = new OpenFilesFileSystem(faulty);
  const files = new OpenFiles(watched, 2);
  const read = (path: string): void => files.file(path, 1).read(new Uint8Array(1), 0, 1, 0);
  read('/a');
  read('/b');
  faulty.arm({ at: 1, when: 'after', errno: 'EIO', forever: true });
  read('/c');
  files.closeAll();
  assert.deepEqual(watched.openPaths(), []);
  assert.equal(faulty.faults, 3);
});
