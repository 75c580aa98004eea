/** What only a real disk has: links, permissions, descriptors. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs, {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { join } from 'node:path';
import { test } from 'node:test';
import { NodeFileSystem } from '../../src/fs/node-file-system.ts';
import { smallDisk } from '../simulation/small-disk.ts';
import { expectError } from '../support/expect-error.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

const posix = { skip: process.platform === 'win32' ? 'needs POSIX permissions and links' : false };

function modeOf(path: string): number {
  return statSync(path).mode & 0o777;
}

test('files are for their owner alone', posix, (t) => {
  const path = join(temporaryDirectory(t), 'a');
  new NodeFileSystem().createFile(path).close();
  assert.equal(modeOf(path), 0o600);
});

test('directories are for their owner alone, those above included', posix, (t) => {
  const root = temporaryDirectory(t);
  new NodeFileSystem().makeDirectory(join(root, 'a/b'));
  assert.equal(modeOf(join(root, 'a')), 0o700);
  assert.equal(modeOf(join(root, 'a/b')), 0o700);
});

test('creating a file follows no symbolic link, not even one to nowhere', posix, (t) => {
  const root = temporaryDirectory(t);
  symlinkSync(join(root, 'target'), join(root, 'a'));
  expectError('LSM_EXISTS', () => new NodeFileSystem().createFile(join(root, 'a')));
  assert.deepEqual(readdirSync(root), ['a']);
});

test('opening a file follows no symbolic link', posix, (t) => {
  const root = temporaryDirectory(t);
  writeFileSync(join(root, 'target'), 'secret');
  symlinkSync(join(root, 'target'), join(root, 'a'));
  const error = expectError('LSM_IO', () => new NodeFileSystem().openFile(join(root, 'a')));
  assert.match(error.message, /symbolic link/);
});

test('removing a symbolic link leaves what it leads to', posix, (t) => {
  const root = temporaryDirectory(t);
  writeFileSync(join(root, 'target'), 'kept');
  symlinkSync(join(root, 'target'), join(root, 'a'));
  new NodeFileSystem().remove(join(root, 'a'));
  assert.equal(readFileSync(join(root, 'target'), 'utf8'), 'kept');
});

test('opening a FIFO is refused at once instead of waiting for a writer', posix, (t) => {
  const path = join(temporaryDirectory(t), 'fifo');
  execFileSync('mkfifo', [path]);
  const fs = new NodeFileSystem();
  expectError('LSM_IO', () => fs.openFile(path));
  assert.equal(fs.status(path)?.kind, 'other');
});

test('a directory may be reached through a symbolic link', posix, (t) => {
  const root = temporaryDirectory(t);
  mkdirSync(join(root, 'real'));
  symlinkSync(join(root, 'real'), join(root, 'link'));
  const fs = new NodeFileSystem();
  assert.deepEqual(fs.status(join(root, 'link')), { kind: 'directory', bytes: 0, isLink: true });
  assert.deepEqual(fs.status(join(root, 'real')), { kind: 'directory', bytes: 0 });
  fs.makeDirectory(join(root, 'link'));
  fs.createFile(join(root, 'link/a')).close();
  fs.syncDirectory(join(root, 'link'));
  assert.deepEqual(fs.list(join(root, 'link')), ['a']);
  assert.deepEqual(readdirSync(join(root, 'real')), ['a']);
});

test('a symbolic link to anything but a directory is neither file nor directory nor nothing', posix, (t) => {
  const root = temporaryDirectory(t);
  writeFileSync(join(root, 'file'), '');
  symlinkSync(join(root, 'file'), join(root, 'to-file'));
  symlinkSync(join(root, 'missing'), join(root, 'to-nothing'));
  symlinkSync(join(root, 'circle'), join(root, 'circle'));
  const fs = new NodeFileSystem();
  for (const name of ['to-file', 'to-nothing', 'circle']) {
    assert.deepEqual(fs.status(join(root, name)), { kind: 'other', bytes: 0 });
  }
});

test('a path with a NUL byte is an invalid argument', () => {
  expectError('LSM_INVALID_ARGUMENT', () => new NodeFileSystem().createFile('a\0b'));
});

test('a directory that cannot be written is said to be so', posix, (t) => {
  const fs = new NodeFileSystem();
  // /proc refuses new files to everybody, root included.
  if (fs.status('/proc/self')?.kind !== 'directory') return t.skip('needs /proc');
  expectError('LSM_NOT_FOUND', () => fs.createFile('/proc/self/a'));
  const error = expectError('LSM_IO', () => fs.remove('/proc/self/stat'));
  assert.match(error.message, /can't be written; check its owner and permissions/);
});

test('a full disk is LSM_NO_SPACE, and poisons the file even if the first write came back short', (t) => {
  const root = smallDisk(t, '64k');
  if (root === undefined) return t.skip('needs the right to mount a tmpfs');
  const fs = new NodeFileSystem();
  const file = fs.createFile(join(root, 'a'));
  const first = expectError('LSM_NO_SPACE', () => file.append(new Uint8Array(256 * 1024)));
  assert.equal(file.size, 0);
  assert.equal(
    expectError('LSM_NO_SPACE', () => file.append(new Uint8Array(1))),
    first,
  );
  assert.equal(
    expectError('LSM_NO_SPACE', () => file.sync()),
    first,
  );
  file.close();
});

test('no descriptor stays open, whether calls work or fail', (t) => {
  const fs = new NodeFileSystem();
  const root = temporaryDirectory(t);
  if (fs.status('/proc/self/fd')?.kind !== 'directory') return t.skip('needs /proc');
  const before = readdirSync('/proc/self/fd').length;
  const file = fs.createFile(join(root, 'a'));
  assert.equal(readdirSync('/proc/self/fd').length, before + 1);
  file.close();
  fs.openFile(join(root, 'a')).close();
  fs.syncDirectory(root);
  fs.makeDirectory(join(root, 'd/e'));
  expectError('LSM_IO', () => fs.openFile(root));
  expectError('LSM_EXISTS', () => fs.createFile(join(root, 'a')));
  const lock = fs.lock(root);
  expectError('LSM_LOCKED', () => fs.lock(root));
  lock.release();
  assert.equal(readdirSync('/proc/self/fd').length, before);
});

test('a link to another device is not to be had, and that is no error', (t) => {
  const root = temporaryDirectory(t);
  let elsewhere: string;
  try {
    elsewhere = mkdtempSync('/dev/shm/mini-lsm-test-');
  } catch {
    t.skip('there is no second device to write to');
    return;
  }
  t.after(() => rmSync(elsewhere, { recursive: true, force: true }));
  if (statSync(root).dev === statSync(elsewhere).dev) {
    t.skip('the temporary directory is on that device');
    return;
  }
  writeFileSync(join(root, 'a'), 'kept');
  assert.equal(new NodeFileSystem().link(join(root, 'a'), join(elsewhere, 'a')), false);
  assert.deepEqual(readdirSync(elsewhere), []);
});

test('to sync a directory is to call fsync on it', {
  skip: process.platform !== 'linux' && 'needs /proc',
}, (t) => {
  const directory = temporaryDirectory(t);
  const synced: string[] = [];
  const real = fs.fsyncSync;
  t.mock.method(fs, 'fsyncSync', (fd: number) => {
    synced.push(fs.readlinkSync(`/proc/self/fd/${fd}`));
    real(fd);
  });
  syncBuiltinESMExports();
  t.after(() => {
    t.mock.restoreAll();
    syncBuiltinESMExports();
  });
  new NodeFileSystem().syncDirectory(directory);
  assert.deepEqual(synced, [fs.realpathSync(directory)]);
});

test('a directory for which the recursive call says ENOENT, whatever the reason, is made by the plain one', (t) => {
  const path = join(temporaryDirectory(t), 'a');
  const real = fs.mkdirSync;
  t.mock.method(fs, 'mkdirSync', (name: string, options: fs.MakeDirectoryOptions) => {
    if (options.recursive) throw Object.assign(new Error('ENOENT'), { code: 'ENOENT' });
    return real(name, options);
  });
  syncBuiltinESMExports();
  t.after(() => {
    t.mock.restoreAll();
    syncBuiltinESMExports();
  });
  new NodeFileSystem().makeDirectory(path);
  assert.ok(statSync(path).isDirectory());
});
