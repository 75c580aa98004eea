/**
 * A write-ahead log cut off at any byte. If it is the last one, that is what a crash can leave: all the batches
 * before the cut are there, and the bytes of a batch that is not whole are reported. Anywhere else it is damage.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MiniLsm } from '../../../src/db/mini-lsm.ts';
import { LsmError } from '../../../src/errors.ts';
import { joinPath } from '../../../src/fs/file-system.ts';
import { MemoryFileSystem } from '../../../src/fs/memory-file-system.ts';
import { LOG_HEADER_BYTES } from '../../../src/log/log-format.ts';
import { WriteBatch } from '../../../src/wal/write-batch.ts';
import { FaultyFileSystem } from '../../simulation/faulty-file-system.ts';
import { namesOfKind, readBytes, replaceFile } from '../../support/edit-file.ts';
import { expectError } from '../../support/expect-error.ts';
import { failOnLeaks } from '../../support/leaks.ts';
import { describeEntries, Model } from '../../support/model.ts';
import { BY_HAND, DATABASE } from '../../support/small-database.ts';

failOnLeaks();

interface Written {
  readonly fs: MemoryFileSystem;
  /** What the database held when its last log had so many bytes. */
  readonly states: readonly { readonly bytes: number; readonly model: Model }[];
}

/** Batches in one log, over a table; the process is killed, or closes the database. */
function written(leave: 'killed' | 'closed'): Written {
  const fs = new MemoryFileSystem();
  const db = MiniLsm.open(DATABASE, { ...BY_HAND, fileSystem: fs });
  const model = new Model();
  const states: { bytes: number; model: Model }[] = [];
  const remember = (): void => {
    states.push({ bytes: lastLog(fs).bytes.length, model: model.clone() });
  };
  const put = (key: string, value: string): void => model.put(key, Buffer.from(value));
  db.put('table', 'flushed');
  put('table', 'flushed');
  db.flush();
  remember();
  for (let i = 0; i < 8; i++) {
    const batch = new WriteBatch();
    for (let at = 0; at <= i % 3; at++) {
      batch.put(`key ${i} ${at}`, `value ${i}`);
      put(`key ${i} ${at}`, `value ${i}`);
    }
    if (i === 5) {
      batch.delete('table').put('', '');
      model.delete('table');
      put('', '');
    }
    db.write(batch, { sync: i % 4 === 1 });
    remember();
  }
  if (leave === 'closed') db.close();
  return { fs: fs.crashClone(), states };
}

function lastLog(fs: MemoryFileSystem): { path: string; bytes: Uint8Array } {
  const path = joinPath(DATABASE, namesOfKind(fs, DATABASE, 'wal').at(-1) ?? '');
  return { path, bytes: readBytes(fs, path) };
}

for (const leave of ['killed', 'closed'] as const) {
  test(`the last log of a database that was ${leave} may be cut off at any byte`, () => {
    const { fs, states } = written(leave);
    const { path, bytes } = lastLog(fs);
    for (let length = 0; length <= bytes.length; length++) {
      const disk = fs.crashClone();
      replaceFile(disk, path, bytes.subarray(0, length));
      const open = (): MiniLsm => MiniLsm.open(DATABASE, { ...BY_HAND, fileSystem: disk });
      if (length < LOG_HEADER_BYTES) {
        // The header was on the disk before the manifest named the log.
        assert.equal(expectError('LSM_CORRUPTION', open).file, path);
        continue;
      }
      const state = states.filter(({ bytes: whole }) => whole <= length).at(-1);
      assert.ok(state !== undefined);
      // The trailer of a log that was closed is no batch, but it may be cut in two as well.
      const isWhole = length === bytes.length;
      const discarded = isWhole ? 0 : length - state.bytes;
      const db = open();
      assert.deepEqual(describeEntries(db.scan()), describeEntries(state.model.entries()), `${length} bytes`);
      assert.equal(db.recovery.bytesDiscarded, discarded, `${length} bytes`);
      const [tail] = db.recovery.discarded;
      assert.deepEqual(
        tail && { file: tail.file, offset: tail.offset, bytes: tail.bytes },
        discarded === 0 ? undefined : { file: path, offset: state.bytes, bytes: discarded },
      );
      db.put('more', 'after');
      db.close();
      const again = MiniLsm.open(DATABASE, { ...BY_HAND, fileSystem: disk });
      assert.equal(describeEntries(again.scan()).length, state.model.size + 1);
      assert.equal(again.recovery.bytesDiscarded, 0, 'what was cut off is reported once');
      again.close();
    }
  });
}

test('an earlier log that is cut off anywhere is damage, and nothing is thrown away', () => {
  const disk = new MemoryFileSystem();
  let full = false;
  const faulty = new FaultyFileSystem(disk, ({ kind, path }) => {
    if (full && kind === 'create' && path.endsWith('.sst')) throw new LsmError('LSM_NO_SPACE', 'full');
  });
  const options = { ...BY_HAND, memtableBytes: 1024 };
  const db = MiniLsm.open(DATABASE, { ...options, fileSystem: faulty });
  full = true;
  for (let i = 0; namesOfKind(disk, DATABASE, 'wal').length < 3; i++) db.put(`key ${i}`, `value ${i}`);
  const expected = describeEntries(db.scan());
  const left = disk.crashClone();
  full = false;
  db.close();

  const whole = MiniLsm.open(DATABASE, { ...options, fileSystem: left.crashClone() });
  assert.deepEqual(describeEntries(whole.scan()), expected);
  whole.close();

  const names = namesOfKind(left, DATABASE, 'wal');
  for (const name of names.slice(0, -1)) {
    const path = joinPath(DATABASE, name);
    const bytes = readBytes(left, path);
    for (let length = 0; length < bytes.length; length++) {
      const cut = left.crashClone();
      replaceFile(cut, path, bytes.subarray(0, length));
      const error = expectError('LSM_CORRUPTION', () =>
        MiniLsm.open(DATABASE, { ...options, fileSystem: cut }),
      );
      assert.equal(error.file, path);
      assert.deepEqual(namesOfKind(cut, DATABASE, 'wal'), names);
      assert.equal(readBytes(cut, path).length, length);
    }
  }
});
