/** The checker must notice what it is there for: each rule is broken once here. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ByteWriter } from '../../src/bytes/byte-writer.ts';
import { type FileSystem, joinPath } from '../../src/fs/file-system.ts';
import { MemoryFileSystem } from '../../src/fs/memory-file-system.ts';
import { RECORD_HEADER_BYTES } from '../../src/log/log-format.ts';
import { LogWriter } from '../../src/log/log-writer.ts';
import { writeCurrent } from '../../src/version/current-file.ts';
import { manifestPath, tablePath, walPath } from '../../src/version/file-names.ts';
import { Manifest } from '../../src/version/manifest.ts';
import type { TableMeta } from '../../src/version/table-meta.ts';
import { encodeEdit, type VersionEdit } from '../../src/version/version-edit.ts';
import { expectError } from '../support/expect-error.ts';
import { FaultyFileSystem } from './faulty-file-system.ts';
import { OrderingFileSystem } from './ordering-file-system.ts';

const DIRECTORY = '/db';
const ID = new Uint8Array(16).fill(7);
const NOTHING: VersionEdit = { added: [], deleted: [] };

interface Scene {
  readonly fs: OrderingFileSystem;
  readonly manifest: Manifest;
}

/** A database with manifest 1, table 2 at L0 and log 3. */
function scene(inner: FileSystem = new MemoryFileSystem()): Scene {
  const fs = new OrderingFileSystem(inner);
  fs.makeDirectory(DIRECTORY);
  fs.lock(DIRECTORY);
  const manifest = Manifest.create(fs, DIRECTORY, ID, 1, NOTHING);
  writeTable(fs, 2);
  log(fs, 3);
  fs.syncDirectory(DIRECTORY);
  manifest.append({ added: [added(2)], deleted: [], addedLogs: [3], lastSequence: 1 });
  assert.deepEqual(fs.violations, []);
  return { fs, manifest };
}

function writeTable(fs: FileSystem, number: number): void {
  const file = fs.createFile(tablePath(DIRECTORY, number));
  file.append(Uint8Array.of(1, 2, 3));
  file.sync();
  file.close();
}

function log(fs: FileSystem, number: number): LogWriter {
  return LogWriter.create(fs, walPath(DIRECTORY, number), {
    kind: 'wal',
    databaseId: ID,
    fileNumber: number,
  });
}

function record(writer: LogWriter): void {
  writer.append(new Uint8Array(RECORD_HEADER_BYTES + 4), RECORD_HEADER_BYTES, 4);
}

function added(fileNumber: number): { level: number; table: TableMeta } {
  const counts = { fileBytes: 3, entryCount: 1, tombstoneCount: 0, keyCount: 1, dataBytes: 2 };
  const range = { smallest: Uint8Array.of(1), largest: Uint8Array.of(1), minSequence: 1, maxSequence: 1 };
  return { level: 0, table: { fileNumber, epoch: fileNumber, ...counts, ...range } };
}

function breaks(rule: string, { fs }: Scene, work: () => void): void {
  assert.throws(work, new RegExp(`order of durable steps: ${rule}: `));
  assert.equal(fs.violations.length, 1);
}

test('a flush, a compaction and a new manifest in the right order break no rule', () => {
  const { fs, manifest } = scene();
  const older = log(fs, 4);
  record(older);
  older.finish();
  fs.syncDirectory(DIRECTORY);
  manifest.append({ added: [], deleted: [], addedLogs: [4] });
  writeTable(fs, 5);
  fs.syncDirectory(DIRECTORY);
  manifest.append({ added: [added(5)], deleted: [{ level: 0, fileNumber: 2 }], logNumber: 4 });
  fs.remove(tablePath(DIRECTORY, 2));
  fs.remove(walPath(DIRECTORY, 3));
  Manifest.create(fs, DIRECTORY, ID, 6, { added: [added(5)], deleted: [], addedLogs: [4] });
  fs.remove(manifestPath(DIRECTORY, 1));
  assert.deepEqual(fs.violations, []);
});

test('R1: an edit that names a table before it is synced', () => {
  const here = scene();
  here.fs.createFile(tablePath(DIRECTORY, 5)).append(Uint8Array.of(1));
  here.fs.syncDirectory(DIRECTORY);
  breaks('R1', here, () => here.manifest.append({ added: [added(5)], deleted: [] }));
});

test('R1: an edit that names a table or a log before the directory is synced', () => {
  const table = scene();
  writeTable(table.fs, 5);
  breaks('R1', table, () => table.manifest.append({ added: [added(5)], deleted: [] }));
  const wal = scene();
  log(wal.fs, 5);
  breaks('R1', wal, () => wal.manifest.append({ ...NOTHING, addedLogs: [5] }));
});

test('R1: an edit that names a file that is not there', () => {
  const here = scene();
  breaks('R1', here, () => here.manifest.append({ added: [added(9)], deleted: [] }));
});

test('R2: CURRENT names a manifest that is not synced, or not yet in its directory', () => {
  for (const step of ['sync', 'syncDirectory'] as const) {
    const here = scene();
    const writer = LogWriter.create(here.fs, manifestPath(DIRECTORY, 7), {
      kind: 'manifest',
      databaseId: ID,
      fileNumber: 7,
    });
    if (step === 'sync') {
      const bytes = new ByteWriter();
      bytes.length = bytes.reserve(RECORD_HEADER_BYTES) + RECORD_HEADER_BYTES;
      encodeEdit(NOTHING, bytes);
      writer.append(bytes.bytes, RECORD_HEADER_BYTES, bytes.length - RECORD_HEADER_BYTES);
      here.fs.syncDirectory(DIRECTORY);
    }
    breaks('R2', here, () =>
      writeCurrent(here.fs, DIRECTORY, { databaseId: ID, manifestNumber: 7, manifestBytes: writer.size }),
    );
  }
});

test('R3: a write is acknowledged before its log is synced', () => {
  const here = scene();
  const live = log(here.fs, 4);
  here.fs.syncDirectory(DIRECTORY);
  here.manifest.append({ ...NOTHING, addedLogs: [4] });
  record(live);
  live.sync();
  here.fs.acknowledged(DIRECTORY);
  record(live);
  breaks('R3', here, () => here.fs.acknowledged(DIRECTORY));
});

test('R4: a log is synced while one before it is not', () => {
  const here = scene();
  const older = log(here.fs, 4);
  const newer = log(here.fs, 5);
  here.fs.syncDirectory(DIRECTORY);
  here.manifest.append({ ...NOTHING, addedLogs: [4, 5] });
  record(older);
  record(newer);
  breaks('R4', here, () => newer.sync());
});

test('R5, R6, R7: a log, a manifest or a table is removed while the durable manifest needs it', () => {
  for (const [rule, path] of [
    ['R5', walPath(DIRECTORY, 3)],
    ['R6', manifestPath(DIRECTORY, 1)],
    ['R7', tablePath(DIRECTORY, 2)],
  ]) {
    const here = scene();
    breaks(rule, here, () => here.fs.remove(path));
  }
});

test('R7: a new table is removed after the edit that names it failed, since the edit may be there', () => {
  const faulty = new FaultyFileSystem(new MemoryFileSystem());
  const here = scene(faulty);
  writeTable(here.fs, 5);
  here.fs.syncDirectory(DIRECTORY);
  faulty.arm({ at: faulty.operations + 2, when: 'after', errno: 'EIO' });
  expectError('LSM_IO', () => here.manifest.append({ added: [added(5)], deleted: [] }));
  breaks('R7', here, () => here.fs.remove(tablePath(DIRECTORY, 5)));
});

test('R6: tables are removed before the removal of CURRENT is durable', () => {
  const here = scene();
  here.fs.remove(joinPath(DIRECTORY, 'CURRENT'));
  breaks('R7', here, () => here.fs.remove(tablePath(DIRECTORY, 2)));
  here.fs.syncDirectory(DIRECTORY);
  here.fs.remove(tablePath(DIRECTORY, 2));
});

test('R5 and R7 hold over a reopening: the manifest on the disk says what is needed', () => {
  const disk = new MemoryFileSystem();
  scene(disk);
  const fs = new OrderingFileSystem(disk.crashClone());
  fs.lock(DIRECTORY);
  assert.throws(() => fs.remove(tablePath(DIRECTORY, 2)), /R7/);
  assert.throws(() => fs.remove(walPath(DIRECTORY, 3)), /R5/);
});

test('R8: a file is used after it failed', () => {
  const faulty = new FaultyFileSystem(new MemoryFileSystem());
  const here = scene(faulty);
  const file = here.fs.createFile(tablePath(DIRECTORY, 5));
  faulty.arm({ at: faulty.operations + 1, when: 'before', errno: 'EIO' });
  expectError('LSM_IO', () => file.append(Uint8Array.of(1)));
  breaks('R8', here, () => file.sync());
});

test('R9: a number is used twice, for another kind of file or after a removal', () => {
  const other = scene();
  breaks('R9', other, () => log(other.fs, 2));
  const removed = scene();
  writeTable(removed.fs, 5);
  removed.fs.remove(tablePath(DIRECTORY, 5));
  breaks('R9', removed, () => writeTable(removed.fs, 5));
});
