/** What opening says of what it found, and what it refuses when nothing may be left out. */
import assert from 'node:assert/strict';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { test } from 'node:test';
import { MiniLsm } from '../../../src/db/mini-lsm.ts';
import { joinPath } from '../../../src/fs/file-system.ts';
import { MemoryFileSystem } from '../../../src/fs/memory-file-system.ts';
import { MiniLevel, type OpenEvent, type RecoveryReport } from '../../../src/index.ts';
import { RECORD_HEADER_BYTES } from '../../../src/log/log-format.ts';
import { filesIn, namesOfKind, readBytes, replaceFile } from '../../support/edit-file.ts';
import { expectError } from '../../support/expect-error.ts';
import { failOnLeaks } from '../../support/leaks.ts';
import { BY_HAND, contentsOf, DATABASE } from '../../support/small-database.ts';

failOnLeaks();

interface Killed {
  readonly fs: MemoryFileSystem;
  readonly log: { readonly path: string; readonly bytes: Uint8Array };
  /** Where the last record of the log starts. */
  readonly lastRecord: number;
}

/** A database whose process died with three batches in its log, the last of them not synced. */
function killed(): Killed {
  const fs = new MemoryFileSystem();
  const db = MiniLsm.open(DATABASE, { ...BY_HAND, fileSystem: fs });
  db.put('in a table', '1');
  db.flush();
  db.put('synced', '2', { sync: true });
  db.put('also synced', '3', { sync: true });
  const path = joinPath(DATABASE, namesOfKind(fs, DATABASE, 'wal').at(-1) ?? '');
  const lastRecord = readBytes(fs, path).length;
  db.put('not synced', '4'.repeat(100));
  const left = fs.crashClone();
  db.close();
  return { fs: left, log: { path, bytes: readBytes(left, path) }, lastRecord };
}

function open(fileSystem: MemoryFileSystem, recovery?: 'strict' | 'truncate-tail'): MiniLsm {
  return MiniLsm.open(DATABASE, { ...BY_HAND, fileSystem, recovery });
}

function changedAt(bytes: Uint8Array, at: number): Uint8Array {
  const copy = bytes.slice();
  copy[at] ^= 1;
  return copy;
}

test('strict recovery opens what is whole, after a clean close and after a death of the process', () => {
  const { fs } = killed();
  for (let i = 0; i < 2; i++) {
    const db = open(fs, 'strict');
    assert.equal(contentsOf(db).length, 4);
    assert.deepEqual(db.recovery.discarded, []);
    db.close();
  }
});

test('strict recovery refuses a log that ends in anything but a whole record, and changes nothing', () => {
  const { fs, log, lastRecord } = killed();
  for (let length = lastRecord + 1; length < log.bytes.length; length++) {
    replaceFile(fs, log.path, log.bytes.subarray(0, length));
    const before = filesIn(fs, DATABASE);
    const error = expectError('LSM_CORRUPTION', () => open(fs, 'strict'));
    assert.deepEqual([error.file, error.offset], [log.path, lastRecord]);
    assert.match(error.message, new RegExp(`${length - lastRecord} bytes.*recovery: 'truncate-tail'`));
    assert.deepEqual(filesIn(fs, DATABASE), before);
  }
  const db = open(fs, 'truncate-tail');
  assert.equal(contentsOf(db).length, 3);
  db.close();
});

test('the report says what stands where the log stops being readable', () => {
  const { fs: left, log, lastRecord } = killed();
  const payload = lastRecord + RECORD_HEADER_BYTES;
  const cases: readonly [reason: string, bytes: Uint8Array][] = [
    ['zeros', Buffer.concat([log.bytes.subarray(0, lastRecord), new Uint8Array(4096)])],
    ['zeros', Buffer.concat([log.bytes.subarray(0, lastRecord), new Uint8Array(3)])],
    ['short header', log.bytes.subarray(0, lastRecord + 1)],
    ['short header', log.bytes.subarray(0, payload - 1)],
    ['wrong header', changedAt(log.bytes, lastRecord + 3)],
    ['short record', log.bytes.subarray(0, payload)],
    ['short record', log.bytes.subarray(0, log.bytes.length - 1)],
    ['wrong payload', changedAt(log.bytes, payload)],
    ['wrong payload', changedAt(log.bytes, log.bytes.length - 1)],
  ];
  for (const [reason, bytes] of cases) {
    const fs = left.crashClone();
    replaceFile(fs, log.path, bytes);
    expectError('LSM_CORRUPTION', () => open(fs, 'strict'));
    const db = open(fs);
    const discarded = bytes.length - lastRecord;
    assert.deepEqual(db.recovery.discarded, [
      { file: log.path, offset: lastRecord, bytes: discarded, reason },
    ]);
    assert.equal(db.recovery.bytesDiscarded, discarded);
    db.close();
  }
});

test('strict recovery opens what has lost nothing but a mark, which holds no data', () => {
  const { fs: left, log, lastRecord } = killed();
  const seal = lastRecord - RECORD_HEADER_BYTES;
  const closed = left.crashClone();
  open(closed).close();
  const manifest = joinPath(DATABASE, namesOfKind(closed, DATABASE, 'manifest').at(-1) ?? '');
  const closedBytes = readBytes(closed, manifest);
  const sealed = log.bytes.subarray(0, lastRecord);
  const cases: readonly [MemoryFileSystem, string, Uint8Array, number][] = [
    [left, log.path, sealed, seal],
    [closed, manifest, closedBytes, closedBytes.length - RECORD_HEADER_BYTES],
  ];
  for (const [from, path, bytes, at] of cases) {
    const zeros = bytes.slice().fill(0, at);
    for (const torn of [bytes.subarray(0, bytes.length - 1), bytes.subarray(0, at + 14), zeros]) {
      const fs = from.crashClone();
      replaceFile(fs, path, torn);
      const tail = { file: path, offset: at, bytes: torn.length - at, reason: 'lost mark' };
      const report = MiniLsm.verify(DATABASE, { fileSystem: fs, recovery: 'strict' });
      assert.deepEqual([report.problems, report.discarded], [[], [tail]]);
      const db = open(fs, 'strict');
      assert.deepEqual(db.recovery.discarded, [tail]);
      assert.ok(contentsOf(db).includes('synced=2'));
      db.close();
    }
  }
});

test('bytes behind the last edit of the manifest are reported too, and refused by strict recovery', () => {
  const { fs } = killed();
  const path = joinPath(DATABASE, namesOfKind(fs, DATABASE, 'manifest').at(-1) ?? '');
  const whole = readBytes(fs, path);
  replaceFile(fs, path, Buffer.concat([whole, new Uint8Array(10)]));
  assert.equal(expectError('LSM_CORRUPTION', () => open(fs, 'strict')).file, path);
  const db = open(fs);
  assert.deepEqual(db.recovery.discarded, [{ file: path, offset: whole.length, bytes: 10, reason: 'zeros' }]);
  db.close();
});

test('the report names the logs that were replayed and the orphans that were removed', () => {
  const { fs, log } = killed();
  replaceFile(fs, joinPath(DATABASE, '900001.sst'), Buffer.from('an output of a compaction that died'));
  const db = open(fs);
  const { logs, orphans, orphansRemoved, batchesReplayed } = db.recovery;
  assert.deepEqual(logs, [{ file: log.path, bytes: log.bytes.length, batches: 3, entries: 3 }]);
  assert.equal(batchesReplayed, 3);
  assert.deepEqual([orphans, orphansRemoved], [['900001.sst'], 1]);
  assert.deepEqual(db.stats().recovery, db.recovery);
  db.close();
});

test('the report reaches listeners and the stats of MiniLevel, which takes the option as well', async (t) => {
  const { fs, log, lastRecord } = killed();
  replaceFile(fs, log.path, log.bytes.subarray(0, lastRecord + 5));
  const heard: OpenEvent[] = [];
  const listen = (event: unknown): void => void heard.push(event as OpenEvent);
  subscribe('mini-lsm:open', listen);
  t.after(() => unsubscribe('mini-lsm:open', listen));
  const strict = new MiniLevel(DATABASE, { fileSystem: fs, recovery: 'strict' });
  await assert.rejects(strict.open(), (error: Error) => /whole record/.test(String(error.cause)));
  assert.deepEqual(heard, []);

  const db = new MiniLevel(DATABASE, { fileSystem: fs });
  await db.open();
  const { recovery }: { recovery: RecoveryReport } = await db.stats();
  assert.equal(recovery.bytesDiscarded, 5);
  assert.deepEqual(heard, [{ location: DATABASE, recovery }]);
  await db.close();
});

test('a recovery mode that is none is refused', () => {
  for (const recovery of ['lenient', true, null]) {
    expectError('LSM_INVALID_ARGUMENT', () => open(new MemoryFileSystem(), recovery as 'strict'));
  }
});
