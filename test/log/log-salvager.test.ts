/** What is left of a damaged log. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checksumAt } from '../../src/bytes/checksum.ts';
import {
  encodeLogHeader,
  LOG_HEADER_BYTES,
  RECORD_DATA,
  RECORD_HEADER_BYTES,
  writeRecordHeader,
} from '../../src/log/log-format.ts';
import { LogSalvager, readLogIdentity } from '../../src/log/log-salvager.ts';
import { buildLog, IDENTITY, LIMITS, PATH, SEED } from './log-fixture.ts';
import { StubFileSystem } from './stub-file-system.ts';

interface Salvaged {
  readonly payloads: readonly string[];
  /** [offset, bytes] of what belongs to no record. */
  readonly gaps: readonly (readonly [number, number])[];
}

function diskWith(bytes: Uint8Array): StubFileSystem {
  const fs = new StubFileSystem();
  fs.files.set(PATH, bytes);
  return fs;
}

function salvage(bytes: Uint8Array): Salvaged {
  const gaps: [number, number][] = [];
  const salvager = LogSalvager.open(diskWith(bytes), PATH, IDENTITY, LIMITS, (...gap) => gaps.push(gap));
  const payloads: string[] = [];
  while (salvager.next()) {
    const { payload, payloadStart, payloadLength } = salvager;
    payloads.push(Buffer.from(payload.subarray(payloadStart, payloadStart + payloadLength)).toString());
  }
  salvager.close();
  return { payloads, gaps };
}

const text = (value: string): Uint8Array => new TextEncoder().encode(value);

/** Where the second of three records of ten bytes starts. */
const SECOND = LOG_HEADER_BYTES + RECORD_HEADER_BYTES + 10;
const RECORD_BYTES = RECORD_HEADER_BYTES + 10;

function threeRecords(): Uint8Array {
  return buildLog([text('first pay.'), text('second pay'), text('third pay.'), 'finish']);
}

test('all records of an undamaged log are found, and no gap, with or without a trailer', () => {
  const bytes = threeRecords();
  const all = { payloads: ['first pay.', 'second pay', 'third pay.'], gaps: [] };
  assert.deepEqual(salvage(bytes), all);
  assert.deepEqual(salvage(bytes.subarray(0, -RECORD_HEADER_BYTES)), all);
});

test('a damaged record, in its header or its payload, is a gap of exactly its length', () => {
  for (const at of [0, 1, 5, 13, 17, RECORD_HEADER_BYTES, RECORD_BYTES - 1]) {
    const bytes = threeRecords();
    bytes[SECOND + at] ^= 0x10;
    const expected = { payloads: ['first pay.', 'third pay.'], gaps: [[SECOND, RECORD_BYTES]] };
    assert.deepEqual(salvage(bytes), expected, `byte ${at} of the record`);
  }
});

test('two damaged records in a row are one gap, whichever part of them is damaged', () => {
  const bytes = threeRecords();
  bytes[LOG_HEADER_BYTES] ^= 0x10;
  bytes[SECOND + RECORD_HEADER_BYTES] ^= 0x10;
  assert.deepEqual(salvage(bytes), {
    payloads: ['third pay.'],
    gaps: [[LOG_HEADER_BYTES, 2 * RECORD_BYTES]],
  });
});

test('a log that is cut off anywhere gives every record before the cut', () => {
  const bytes = threeRecords();
  for (let end = 0; end < bytes.length; end++) {
    const whole = Math.min(3, Math.max(0, Math.floor((end - LOG_HEADER_BYTES) / RECORD_BYTES)));
    const { payloads, gaps } = salvage(bytes.subarray(0, end));
    assert.deepEqual(payloads, ['first pay.', 'second pay', 'third pay.'].slice(0, whole));
    const covered = LOG_HEADER_BYTES + whole * RECORD_BYTES;
    assert.deepEqual(gaps, end > covered ? [[covered, end - covered]] : []);
  }
});

test('nothing in a damaged payload is taken for a record, however much it looks like one', () => {
  const inner = text('forged pay');
  const at = LOG_HEADER_BYTES + RECORD_HEADER_BYTES + 4;
  const forged = new Uint8Array(RECORD_BYTES);
  forged.set(inner, RECORD_HEADER_BYTES);
  const crc = checksumAt(SEED, at, forged, RECORD_HEADER_BYTES, inner.length);
  writeRecordHeader(forged, 0, RECORD_DATA, inner.length, LOG_HEADER_BYTES, crc, SEED, at);
  const bytes = buildLog([Uint8Array.of(1, 2, 3, 4, ...forged), text('after that')]);
  bytes[LOG_HEADER_BYTES + RECORD_HEADER_BYTES] ^= 1;
  assert.deepEqual(salvage(bytes).payloads, ['after that']);
});

test('a header of a record that cannot be is passed over, and so is one that promises more than is there', () => {
  const header = encodeLogHeader(IDENTITY);
  const record = (kind: number, length: number): Uint8Array => {
    const bytes = new Uint8Array(LOG_HEADER_BYTES + RECORD_HEADER_BYTES + 3);
    bytes.set(header);
    writeRecordHeader(bytes, LOG_HEADER_BYTES, kind, length, 0, 0, SEED, LOG_HEADER_BYTES);
    return bytes;
  };
  for (const [kind, length] of [
    [3, 3],
    [RECORD_DATA, 4],
    [2, 1],
  ]) {
    const { payloads, gaps } = salvage(record(kind, length));
    assert.deepEqual(payloads, []);
    assert.deepEqual(gaps, [[LOG_HEADER_BYTES, RECORD_HEADER_BYTES + 3]]);
  }
});

test('a log says what it is, whatever it is called; a broken header says nothing', () => {
  const bytes = threeRecords();
  assert.deepEqual(readLogIdentity(diskWith(bytes), PATH), IDENTITY);
  bytes[40] ^= 1;
  assert.equal(readLogIdentity(diskWith(bytes), PATH), undefined);
  assert.equal(readLogIdentity(diskWith(bytes.subarray(0, 20)), PATH), undefined);
});
