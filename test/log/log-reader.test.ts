import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { checksumAt } from '../../src/bytes/checksum.ts';
import { crc32 } from '../../src/bytes/crc32.ts';
import { writeU32, writeU64 } from '../../src/bytes/integers.ts';
import { RECORD_DATA, RECORD_END, RECORD_HEADER_BYTES, writeRecordHeader } from '../../src/log/log-format.ts';
import { LogReader } from '../../src/log/log-reader.ts';
import { checkProperty } from '../support/property.ts';
import {
  boundaries,
  buildLog,
  IDENTITY,
  isStep,
  LIMITS,
  PATH,
  readError,
  readLog,
  SEED,
  type Step,
} from './log-fixture.ts';
import { StubFileSystem } from './stub-file-system.ts';

const payload = (length: number, byte = length): Uint8Array => new Uint8Array(length).fill(byte);

/** A log with one record of these fields and a right checksum, whatever they are. */
function forge(kind: number, length: number, synced: number, content: Uint8Array): Uint8Array {
  const log = new Uint8Array(48 + RECORD_HEADER_BYTES + content.length);
  log.set(buildLog([]));
  log.set(content, 48 + RECORD_HEADER_BYTES);
  const payloadCrc = checksumAt(SEED, 48, content, 0, content.length);
  writeRecordHeader(log, 48, kind, length, synced, payloadCrc, SEED, 48);
  return log;
}

/** A header with other bytes and a right checksum. */
function forgeHeader(change: (header: Uint8Array) => void): Uint8Array {
  const header = buildLog([]);
  change(header);
  writeU32(header, 44, crc32(header, 0, 44));
  return header;
}

const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    { weight: 6, arbitrary: fc.uint8Array({ maxLength: 40, size: 'max' }) },
    { weight: 1, arbitrary: fc.integer({ min: 0, max: 3 }).map((i) => payload(65_500 + i * 9, i)) },
    { weight: 3, arbitrary: fc.constant('sync' as const) },
  ),
  { maxLength: 12, size: 'max' },
);

test('what was written is read back, with its offsets and the way the log ended', () => {
  checkProperty(
    fc.property(steps, fc.boolean(), (body, finished) => {
      const bytes = buildLog(finished ? [...body, 'finish'] : body);
      const payloads = body.filter(isStep);
      const content = readLog(bytes);
      assert.deepEqual(content.payloads, payloads);
      assert.deepEqual(content.offsets, boundaries(payloads).slice(0, -1));
      const state = finished ? 'finished' : 'open';
      assert.deepEqual(content.end, { state, validBytes: bytes.length, discardedBytes: 0 });
    }),
    60,
  );
});

test('a large record is read through a window that grows to it and no further', () => {
  const large = payload(300_000, 1);
  const content = readLog(buildLog([payload(5), large, payload(70_000), payload(3), 'finish']));
  assert.deepEqual(content.payloads, [payload(5), large, payload(70_000), payload(3)]);
  assert.equal(content.largestRead, 300_000 + RECORD_HEADER_BYTES);
});

test('a long log of small records is read through 64 KiB', () => {
  const bytes = buildLog(Array.from({ length: 100 }, () => payload(2000)));
  const content = readLog(bytes);
  assert.equal(content.payloads.length, 100);
  assert.equal(content.largestRead, 65_536);
});

test('the end is not known before the last record', () => {
  const fs = new StubFileSystem();
  fs.files.set(PATH, buildLog([payload(1)]));
  const reader = LogReader.open(fs, PATH, IDENTITY, LIMITS);
  assert.throws(() => reader.end, { code: 'LSM_INTERNAL' });
  reader.close();
});

test('a log of another kind, database or number is refused', () => {
  const bytes = buildLog([payload(4), 'finish']);
  const others = [
    { ...IDENTITY, kind: 'manifest' as const },
    { ...IDENTITY, databaseId: new Uint8Array(16) },
    { ...IDENTITY, fileNumber: 8 },
  ];
  assert.deepEqual(
    others.map((other) => readError(bytes, other)).map(({ code, offset }) => [code, offset]),
    [
      ['LSM_CORRUPTION', 12],
      ['LSM_CORRUPTION', 16],
      ['LSM_CORRUPTION', 32],
    ],
  );
});

test('a header of another format version is unsupported, not damaged', () => {
  for (const version of [0, 2, 0xffff_ffff]) {
    const header = forgeHeader((bytes) => writeU32(bytes, 8, version));
    assert.equal(readError(header).code, 'LSM_UNSUPPORTED_FORMAT');
  }
});

test('a header with a right checksum and impossible fields is damage', () => {
  const changes: ((header: Uint8Array) => void)[] = [
    (header) => writeU32(header, 12, 3),
    (header) => writeU64(header, 32, 2 ** 53),
    (header) => writeU32(header, 40, 1),
  ];
  for (const change of changes) {
    assert.equal(readError(forgeHeader(change)).code, 'LSM_CORRUPTION');
  }
});

test('a record with a right checksum and impossible fields is damage', () => {
  const forged: Uint8Array[] = [
    forge(0, 3, 48, payload(3)),
    forge(3, 3, 48, payload(3)),
    forge(RECORD_END, 3, 48, payload(3)),
    forge(RECORD_END, 0, 47, payload(0)),
    forge(RECORD_DATA, 3, 47, payload(3)),
    forge(RECORD_DATA, 3, 49, payload(3)),
    forge(RECORD_DATA, 3, 2 ** 53, payload(3)),
  ];
  for (const log of forged) {
    const error = readError(log);
    assert.deepEqual([error.code, error.offset], ['LSM_CORRUPTION', 48]);
  }
});

test('the synced offset never goes back', () => {
  const log = buildLog([payload(2), 'sync', payload(2), payload(2)]);
  const last = 48 + 2 * (RECORD_HEADER_BYTES + 2);
  const payloadCrc = checksumAt(SEED, last, payload(2), 0, 2);
  writeRecordHeader(log, last, RECORD_DATA, 2, 48, payloadCrc, SEED, last);
  assert.deepEqual([readError(log).code, readError(log).offset], ['LSM_CORRUPTION', last]);
});

test('a trailer that says anything but its own offset to be synced is damage', () => {
  const log = buildLog([payload(2), 'finish']);
  const end = 48 + RECORD_HEADER_BYTES + 2;
  const payloadCrc = checksumAt(SEED, end, payload(0), 0, 0);
  writeRecordHeader(log, end, RECORD_END, 0, 48, payloadCrc, SEED, end);
  assert.deepEqual([readError(log).code, readError(log).offset], ['LSM_CORRUPTION', end]);
});

test('a length over the limit is refused before any memory is taken for it', () => {
  const { maxRecordBytes } = LIMITS;
  for (const length of [maxRecordBytes + 1, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff]) {
    assert.match(readError(forge(RECORD_DATA, length, 48, payload(9))).message, /over the limit/);
  }
});

test('a length within the limit and beyond the file takes no memory either', () => {
  const log = forge(RECORD_DATA, LIMITS.maxRecordBytes, 48, payload(9));
  const { end, largestRead } = readLog(log);
  assert.deepEqual(end, { state: 'torn', validBytes: 48, discardedBytes: RECORD_HEADER_BYTES + 9 });
  assert.equal(largestRead, log.length);
});

test('a record as long as the limit is read', () => {
  const log = forge(RECORD_DATA, 9, 48, payload(9));
  assert.equal(readLog(log, IDENTITY, { maxRecordBytes: 9 }).payloads.length, 1);
});
