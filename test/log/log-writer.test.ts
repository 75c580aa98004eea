import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LsmError } from '../../src/errors.ts';
import { LogWriter } from '../../src/log/log-writer.ts';
import { expectError } from '../support/expect-error.ts';
import { fromHex, toHex } from '../support/hex.ts';
import { appendPayload, buildLog, IDENTITY, PATH } from './log-fixture.ts';
import { StubFileSystem } from './stub-file-system.ts';

test('the bytes of a log are the documented ones', () => {
  const bytes = buildLog([fromHex('61 62 63'), 'sync', new Uint8Array(0), 'finish']);
  const expected = `
    4d4c534d4c4f4700 01000000 01000000 000102030405060708090a0b0c0d0e0f 0700000000000000 00000000 616c7f31
    01 03000000 3000000000000000 9375d85a 3dc757b3 616263
    01 00000000 4800000000000000 6267cd2d d9af97fe
    02 00000000 5d00000000000000 f4d80a93 5ce65812`;
  assert.equal(toHex(bytes), expected.replace(/\s+/g, ''));
});

test('a manifest differs from a write-ahead log in its kind', () => {
  const bytes = buildLog([], { ...IDENTITY, kind: 'manifest' });
  assert.equal(toHex(bytes.subarray(8, 16)), '0100000002000000');
});

test('a new log has its header on the disk', () => {
  const fs = new StubFileSystem();
  const writer = LogWriter.create(fs, PATH, IDENTITY);
  assert.deepEqual(fs.journal, ['append 48', 'sync']);
  assert.equal(writer.path, PATH);
  assert.equal(writer.size, 48);
  assert.equal(writer.syncedSize, 48);
});

test('a record is one append, and the caller loses nothing but the headroom', () => {
  const fs = new StubFileSystem();
  const writer = LogWriter.create(fs, PATH, IDENTITY);
  const buffer = new Uint8Array(40).fill(0xee);
  writer.append(buffer, 25, 10);
  assert.deepEqual(fs.journal.slice(2), ['append 31']);
  assert.equal(writer.size, 48 + 31);
  assert.equal(writer.syncedSize, 48);
  assert.ok(buffer.subarray(0, 4).every((byte) => byte === 0xee));
  assert.ok(buffer.subarray(25).every((byte) => byte === 0xee));
});

test('sync covers all that was appended, and is skipped when nothing is left to cover', () => {
  const fs = new StubFileSystem();
  const writer = LogWriter.create(fs, PATH, IDENTITY);
  writer.sync();
  appendPayload(writer, new Uint8Array(3));
  writer.sync();
  assert.equal(writer.syncedSize, writer.size);
  writer.sync();
  assert.deepEqual(fs.journal.slice(2), ['append 24', 'sync']);
});

test('a seal stands behind records that are synced, once, and needs no sync until the log is finished', () => {
  const fs = new StubFileSystem();
  const writer = LogWriter.create(fs, PATH, IDENTITY);
  appendPayload(writer, new Uint8Array(3));
  writer.seal();
  assert.deepEqual(fs.journal.slice(2), ['append 24'], 'what is not synced is not sealed');
  writer.sync();
  writer.seal();
  writer.seal();
  writer.sync();
  assert.deepEqual(fs.journal.slice(3), ['sync', 'append 21']);
  appendPayload(writer, new Uint8Array(3));
  writer.sync();
  writer.seal();
  writer.finish();
  assert.deepEqual(fs.journal.slice(5), [
    'append 24',
    'sync',
    'append 21',
    'sync',
    'append 21',
    'sync',
    'close',
  ]);
});

test('a seal that can not be written is a failure of the log', () => {
  const fs = new StubFileSystem();
  const writer = LogWriter.create(fs, PATH, IDENTITY);
  appendPayload(writer, new Uint8Array(3));
  writer.sync();
  fs.failure = { operation: 'append', error: new LsmError('LSM_NO_SPACE', 'full') };
  expectError('LSM_NO_SPACE', () => writer.seal());
  expectError('LSM_NO_SPACE', () => writer.sync());
});

test('finish syncs the records, then the trailer, then closes', () => {
  const fs = new StubFileSystem();
  const writer = LogWriter.create(fs, PATH, IDENTITY);
  appendPayload(writer, new Uint8Array(3));
  writer.finish();
  assert.deepEqual(fs.journal.slice(2), ['append 24', 'sync', 'append 21', 'sync', 'close']);
  assert.equal(writer.syncedSize, writer.size);
});

test('finish of a log that is synced needs only the sync of the trailer', () => {
  const fs = new StubFileSystem();
  LogWriter.create(fs, PATH, IDENTITY).finish();
  assert.deepEqual(fs.journal.slice(2), ['append 21', 'sync', 'close']);
});

test('close writes nothing, may be repeated, and ends all writing', () => {
  const fs = new StubFileSystem();
  const writer = LogWriter.create(fs, PATH, IDENTITY);
  writer.close();
  writer.close();
  assert.deepEqual(fs.journal.slice(2), ['close']);
  assert.throws(() => appendPayload(writer, new Uint8Array(1)), { code: 'LSM_INTERNAL' });
  assert.throws(() => writer.sync(), { code: 'LSM_INTERNAL' });
  assert.throws(() => writer.finish(), { code: 'LSM_INTERNAL' });
});

test('a payload without room for its header, or beyond its buffer, is refused and harms nothing', () => {
  const fs = new StubFileSystem();
  const writer = LogWriter.create(fs, PATH, IDENTITY);
  assert.throws(() => writer.append(new Uint8Array(40), 20, 5), { code: 'LSM_INTERNAL' });
  assert.throws(() => writer.append(new Uint8Array(40), 21, 20), { code: 'LSM_INTERNAL' });
  appendPayload(writer, new Uint8Array(1));
  assert.equal(writer.size, 48 + 22);
});

for (const operation of ['append', 'sync'] as const) {
  test(`after a failed ${operation} every call but close throws that error and nothing is written`, () => {
    const fs = new StubFileSystem();
    const writer = LogWriter.create(fs, PATH, IDENTITY);
    appendPayload(writer, new Uint8Array(5));
    const error = new LsmError('LSM_IO', 'the disk is gone');
    fs.failure = { operation, error };
    const failing = (): void =>
      operation === 'append' ? appendPayload(writer, new Uint8Array(5)) : writer.sync();
    const same = (thrown: unknown): boolean => thrown === error;
    assert.throws(failing, same);
    const journal = [...fs.journal];
    assert.throws(() => appendPayload(writer, new Uint8Array(5)), same);
    assert.throws(() => writer.sync(), same);
    assert.throws(() => writer.finish(), same);
    assert.deepEqual(fs.journal, journal);
    assert.equal(writer.syncedSize, 48);
    writer.close();
    assert.equal(fs.openFiles, 0);
  });
}

test('a failure within finish is one like any other', () => {
  for (const operation of ['append', 'sync'] as const) {
    const fs = new StubFileSystem();
    const writer = LogWriter.create(fs, PATH, IDENTITY);
    const error = new LsmError('LSM_IO', 'the disk is gone');
    fs.failure = { operation, error };
    const same = (thrown: unknown): boolean => thrown === error;
    assert.throws(() => writer.finish(), same);
    assert.throws(() => writer.finish(), same);
    assert.throws(() => writer.sync(), same);
  }
});

test('a log whose header cannot be written is closed', () => {
  for (const operation of ['append', 'sync'] as const) {
    const fs = new StubFileSystem();
    fs.failure = { operation, error: new LsmError('LSM_NO_SPACE', 'full') };
    assert.throws(() => LogWriter.create(fs, PATH, IDENTITY), { code: 'LSM_NO_SPACE' });
    assert.equal(fs.openFiles, 0);
  }
});

test('a started sync is worth nothing once the file failed', async () => {
  const fs = new StubFileSystem();
  const writer = LogWriter.create(fs, PATH, IDENTITY);
  appendPayload(writer, new Uint8Array(3));
  const synced = writer.startSync();
  fs.failure = { operation: 'sync', error: new LsmError('LSM_IO', 'the disk says no') };
  const first = expectError('LSM_IO', () => writer.sync());
  await assert.rejects(synced, first);
  assert.equal(writer.syncedSize, 48);
});

test('a started sync covers what was appended before it', async () => {
  const fs = new StubFileSystem();
  const writer = LogWriter.create(fs, PATH, IDENTITY);
  appendPayload(writer, new Uint8Array(3));
  const end = writer.size;
  const synced = writer.startSync();
  appendPayload(writer, new Uint8Array(3));
  await synced;
  assert.equal(writer.syncedSize, end);
});

test('a started sync of a log that is on the disk has nothing to do', async () => {
  const fs = new StubFileSystem();
  const writer = LogWriter.create(fs, PATH, IDENTITY);
  const before = fs.journal.length;
  await writer.startSync();
  assert.equal(fs.journal.length, before);
});

test('of two failures at once the first is told, to whoever asks', async () => {
  const fs = new StubFileSystem();
  const writer = LogWriter.create(fs, PATH, IDENTITY);
  appendPayload(writer, new Uint8Array(3));
  let fail: (error: unknown) => void = () => {};
  fs.startedSync = new Promise((_, reject) => {
    fail = reject;
  });
  const synced = writer.startSync();
  fs.failure = { operation: 'append', error: new LsmError('LSM_NO_SPACE', 'the append') };
  const first = expectError('LSM_NO_SPACE', () => appendPayload(writer, new Uint8Array(3)));
  fail(new LsmError('LSM_IO', 'the started sync'));
  await assert.rejects(synced, first);
});
