import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LsmError } from '../../src/errors.ts';
import type { LogEnd } from '../../src/log/log-reader.ts';
import { LogWriter } from '../../src/log/log-writer.ts';
import { replayWal } from '../../src/wal/replay.ts';
import { WriteAheadLog } from '../../src/wal/write-ahead-log.ts';
import { WriteBatch } from '../../src/wal/write-batch.ts';
import { appendPayload, buildLog, IDENTITY, PATH } from '../log/log-fixture.ts';
import { StubFileSystem } from '../log/stub-file-system.ts';
import { expectError } from '../support/expect-error.ts';
import { fromHex, toHex } from '../support/hex.ts';

/** The batches of a log, as 'sequence: key=value -key'. */
function replay(fs: StubFileSystem): { batches: string[]; end: LogEnd } {
  const batches: string[] = [];
  const end = replayWal(fs, PATH, IDENTITY, (batch) => {
    const words = [`${batch.sequence}:`];
    while (batch.next()) {
      const part = (start: number, length: number): string =>
        Buffer.from(batch.buffer.subarray(start, start + length)).toString();
      const key = part(batch.keyStart, batch.keyLength);
      words.push(batch.kind === 1 ? `${key}=${part(batch.valueStart, batch.valueLength)}` : `-${key}`);
    }
    batches.push(words.join(' '));
  });
  return { batches, end };
}

test('batches are replayed in the order of their commits, with their sequence numbers', () => {
  const fs = new StubFileSystem();
  const wal = WriteAheadLog.create(fs, PATH, IDENTITY);
  assert.deepEqual([wal.number, wal.path, wal.size, wal.syncedSize], [7, PATH, 48, 48]);
  wal.append(new WriteBatch().put('a', '1').delete('b'), 10);
  wal.append(new WriteBatch().put('c', '3'), 12);
  wal.sync();
  wal.append(new WriteBatch().put('d', ''), 20);
  wal.finish();
  const { batches, end } = replay(fs);
  assert.deepEqual(batches, ['10: a=1 -b', '12: c=3', '20: d=']);
  assert.deepEqual(end, {
    state: 'finished',
    validBytes: wal.size,
    discardedBytes: 0,
    tornReason: undefined,
  });
  assert.equal(fs.openFiles, 0);
});

test('the bytes of a write-ahead log are the documented ones', () => {
  const fs = new StubFileSystem();
  const wal = WriteAheadLog.create(fs, PATH, IDENTITY);
  wal.append(new WriteBatch().put('k', 'v'), 5);
  wal.close();
  const record = fs.files.get(PATH)?.slice(48 + 21) ?? new Uint8Array(0);
  assert.equal(toHex(record), '05000000000000000100000001' + '01006b' + '0100000076');
});

test('one batch can be appended, cleared, filled and appended again', () => {
  const fs = new StubFileSystem();
  const wal = WriteAheadLog.create(fs, PATH, IDENTITY);
  const batch = new WriteBatch();
  for (let i = 0; i < 5; i++) wal.append(batch.clear().put(`k${i}`, `v${i}`), i + 1);
  wal.close();
  const { batches, end } = replay(fs);
  assert.deepEqual(batches, ['1: k0=v0', '2: k1=v1', '3: k2=v2', '4: k3=v3', '5: k4=v4']);
  assert.equal(end.state, 'open');
});

test('a batch is one append and survives as a whole or not at all', () => {
  const fs = new StubFileSystem();
  const wal = WriteAheadLog.create(fs, PATH, IDENTITY);
  wal.append(new WriteBatch().put('a', '1'), 1);
  const first = wal.size;
  wal.append(new WriteBatch().put('b', '2').put('c', '3').delete('d'), 2);
  wal.close();
  assert.equal(fs.journal.filter((entry) => entry.startsWith('append')).length, 3);
  const whole = fs.files.get(PATH) ?? new Uint8Array(0);
  for (let cut = first; cut < whole.length; cut++) {
    fs.files.set(PATH, whole.slice(0, cut));
    const { batches, end } = replay(fs);
    assert.deepEqual(batches, ['1: a=1']);
    assert.equal(end.discardedBytes, cut - first);
  }
});

test('sync and its size pass through to the file, and so does its failure', () => {
  const fs = new StubFileSystem();
  const wal = WriteAheadLog.create(fs, PATH, IDENTITY);
  wal.append(new WriteBatch().put('a', '1'), 1);
  assert.ok(wal.size > wal.syncedSize);
  wal.sync();
  assert.deepEqual(fs.journal.slice(2), ['append 42', 'sync', 'append 21'], 'a seal stands behind the batch');
  wal.sync();
  assert.equal(fs.journal.length, 5, 'a seal need not be synced');
  const error = new LsmError('LSM_IO', 'the disk is gone');
  fs.failure = { operation: 'append', error };
  const append = (): void => wal.append(new WriteBatch().put('b', '2'), 2);
  assert.throws(append, (thrown) => thrown === error);
  assert.throws(append, (thrown) => thrown === error);
  assert.throws(
    () => wal.sync(),
    (thrown) => thrown === error,
  );
});

test('a batch that was synced is known to be damaged, also if it is the last', () => {
  const fs = new StubFileSystem();
  const wal = WriteAheadLog.create(fs, PATH, IDENTITY);
  wal.append(new WriteBatch().put('a', '1'), 1);
  wal.sync();
  wal.close();
  assert.deepEqual(replayWal(fs, PATH, IDENTITY, () => {}).state, 'open');
  const bytes = fs.files.get(PATH) ?? new Uint8Array(0);
  bytes[80] ^= 1;
  assert.equal(expectError('LSM_CORRUPTION', () => replayWal(fs, PATH, IDENTITY, () => {})).offset, 48);
});

test('a manifest is no write-ahead log', () => {
  const fs = new StubFileSystem();
  const identity = { ...IDENTITY, kind: 'manifest' as const };
  assert.throws(() => WriteAheadLog.create(fs, PATH, identity), { code: 'LSM_INTERNAL' });
  fs.files.set(PATH, buildLog([], identity));
  assert.throws(() => replay(fs), { code: 'LSM_CORRUPTION', file: PATH });
  assert.equal(fs.openFiles, 0);
});

test('a record that is no batch is damage, at its place in the file, and is not visited', () => {
  const fs = new StubFileSystem();
  const writer = LogWriter.create(fs, PATH, IDENTITY);
  appendPayload(writer, fromHex('0100000000000000 01000000 01 0100 61 00000000'));
  const second = writer.size + 21;
  appendPayload(writer, fromHex('0200000000000000 01000000 01 0100 61 01000000'));
  writer.finish();
  let visited = 0;
  const attempt = (): LogEnd => replayWal(fs, PATH, IDENTITY, () => visited++);
  assert.throws(attempt, { code: 'LSM_CORRUPTION', file: PATH, offset: second + 12 });
  assert.equal(visited, 1);
  assert.equal(fs.openFiles, 0);
});

test('sequence numbers that go back are damage', () => {
  const fs = new StubFileSystem();
  const wal = WriteAheadLog.create(fs, PATH, IDENTITY);
  wal.append(new WriteBatch().put('a', '1').put('b', '2'), 10);
  wal.append(new WriteBatch().put('c', '3'), 11);
  wal.finish();
  assert.throws(() => replay(fs), { code: 'LSM_CORRUPTION' });
});

test('an error of the visitor ends the replay and closes the file', () => {
  const fs = new StubFileSystem();
  const wal = WriteAheadLog.create(fs, PATH, IDENTITY);
  wal.append(new WriteBatch().put('a', '1'), 1);
  wal.finish();
  const error = new Error('no room');
  const attempt = (): LogEnd =>
    replayWal(fs, PATH, IDENTITY, () => {
      throw error;
    });
  assert.throws(attempt, (thrown) => thrown === error);
  assert.equal(fs.openFiles, 0);
});
