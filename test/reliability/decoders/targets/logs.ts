/** Logs, as they are read in order, salvaged, and replayed as write-ahead logs. */
import { checksumAt, fileSeed } from '../../../../src/bytes/checksum.ts';
import { crc32 } from '../../../../src/bytes/crc32.ts';
import { readU32, writeU32, writeU64 } from '../../../../src/bytes/integers.ts';
import { KIND_PUT } from '../../../../src/keys/internal-key.ts';
import {
  decodeLogHeader,
  encodeLogHeader,
  LOG_HEADER_BYTES,
  type LogIdentity,
  type LogKind,
  RECORD_HEADER_BYTES,
  RECORD_LENGTH_AT,
  RECORD_PAYLOAD_CRC_AT,
  RECORD_SYNCED_AT,
} from '../../../../src/log/log-format.ts';
import { LogReader } from '../../../../src/log/log-reader.ts';
import { LogSalvager, readLogIdentity } from '../../../../src/log/log-salvager.ts';
import { LogWriter } from '../../../../src/log/log-writer.ts';
import { BatchReader } from '../../../../src/wal/batch-reader.ts';
import { replayWal } from '../../../../src/wal/replay.ts';
import { WriteAheadLog } from '../../../../src/wal/write-ahead-log.ts';
import { BATCH_START, WriteBatch } from '../../../../src/wal/write-batch.ts';
import type { Random } from '../../../support/random.ts';
import { SECRET, type Target } from '../target.ts';
import { check, checkSameBytes } from './checks.ts';
import { DATABASE_ID, DIRECTORY, diskOf, written } from './disk.ts';

const NAME = '000007.wal';
const PATH = `${DIRECTORY}/${NAME}`;
const LIMITS = { maxRecordBytes: 2 ** 20 };

export function identityOf(kind: LogKind): LogIdentity {
  return { kind, databaseId: DATABASE_ID, fileNumber: 7 };
}

/** Makes every checksum of a log right again, as far as the lengths in it lead. */
export function mendLog(bytes: Uint8Array, random?: Random): void {
  if (bytes.length < LOG_HEADER_BYTES) return;
  writeU32(bytes, 44, crc32(bytes, 0, 44));
  const seed = fileSeed(DATABASE_ID, 7);
  const room = bytes.length - RECORD_HEADER_BYTES;
  for (let at = LOG_HEADER_BYTES; at <= room; ) {
    const length = Math.min(readU32(bytes, at + RECORD_LENGTH_AT), room - at);
    if (random?.oneIn(8)) writeU64(bytes, at + RECORD_SYNCED_AT, random.below(at + 1));
    const payload = checksumAt(seed, at, bytes, at + RECORD_HEADER_BYTES, length);
    writeU32(bytes, at + RECORD_PAYLOAD_CRC_AT, payload);
    writeU32(bytes, at + 17, checksumAt(seed, at, bytes, at, 17));
    at += RECORD_HEADER_BYTES + length;
  }
}

function writtenLog(kind: LogKind, payloads: readonly number[], finished: boolean): Uint8Array {
  const [bytes] = written((fs) => {
    const log = LogWriter.create(fs, PATH, identityOf(kind));
    payloads.forEach((length, i) => {
      log.append(new Uint8Array(RECORD_HEADER_BYTES + length).fill(i), RECORD_HEADER_BYTES, length);
      if (i % 2 === 0) log.sync();
    });
    if (finished) log.finish();
  }, NAME);
  return bytes;
}

/** A reader of one kind of log: what it reads is what a salvager finds, and that misses nothing. */
function logTarget(kind: LogKind): Target {
  return {
    name: `${kind} log`,
    covers: ['src/log/'],
    seeds: () => [
      writtenLog(kind, [], false),
      writtenLog(kind, [0, 1, 40], true),
      writtenLog(kind, [200, 13, 600, 5], false),
    ],
    mend: mendLog,
    run(bytes) {
      const fs = diskOf({ [NAME]: bytes });
      const gaps: number[] = [];
      const salvager = LogSalvager.open(fs, PATH, identityOf(kind), LIMITS, (at, length) =>
        gaps.push(at, length),
      );
      const reader = LogReader.open(fs, PATH, identityOf(kind), LIMITS);
      let end = LOG_HEADER_BYTES;
      while (reader.next()) {
        check(salvager.next(), 'the salvager finds every record that the reader reads');
        check(salvager.recordOffset === reader.recordOffset, 'at the same place');
        checkSameBytes(
          salvager.payload.subarray(salvager.payloadStart, salvager.payloadStart + salvager.payloadLength),
          reader.payload.subarray(reader.payloadStart, reader.payloadStart + reader.payloadLength),
          'a record',
        );
        check(reader.recordOffset === end, 'records follow each other');
        end = reader.recordOffset + RECORD_HEADER_BYTES + reader.payloadLength;
      }
      const { state, validBytes, discardedBytes } = reader.end;
      check(validBytes + discardedBytes === bytes.length, 'every byte is valid or discarded');
      check(state !== 'finished' || validBytes === bytes.length, 'nothing follows the trailer');
      check(gaps.length === 0, 'there is no gap between records that were read');
    },
  };
}

const salvager: Target = {
  name: 'log salvager',
  covers: ['src/log/'],
  seeds: () => [writtenLog('wal', [0, 1, 40], true), writtenLog('wal', [200, 13, 600, 5], false)],
  mend: mendLog,
  run(bytes) {
    const fs = diskOf({ [NAME]: bytes });
    readLogIdentity(fs, PATH);
    let end = Math.min(LOG_HEADER_BYTES, bytes.length);
    const onGap = (at: number, length: number): void => {
      check(at >= end && length > 0, 'a gap begins where a record ends');
      end = at + length;
    };
    const found = LogSalvager.open(fs, PATH, identityOf('wal'), LIMITS, onGap);
    while (found.next()) {
      check(found.recordOffset >= end, 'records do not overlap');
      end = found.recordOffset + RECORD_HEADER_BYTES + found.payloadLength;
    }
    check(end <= bytes.length, 'nothing lies beyond the end');
  },
};

const header: Target = {
  name: 'log header',
  covers: ['src/log/log-format'],
  seeds: () => [encodeLogHeader(identityOf('wal')), encodeLogHeader(identityOf('manifest'))],
  mend: (bytes) => {
    if (bytes.length >= LOG_HEADER_BYTES) writeU32(bytes, 44, crc32(bytes, 0, 44));
  },
  run(bytes) {
    const identity = decodeLogHeader(bytes, PATH);
    if (identity === undefined) return;
    checkSameBytes(
      encodeLogHeader(identity),
      bytes.subarray(0, LOG_HEADER_BYTES),
      'the header written again',
    );
  },
};

function writtenBatch(): WriteBatch {
  return new WriteBatch()
    .put(`${SECRET}a`, `${SECRET}value`)
    .delete(`${SECRET}b`)
    .put('', '')
    .put(`${SECRET}c`, SECRET.repeat(30));
}

function batchBytes(batch: WriteBatch, sequence: number): Uint8Array {
  batch.stamp(sequence);
  return batch.buffer.slice(BATCH_START, BATCH_START + batch.byteLength);
}

/** The writes of a batch, put into another one, make the same bytes. */
function checkBatch(read: BatchReader, bytes?: Uint8Array): void {
  const again = new WriteBatch();
  while (read.next()) {
    const key = read.buffer.subarray(read.keyStart, read.keyStart + read.keyLength);
    const value = read.buffer.subarray(read.valueStart, read.valueStart + read.valueLength);
    if (read.kind === KIND_PUT) again.put(key, value);
    else again.delete(key);
  }
  check(again.count === read.count, 'a batch has as many writes as it says');
  const encoded = batchBytes(again, read.sequence);
  check(encoded.length === read.byteLength, 'the writes of a batch fill it');
  if (bytes !== undefined) checkSameBytes(encoded, bytes, 'the batch written again');
}

const batch: Target = {
  name: 'wal batch',
  covers: ['src/wal/batch-reader'],
  seeds: () => [batchBytes(new WriteBatch(), 1), batchBytes(writtenBatch(), 2 ** 40)],
  run(bytes) {
    const reader = new BatchReader();
    reader.reset(bytes, 0, bytes.length, PATH, 0);
    checkBatch(reader, bytes);
  },
};

const replay: Target = {
  name: 'wal replay',
  covers: ['src/wal/batch-reader', 'src/wal/replay', 'src/log/log-reader', 'src/log/torn-or-damaged'],
  seeds: () =>
    written((fs) => {
      const log = WriteAheadLog.create(fs, PATH, identityOf('wal'));
      log.append(writtenBatch(), 1);
      log.sync();
      log.append(new WriteBatch().delete(`${SECRET}a`), 5);
      log.append(writtenBatch(), 6);
      log.finish();
    }, NAME),
  mend: mendLog,
  run(bytes) {
    let next = 0;
    replayWal(diskOf({ [NAME]: bytes }), PATH, identityOf('wal'), (read) => {
      check(read.sequence >= next && Number.isSafeInteger(read.sequence + read.count), 'sequences ascend');
      next = read.sequence + read.count;
      checkBatch(read);
    });
  },
};

export const LOG_TARGETS: readonly Target[] = [
  logTarget('wal'),
  logTarget('manifest'),
  salvager,
  header,
  batch,
  replay,
];
