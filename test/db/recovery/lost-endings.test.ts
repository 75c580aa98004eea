/**
 * The end of a log or of a manifest is gone, cleanly, between two records. What the other files know of it is
 * enough to notice: an open is refused, and a repair brings back all that is there.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MiniLsm } from '../../../src/db/mini-lsm.ts';
import type { RepairReport } from '../../../src/db/repair/report.ts';
import { joinPath } from '../../../src/fs/file-system.ts';
import { MemoryFileSystem } from '../../../src/fs/memory-file-system.ts';
import { LOG_HEADER_BYTES } from '../../../src/log/log-format.ts';
import { namesOfKind, readBytes, replaceFile } from '../../support/edit-file.ts';
import { expectError } from '../../support/expect-error.ts';
import { failOnLeaks } from '../../support/leaks.ts';
import { BY_HAND, contentsOf, DATABASE } from '../../support/small-database.ts';

failOnLeaks();

const open = (fileSystem: MemoryFileSystem): MiniLsm => MiniLsm.open(DATABASE, { ...BY_HAND, fileSystem });

const repair = (fileSystem: MemoryFileSystem): RepairReport =>
  MiniLsm.repair(DATABASE, { ...BY_HAND, fileSystem });

function pathOf(fs: MemoryFileSystem, kind: 'wal' | 'manifest'): string {
  return joinPath(DATABASE, namesOfKind(fs, DATABASE, kind).at(-1) ?? '');
}

test('a database that was closed misses what its log has lost', () => {
  const fs = new MemoryFileSystem();
  const db = open(fs);
  db.put('a', '1');
  const path = pathOf(fs, 'wal');
  const { length } = readBytes(fs, path);
  db.put('b', '2');
  db.close();
  for (const bytes of [LOG_HEADER_BYTES, length]) {
    const cut = fs.crashClone();
    replaceFile(cut, path, readBytes(cut, path).subarray(0, bytes));
    const { file, offset } = expectError('LSM_CORRUPTION', () => open(cut));
    assert.deepEqual([file, offset], [path, bytes]);
    const { problems } = MiniLsm.verify(DATABASE, { fileSystem: cut });
    assert.deepEqual([problems.length, problems[0]?.file, problems[0]?.offset], [1, file, offset]);
    const report = repair(cut);
    assert.deepEqual(
      report.problems.map((problem) => [problem.file, problem.offset]),
      [[path, bytes]],
    );
    const again = open(cut);
    assert.deepEqual(contentsOf(again), bytes === length ? ['a=1'] : []);
    again.close();
  }
});

test('a manifest that has lost the edit which named a log does not make an orphan of it', () => {
  const fs = new MemoryFileSystem();
  const db = open(fs);
  db.put('a', '1');
  const manifest = pathOf(fs, 'manifest');
  const { length } = readBytes(fs, manifest);
  const first = pathOf(fs, 'wal');
  const firstLog = readBytes(fs, first);
  db.flush();
  db.put('b', '2', { sync: true });
  const log = pathOf(fs, 'wal');
  const crashed = fs.crashClone();
  db.close();
  // The manifest of before the flush, and the log that it names.
  replaceFile(crashed, manifest, readBytes(crashed, manifest).subarray(0, length));
  replaceFile(crashed, first, firstLog);
  assert.equal(expectError('LSM_CORRUPTION', () => open(crashed)).file, log);
  const { problems, unnamed } = MiniLsm.verify(DATABASE, { fileSystem: crashed });
  assert.deepEqual([problems.length, problems[0]?.file], [1, log]);
  assert.ok(unnamed.length > 0 && unnamed.every((name) => !log.endsWith(name)), 'opening does not remove it');
  const report = repair(crashed);
  assert.equal(report.manifest, 'kept');
  assert.ok(report.problems.some(({ file }) => file === log));
  const again = open(crashed);
  assert.deepEqual(contentsOf(again), ['a=1', 'b=2']);
  again.close();
});

test('a new log without a batch, which nobody named yet, is an orphan', () => {
  const fs = new MemoryFileSystem();
  const db = open(fs);
  db.put('a', '1');
  const [manifest, first] = [pathOf(fs, 'manifest'), pathOf(fs, 'wal')];
  const before = [readBytes(fs, manifest), readBytes(fs, first)] as const;
  db.flush();
  const crashed = fs.crashClone();
  db.close();
  assert.equal(readBytes(crashed, pathOf(crashed, 'wal')).length, LOG_HEADER_BYTES);
  replaceFile(crashed, manifest, before[0]);
  replaceFile(crashed, first, before[1]);
  const again = open(crashed);
  assert.deepEqual(contentsOf(again), ['a=1']);
  assert.ok(again.recovery.orphansRemoved > 0);
  again.close();
});
