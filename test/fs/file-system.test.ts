/** What every FileSystem must do, asked of the real disk, the one in memory and the simulated one. */
import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { type FileSystem, fileBytes, joinPath, readWholeFile } from '../../src/fs/file-system.ts';
import { MemoryFileSystem } from '../../src/fs/memory-file-system.ts';
import { NodeFileSystem } from '../../src/fs/node-file-system.ts';
import { SimulatedFileSystem } from '../simulation/simulated-file-system.ts';
import { expectError } from '../support/expect-error.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

interface Place {
  readonly fs: FileSystem;
  /** An existing, empty directory. */
  readonly root: string;
}

function onDisk(t: TestContext): Place {
  return { fs: new NodeFileSystem(), root: temporaryDirectory(t) };
}

function inMemory(): Place {
  const fs = new MemoryFileSystem();
  fs.makeDirectory('/database');
  return { fs, root: '/database' };
}

function bytes(...values: number[]): Uint8Array {
  return Uint8Array.from(values);
}

function writeFile(fs: FileSystem, path: string, content: Uint8Array): void {
  const file = fs.createFile(path);
  file.append(content);
  file.close();
}

function content(fs: FileSystem, path: string): number[] {
  return [...readWholeFile(fs, path, 1 << 20)];
}

function simulated(): Place {
  const fs = new SimulatedFileSystem();
  fs.makeDirectory('/database');
  return { fs, root: '/database' };
}

for (const [name, place] of [
  ['NodeFileSystem', onDisk],
  ['MemoryFileSystem', inMemory],
  ['SimulatedFileSystem', simulated],
] as const) {
  describe(name, () => {
    describe('a new file', () => {
      it('holds what was appended, in order', (t) => {
        const { fs, root } = place(t);
        const path = joinPath(root, 'a');
        const file = fs.createFile(path);
        file.append(bytes(1, 2));
        file.append(bytes(0, 3, 4, 0), 1, 2);
        file.append(bytes(9, 9, 5), 2);
        file.append(bytes());
        assert.equal(file.size, 5);
        file.sync();
        file.close();
        assert.deepEqual(content(fs, path), [1, 2, 3, 4, 5]);
      });

      it('can be read before it is synced or closed', (t) => {
        const { fs, root } = place(t);
        const path = joinPath(root, 'a');
        const file = fs.createFile(path);
        file.append(bytes(7));
        assert.deepEqual(content(fs, path), [7]);
        file.append(bytes(8));
        assert.deepEqual(content(fs, path), [7, 8]);
        file.close();
      });

      it('takes bytes in shared memory', (t) => {
        const { fs, root } = place(t);
        const shared = new Uint8Array(new SharedArrayBuffer(4));
        shared.set([1, 2, 3, 4]);
        writeFile(fs, joinPath(root, 'a'), shared);
        assert.deepEqual(content(fs, joinPath(root, 'a')), [1, 2, 3, 4]);
      });

      it('has a size, which is 0 where there is none', (t) => {
        const { fs, root } = place(t);
        const path = joinPath(root, 'f');
        assert.equal(fileBytes(fs, path), 0);
        const file = fs.createFile(path);
        file.append(new Uint8Array(5));
        file.close();
        assert.equal(fileBytes(fs, path), 5);
      });

      it('does not replace one that exists', (t) => {
        const { fs, root } = place(t);
        const path = joinPath(root, 'a');
        writeFile(fs, path, bytes(1));
        assert.equal(expectError('LSM_EXISTS', () => fs.createFile(path)).file, path);
        assert.deepEqual(content(fs, path), [1]);
      });

      it('needs its directory to exist', (t) => {
        const { fs, root } = place(t);
        expectError('LSM_NOT_FOUND', () => fs.createFile(joinPath(root, 'missing/a')));
      });

      it('cannot be made below a file', (t) => {
        const { fs, root } = place(t);
        writeFile(fs, joinPath(root, 'a'), bytes());
        expectError('LSM_IO', () => fs.createFile(joinPath(root, 'a/b')));
      });

      it('is closed once and for all', (t) => {
        const { fs, root } = place(t);
        const file = fs.createFile(joinPath(root, 'a'));
        file.close();
        file.close();
        expectError('LSM_CLOSED', () => file.append(bytes(1)));
        expectError('LSM_CLOSED', () => file.sync());
      });

      it('refuses a range outside the bytes it is given', (t) => {
        const { fs, root } = place(t);
        const file = fs.createFile(joinPath(root, 'a'));
        expectError('LSM_INTERNAL', () => file.append(bytes(1, 2), 1, 2));
        assert.equal(file.size, 0);
        file.close();
      });

      it('keeps its content through many small and some large appends', (t) => {
        const { fs, root } = place(t);
        const path = joinPath(root, 'a');
        const file = fs.createFile(path);
        const expected: number[] = [];
        for (let i = 0; i < 300; i++) {
          const piece = new Uint8Array(i % 50 === 0 ? 5000 : i % 7).fill(i);
          file.append(piece);
          expected.push(...piece);
        }
        file.close();
        assert.deepEqual(content(fs, path), expected);
      });
    });

    describe('an open file', () => {
      it('is read at any position, into any place', (t) => {
        const { fs, root } = place(t);
        writeFile(fs, joinPath(root, 'a'), bytes(0, 1, 2, 3, 4, 5));
        const file = fs.openFile(joinPath(root, 'a'));
        assert.equal(file.size, 6);
        const into = bytes(9, 9, 9, 9);
        file.read(into, 1, 2, 3);
        assert.deepEqual([...into], [9, 3, 4, 9]);
        file.read(into, 0, 0, 6);
        file.close();
      });

      it('that ends before what is asked for is damaged, and the error says where', (t) => {
        const { fs, root } = place(t);
        const path = joinPath(root, 'a');
        writeFile(fs, path, bytes(1, 2, 3));
        const file = fs.openFile(path);
        const error = expectError('LSM_CORRUPTION', () => file.read(new Uint8Array(4), 0, 4, 1));
        assert.equal(error.file, path);
        assert.equal(error.offset, 3);
        expectError('LSM_CORRUPTION', () => file.read(new Uint8Array(1), 0, 1, 100));
        file.close();
      });

      it('refuses to read into less room than it needs, or before its start', (t) => {
        const { fs, root } = place(t);
        writeFile(fs, joinPath(root, 'a'), bytes(1, 2, 3));
        const file = fs.openFile(joinPath(root, 'a'));
        expectError('LSM_INTERNAL', () => file.read(new Uint8Array(2), 1, 2, 0));
        expectError('LSM_INTERNAL', () => file.read(new Uint8Array(2), 0, 1, -1));
        file.close();
      });

      it('must exist and be a file', (t) => {
        const { fs, root } = place(t);
        assert.equal(expectError('LSM_NOT_FOUND', () => fs.openFile(joinPath(root, 'a'))).offset, undefined);
        expectError('LSM_IO', () => fs.openFile(root));
      });

      it('is closed once and for all', (t) => {
        const { fs, root } = place(t);
        writeFile(fs, joinPath(root, 'a'), bytes(1));
        const file = fs.openFile(joinPath(root, 'a'));
        file.close();
        file.close();
        expectError('LSM_CLOSED', () => file.read(new Uint8Array(1), 0, 1, 0));
      });

      it('stays readable when its name is removed or given to another', (t) => {
        const { fs, root } = place(t);
        const path = joinPath(root, 'a');
        writeFile(fs, path, bytes(1));
        const removed = fs.openFile(path);
        fs.remove(path);
        writeFile(fs, path, bytes(2));
        const replaced = fs.openFile(path);
        writeFile(fs, joinPath(root, 'b'), bytes(3));
        fs.rename(joinPath(root, 'b'), path);
        const into = new Uint8Array(2);
        removed.read(into, 0, 1, 0);
        replaced.read(into, 1, 1, 0);
        assert.deepEqual([...into], [1, 2]);
        assert.deepEqual(content(fs, path), [3]);
        removed.close();
        replaced.close();
      });
    });

    describe('status', () => {
      it('tells files, directories and nothing apart', (t) => {
        const { fs, root } = place(t);
        writeFile(fs, joinPath(root, 'a'), bytes(1, 2, 3));
        fs.makeDirectory(joinPath(root, 'd'));
        assert.deepEqual(fs.status(joinPath(root, 'a')), { kind: 'file', bytes: 3 });
        assert.deepEqual(fs.status(joinPath(root, 'd')), { kind: 'directory', bytes: 0 });
        assert.equal(fs.status(joinPath(root, 'missing')), undefined);
        assert.equal(fs.status(joinPath(root, 'missing/a')), undefined);
      });
    });

    describe('directories', () => {
      it('are made with those above them, and again without harm', (t) => {
        const { fs, root } = place(t);
        fs.makeDirectory(joinPath(root, 'a/b/c'));
        fs.makeDirectory(joinPath(root, 'a/b/c'));
        fs.makeDirectory(joinPath(root, 'a/b/d/'));
        assert.deepEqual(fs.list(joinPath(root, 'a/b')).sort(), ['c', 'd']);
      });

      it('are not made over or below a file', (t) => {
        const { fs, root } = place(t);
        writeFile(fs, joinPath(root, 'a'), bytes());
        expectError('LSM_EXISTS', () => fs.makeDirectory(joinPath(root, 'a')));
        expectError('LSM_IO', () => fs.makeDirectory(joinPath(root, 'a/b')));
      });

      it('list the names in them, and nothing of what is deeper', (t) => {
        const { fs, root } = place(t);
        writeFile(fs, joinPath(root, 'b'), bytes());
        writeFile(fs, joinPath(root, 'a'), bytes());
        fs.makeDirectory(joinPath(root, 'd/e'));
        assert.deepEqual(fs.list(root).sort(), ['a', 'b', 'd']);
      });

      it('must exist, and be directories, to be listed, synced or removed', (t) => {
        const { fs, root } = place(t);
        const missing = joinPath(root, 'missing');
        const file = joinPath(root, 'a');
        writeFile(fs, file, bytes());
        for (const use of [
          (path: string) => fs.list(path),
          (path: string) => fs.syncDirectory(path),
          (path: string) => fs.removeDirectory(path),
          (path: string) => fs.lock(path),
        ]) {
          expectError('LSM_NOT_FOUND', () => use(missing));
          expectError('LSM_IO', () => use(file));
        }
      });

      it('are removed only when they are empty', (t) => {
        const { fs, root } = place(t);
        const directory = joinPath(root, 'd');
        fs.makeDirectory(directory);
        writeFile(fs, joinPath(directory, 'a'), bytes());
        expectError('LSM_IO', () => fs.removeDirectory(directory));
        fs.remove(joinPath(directory, 'a'));
        fs.removeDirectory(directory);
        assert.deepEqual(fs.list(root), []);
      });

      it('can be synced', (t) => {
        const { fs, root } = place(t);
        fs.syncDirectory(root);
      });
    });

    describe('remove', () => {
      it('takes a file away, and only a file that is there', (t) => {
        const { fs, root } = place(t);
        writeFile(fs, joinPath(root, 'a'), bytes());
        fs.makeDirectory(joinPath(root, 'd'));
        fs.remove(joinPath(root, 'a'));
        assert.deepEqual(fs.list(root), ['d']);
        expectError('LSM_NOT_FOUND', () => fs.remove(joinPath(root, 'a')));
        expectError('LSM_IO', () => fs.remove(joinPath(root, 'd')));
      });
    });

    describe('link', () => {
      it('gives a file a second name, in another directory too, and either may go first', (t) => {
        const { fs, root } = place(t);
        fs.makeDirectory(joinPath(root, 'd'));
        writeFile(fs, joinPath(root, 'a'), bytes(1, 2));
        assert.equal(fs.link(joinPath(root, 'a'), joinPath(root, 'd/b')), true);
        assert.deepEqual(content(fs, joinPath(root, 'd/b')), [1, 2]);
        fs.remove(joinPath(root, 'a'));
        assert.deepEqual(content(fs, joinPath(root, 'd/b')), [1, 2]);
        assert.equal(fs.link(joinPath(root, 'd/b'), joinPath(root, 'a')), true);
        fs.remove(joinPath(root, 'd/b'));
        assert.deepEqual(content(fs, joinPath(root, 'a')), [1, 2]);
      });

      it('replaces nothing', (t) => {
        const { fs, root } = place(t);
        writeFile(fs, joinPath(root, 'a'), bytes(1));
        writeFile(fs, joinPath(root, 'b'), bytes(2));
        expectError('LSM_EXISTS', () => fs.link(joinPath(root, 'a'), joinPath(root, 'b')));
        expectError('LSM_EXISTS', () => fs.link(joinPath(root, 'a'), joinPath(root, 'a')));
        assert.deepEqual(content(fs, joinPath(root, 'b')), [2]);
      });

      it('needs its source and the directory of its target', (t) => {
        const { fs, root } = place(t);
        expectError('LSM_NOT_FOUND', () => fs.link(joinPath(root, 'a'), joinPath(root, 'b')));
        writeFile(fs, joinPath(root, 'a'), bytes(1));
        expectError('LSM_NOT_FOUND', () => fs.link(joinPath(root, 'a'), joinPath(root, 'missing/b')));
        assert.deepEqual(fs.list(root), ['a']);
      });
    });

    describe('rename', () => {
      it('moves a file, into another directory too', (t) => {
        const { fs, root } = place(t);
        fs.makeDirectory(joinPath(root, 'd'));
        writeFile(fs, joinPath(root, 'a'), bytes(1));
        fs.rename(joinPath(root, 'a'), joinPath(root, 'd/b'));
        assert.deepEqual(fs.list(root), ['d']);
        assert.deepEqual(content(fs, joinPath(root, 'd/b')), [1]);
      });

      it('replaces the file that was there', (t) => {
        const { fs, root } = place(t);
        writeFile(fs, joinPath(root, 'a'), bytes(1));
        writeFile(fs, joinPath(root, 'b'), bytes(2, 2));
        fs.rename(joinPath(root, 'a'), joinPath(root, 'b'));
        assert.deepEqual(fs.list(root), ['b']);
        assert.deepEqual(content(fs, joinPath(root, 'b')), [1]);
      });

      it('onto itself changes nothing', (t) => {
        const { fs, root } = place(t);
        writeFile(fs, joinPath(root, 'a'), bytes(1));
        fs.rename(joinPath(root, 'a'), joinPath(root, 'a'));
        assert.deepEqual(content(fs, joinPath(root, 'a')), [1]);
      });

      it('moves a directory with all that is in it, over an empty one at most', (t) => {
        const { fs, root } = place(t);
        fs.makeDirectory(joinPath(root, 'd'));
        fs.makeDirectory(joinPath(root, 'empty'));
        writeFile(fs, joinPath(root, 'd/a'), bytes(1));
        fs.rename(joinPath(root, 'd'), joinPath(root, 'empty'));
        assert.deepEqual(content(fs, joinPath(root, 'empty/a')), [1]);
        fs.makeDirectory(joinPath(root, 'other'));
        expectError('LSM_IO', () => fs.rename(joinPath(root, 'other'), joinPath(root, 'empty')));
        expectError('LSM_IO', () => fs.rename(joinPath(root, 'empty'), joinPath(root, 'empty/in')));
      });

      it('needs its source and the directory of its target', (t) => {
        const { fs, root } = place(t);
        expectError('LSM_NOT_FOUND', () => fs.rename(joinPath(root, 'a'), joinPath(root, 'b')));
        writeFile(fs, joinPath(root, 'a'), bytes(1));
        expectError('LSM_NOT_FOUND', () => fs.rename(joinPath(root, 'a'), joinPath(root, 'missing/b')));
        assert.deepEqual(content(fs, joinPath(root, 'a')), [1]);
      });

      it('puts no file over a directory and no directory over a file', (t) => {
        const { fs, root } = place(t);
        fs.makeDirectory(joinPath(root, 'd'));
        writeFile(fs, joinPath(root, 'a'), bytes(1));
        expectError('LSM_IO', () => fs.rename(joinPath(root, 'a'), joinPath(root, 'd')));
        expectError('LSM_IO', () => fs.rename(joinPath(root, 'd'), joinPath(root, 'a')));
      });
    });

    describe('lock', () => {
      it('is held by one at a time, and can be taken again after its release', (t) => {
        const { fs, root } = place(t);
        const first = fs.lock(root);
        expectError('LSM_LOCKED', () => fs.lock(root));
        first.release();
        const second = fs.lock(root);
        first.release();
        expectError('LSM_LOCKED', () => fs.lock(root));
        second.release();
        second.release();
        fs.lock(root).release();
      });

      it('of one directory leaves others free', (t) => {
        const { fs, root } = place(t);
        fs.makeDirectory(joinPath(root, 'd'));
        const outer = fs.lock(root);
        const inner = fs.lock(joinPath(root, 'd'));
        inner.release();
        outer.release();
      });

      it('is the same under another spelling of the path', (t) => {
        const { fs, root } = place(t);
        fs.makeDirectory(joinPath(root, 'd'));
        const lock = fs.lock(root);
        expectError('LSM_LOCKED', () => fs.lock(`${root}/d/../`));
        lock.release();
      });
    });
  });
}
