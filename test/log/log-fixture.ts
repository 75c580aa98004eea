import assert from 'node:assert/strict';
import { fileSeed } from '../../src/bytes/checksum.ts';
import { LsmError } from '../../src/errors.ts';
import { type LogIdentity, RECORD_HEADER_BYTES } from '../../src/log/log-format.ts';
import { type LogEnd, type LogLimits, LogReader } from '../../src/log/log-reader.ts';
import { LogWriter } from '../../src/log/log-writer.ts';
import { StubFileSystem } from './stub-file-system.ts';

export const PATH = 'db/000007.wal';
export const IDENTITY: LogIdentity = {
  kind: 'wal',
  databaseId: new Uint8Array(16).map((_, i) => i),
  fileNumber: 7,
};
export const SEED: number = fileSeed(IDENTITY.databaseId, IDENTITY.fileNumber);
export const LIMITS: LogLimits = { maxRecordBytes: 1 << 20 };

/** What a log is made of: a payload is a record. */
export type Step = Uint8Array | 'sync' | 'finish';

export function appendPayload(writer: LogWriter, payload: Uint8Array): void {
  const buffer = new Uint8Array(RECORD_HEADER_BYTES + payload.length);
  buffer.set(payload, RECORD_HEADER_BYTES);
  writer.append(buffer, RECORD_HEADER_BYTES, payload.length);
}

/** The bytes of a log. */
export function buildLog(steps: readonly Step[], identity: LogIdentity = IDENTITY): Uint8Array {
  const fs = new StubFileSystem();
  const writer = LogWriter.create(fs, PATH, identity);
  for (const step of steps) {
    if (step === 'sync') writer.sync();
    else if (step === 'finish') writer.finish();
    else appendPayload(writer, step);
  }
  writer.close();
  return fs.files.get(PATH) ?? new Uint8Array(0);
}

export interface LogContent {
  readonly payloads: Uint8Array[];
  readonly offsets: number[];
  readonly end: LogEnd;
  readonly largestRead: number;
}

export function readLog(
  bytes: Uint8Array,
  identity: LogIdentity = IDENTITY,
  limits: LogLimits = LIMITS,
): LogContent {
  const fs = new StubFileSystem();
  fs.files.set(PATH, bytes);
  try {
    const reader = LogReader.open(fs, PATH, identity, limits);
    const payloads: Uint8Array[] = [];
    const offsets: number[] = [];
    try {
      while (reader.next()) {
        payloads.push(reader.payload.slice(reader.payloadStart, reader.payloadStart + reader.payloadLength));
        offsets.push(reader.recordOffset);
      }
      assert.equal(reader.next(), false);
      return { payloads, offsets, end: reader.end, largestRead: fs.largestRead };
    } finally {
      reader.close();
    }
  } finally {
    assert.equal(fs.openFiles, 0, 'every file is closed');
  }
}

/** The error of a log that must not be readable. */
export function readError(bytes: Uint8Array, identity: LogIdentity = IDENTITY): LsmError {
  let content: LogContent;
  try {
    content = readLog(bytes, identity);
  } catch (error) {
    assert.ok(error instanceof LsmError, String(error));
    assert.equal(error.file, PATH);
    return error;
  }
  assert.fail(`read as ${content.end.state} with ${content.payloads.length} records`);
}

/** Where the records of a log begin and end, its header and its trailer included. */
export function boundaries(payloads: readonly Uint8Array[]): number[] {
  const ends = [48];
  for (const payload of payloads) ends.push((ends.at(-1) ?? 0) + RECORD_HEADER_BYTES + payload.length);
  return ends;
}

export function isStep(step: Step): step is Uint8Array {
  return step instanceof Uint8Array;
}
