/**
 * The bytes of a log: an append-only file of checksummed records, used for the write-ahead log and the
 * manifest. All integers are little-endian.
 *
 *     log = header | data record* | end record?
 *
 *     header (48 bytes)                          record (21 bytes and the payload)
 *      0  magic "MLSMLOG\0"      8                0  kind: 1 data, 2 end     1
 *      8  format version = 1     u32              1  payload length          u32
 *     12  kind: 1 wal, 2 manifest u32             5  synced                  u64
 *     16  database id            16              13  crc32 of the payload    u32
 *     32  file number            u64             17  crc32 of bytes 0..16    u32
 *     40  reserved = 0           u32             21  payload
 *     44  crc32 of bytes 0..43   u32
 *
 * `synced` is the offset up to which the file was known to be on the disk when the record was written: a
 * later record proves that everything below its `synced` was once whole. An end record is written after a
 * sync of all before it, so its `synced` is its own offset; its length is 0.
 *
 * The checksums of a record start from the database id, the file number and the offset of the record, so
 * one that was moved, or comes from another file, is no record. That of the header starts from 0: the
 * header is where the identity is learned.
 */
import { checksumAt, DATABASE_ID_BYTES } from '../bytes/checksum.ts';
import { equalBytes } from '../bytes/compare.ts';
import { crc32 } from '../bytes/crc32.ts';
import { readU32, readU64, writeU32, writeU64 } from '../bytes/integers.ts';
import { assertInvariant, corruption, LsmError } from '../errors.ts';

export const LOG_HEADER_BYTES = 48;

/** The room that `LogWriter.append` needs before a payload. */
export const RECORD_HEADER_BYTES = 21;

export const RECORD_DATA = 1;
export const RECORD_END = 2;

/** Where the fields of a record stand. */
export const RECORD_LENGTH_AT = 1;
export const RECORD_SYNCED_AT = 5;
export const RECORD_PAYLOAD_CRC_AT = 13;
const RECORD_HEADER_CRC_AT = 17;

const MAGIC: Uint8Array = Uint8Array.of(0x4d, 0x4c, 0x53, 0x4d, 0x4c, 0x4f, 0x47, 0x00);
const FORMAT_VERSION = 1;
const HEADER_CRC_AT = 44;
const KIND_CODES: { readonly [kind in LogKind]: number } = { wal: 1, manifest: 2 };

export type LogKind = 'wal' | 'manifest';

/** Which file this is. A log is only read by somebody who knows what it must be. */
export interface LogIdentity {
  readonly kind: LogKind;
  /** 16 bytes. */
  readonly databaseId: Uint8Array;
  readonly fileNumber: number;
}

export function encodeLogHeader(identity: LogIdentity): Uint8Array {
  assertInvariant(identity.databaseId.length === DATABASE_ID_BYTES, 'a database id has 16 bytes');
  assertInvariant(Number.isSafeInteger(identity.fileNumber), 'a file number is a safe integer');
  const header = new Uint8Array(LOG_HEADER_BYTES);
  header.set(MAGIC);
  writeU32(header, 8, FORMAT_VERSION);
  writeU32(header, 12, KIND_CODES[identity.kind]);
  header.set(identity.databaseId, 16);
  writeU64(header, 32, identity.fileNumber);
  writeU32(header, HEADER_CRC_AT, crc32(header, 0, HEADER_CRC_AT));
  return header;
}

/**
 * Undefined when the bytes are no whole header: the caller knows whether that can be a torn creation.
 * @throws LsmError `LSM_UNSUPPORTED_FORMAT` for a whole header of another format version, `LSM_CORRUPTION`
 *   for a whole header that no writer makes.
 */
export function decodeLogHeader(header: Uint8Array, file: string): LogIdentity | undefined {
  if (header.length < LOG_HEADER_BYTES) return undefined;
  if (!equalBytes(header, 0, MAGIC.length, MAGIC, 0, MAGIC.length)) return undefined;
  if (readU32(header, HEADER_CRC_AT) !== crc32(header, 0, HEADER_CRC_AT)) return undefined;
  const version = readU32(header, 8);
  if (version !== FORMAT_VERSION) {
    const message = `${file} has log format version ${version}, and this program reads version ${FORMAT_VERSION}; use the program that wrote it`;
    throw new LsmError('LSM_UNSUPPORTED_FORMAT', message, { file, offset: 8 });
  }
  const code = readU32(header, 12);
  const kind = code === KIND_CODES.wal ? 'wal' : code === KIND_CODES.manifest ? 'manifest' : undefined;
  if (kind === undefined) throw corruption(file, 12, `log kind ${code} does not exist`);
  const fileNumber = readU64(header, 32);
  if (!Number.isSafeInteger(fileNumber)) throw corruption(file, 32, 'the file number is out of range');
  if (readU32(header, 40) !== 0) throw corruption(file, 40, 'a reserved field is not zero');
  return { kind, databaseId: header.slice(16, 16 + DATABASE_ID_BYTES), fileNumber };
}

/** Writes a record header whose payload, if any, has the checksum `payloadCrc`. */
export function writeRecordHeader(
  into: Uint8Array,
  at: number,
  kind: number,
  payloadLength: number,
  synced: number,
  payloadCrc: number,
  seed: number,
  recordOffset: number,
): void {
  into[at] = kind;
  writeU32(into, at + RECORD_LENGTH_AT, payloadLength);
  writeU64(into, at + RECORD_SYNCED_AT, synced);
  writeU32(into, at + RECORD_PAYLOAD_CRC_AT, payloadCrc);
  const headerCrc = checksumAt(seed, recordOffset, into, at, RECORD_HEADER_CRC_AT);
  writeU32(into, at + RECORD_HEADER_CRC_AT, headerCrc);
}

/** A record without a payload behind a file that is synced up to there: a seal (data) or the trailer (end). */
export function encodeMark(kind: number, seed: number, recordOffset: number): Uint8Array {
  const record = new Uint8Array(RECORD_HEADER_BYTES);
  const payloadCrc = checksumAt(seed, recordOffset, record, 0, 0);
  writeRecordHeader(record, 0, kind, 0, recordOffset, payloadCrc, seed, recordOffset);
  return record;
}

/** Whether the bytes are the header of a record that was written at this very place. */
export function isRecordHeader(bytes: Uint8Array, at: number, seed: number, recordOffset: number): boolean {
  const headerCrc = checksumAt(seed, recordOffset, bytes, at, RECORD_HEADER_CRC_AT);
  return readU32(bytes, at + RECORD_HEADER_CRC_AT) === headerCrc;
}
