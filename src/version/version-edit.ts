/**
 * A change of the tree, as the manifest records it: one edit is one atomic step. Its bytes are a version
 * and then fields in any order, each with its length, so that a reader knows where it ends:
 *
 *     format u8 = 1 | field*          field = tag u8 | length u32 | value
 *
 *     tag 1  added table    level u8 | file u64 | file_bytes u64 | entries u64 | tombstones u64 | keys u64
 *                           | data_bytes u64 | min_sequence u64 | max_sequence u64 | epoch u64
 *                           | smallest_len u16 | smallest | largest_len u16 | largest
 *     tag 2  deleted table  level u8 | file u64
 *     tag 3  log number     u64       logs below it are obsolete
 *     tag 4  added log      u64       a write-ahead log that counts from now on
 *     tag 5  next file      u64
 *     tag 6  last sequence  u64
 *     tag 7  next epoch     u64
 *     tag 8  option         name_len u16 | name | value (both UTF-8)
 *
 * Tags 1, 2, 4 and 8 may repeat. A tag that is not known means a newer program wrote the file, and skipping
 * it could lose data: `LSM_UNSUPPORTED_FORMAT`.
 */
import type { ByteWriter } from '../bytes/byte-writer.ts';
import { readU16, readU32, readU64 } from '../bytes/integers.ts';
import { decodeUtf8, utf8Bytes } from '../bytes/utf8.ts';
import { corruption, LsmError } from '../errors.ts';
import { MAX_KEY_BYTES } from '../keys/internal-key.ts';
import type { TableMeta } from './table-meta.ts';

export interface AddedTable {
  readonly level: number;
  readonly table: TableMeta;
}

export interface DeletedTable {
  readonly level: number;
  readonly fileNumber: number;
}

export interface VersionEdit {
  readonly added: readonly AddedTable[];
  /** Applied before `added`: a table that moves stands in both. */
  readonly deleted: readonly DeletedTable[];
  /** Write-ahead logs with a smaller number are obsolete. */
  readonly logNumber?: number | undefined;
  /** Write-ahead logs that count from now on: each must be named before its first record is acknowledged. */
  readonly addedLogs?: readonly number[] | undefined;
  readonly nextFileNumber?: number | undefined;
  /** At least the greatest sequence number in any table. */
  readonly lastSequence?: number | undefined;
  readonly nextEpoch?: number | undefined;
  /** Options that the database was written with, as text, for tools and for checks on opening. */
  readonly options?: ReadonlyMap<string, string> | undefined;
}

const FORMAT = 1;
const FIELD_HEADER_BYTES = 5;

const ADDED_TABLE = 1;
const DELETED_TABLE = 2;
const LOG_NUMBER = 3;
const ADDED_LOG = 4;
const NEXT_FILE = 5;
const LAST_SEQUENCE = 6;
const NEXT_EPOCH = 7;
const OPTION = 8;

/** Bytes of an added table before its keys: level and nine numbers. */
const TABLE_FIXED_BYTES = 1 + 9 * 8;

/** The longest field: an added table with two keys of the greatest length. */
const MAX_FIELD_BYTES = TABLE_FIXED_BYTES + 2 * (2 + MAX_KEY_BYTES);

/** Appends an edit's bytes to a writer. */
export function encodeEdit(edit: VersionEdit, into: ByteWriter): void {
  into.u8(FORMAT);
  for (const { level, fileNumber } of edit.deleted) {
    header(into, DELETED_TABLE, 9);
    into.u8(level);
    into.u64(fileNumber);
  }
  for (const { level, table } of edit.added) encodeAdded(into, level, table);
  encodeNumber(into, LOG_NUMBER, edit.logNumber);
  for (const log of edit.addedLogs ?? []) encodeNumber(into, ADDED_LOG, log);
  encodeNumber(into, NEXT_FILE, edit.nextFileNumber);
  encodeNumber(into, LAST_SEQUENCE, edit.lastSequence);
  encodeNumber(into, NEXT_EPOCH, edit.nextEpoch);
  for (const [name, value] of edit.options ?? []) encodeOption(into, name, value);
}

/**
 * Reads an edit from `bytes[start, start + length)`; `file` and `offset` (of the first byte) say where it
 * stands, for the error.
 * @throws LsmError `LSM_CORRUPTION`, or `LSM_UNSUPPORTED_FORMAT` for what a newer program wrote.
 */
export function decodeEdit(
  bytes: Uint8Array,
  start: number,
  length: number,
  file: string,
  offset: number,
): VersionEdit {
  const fail = (at: number, what: string) => corruption(file, offset + at - start, what);
  const end = start + length;
  if (length < 1) throw fail(start, 'an empty version edit');
  if (bytes[start] !== FORMAT) throw unsupported(file, offset, `version edit format ${bytes[start]}`);
  const edit = new EditBuilder();
  for (let at = start + 1; at < end; ) {
    if (end - at < FIELD_HEADER_BYTES) throw fail(at, 'a version edit that ends within a field');
    const tag = bytes[at];
    const fieldLength = readU32(bytes, at + 1);
    const value = at + FIELD_HEADER_BYTES;
    if (tag === 0 || tag > OPTION) throw unsupported(file, offset + at - start, `version edit field ${tag}`);
    if (fieldLength > MAX_FIELD_BYTES || fieldLength > end - value) {
      throw fail(at, 'a field of a version edit that is longer than what is left');
    }
    const fault = edit.take(tag, bytes, value, fieldLength);
    if (fault !== undefined) throw fail(at, fault);
    at = value + fieldLength;
  }
  return edit.edit;
}

type Mutable<T> = { -readonly [Name in keyof T]: T[Name] };

/** Collects the fields of one edit. */
class EditBuilder {
  readonly #added: AddedTable[] = [];
  readonly #deleted: DeletedTable[] = [];
  readonly #logs: number[] = [];
  readonly #options = new Map<string, string>();
  readonly edit: Mutable<VersionEdit> = { added: this.#added, deleted: this.#deleted };

  /** Takes a field; returns what is wrong with it. */
  take(tag: number, bytes: Uint8Array, at: number, length: number): string | undefined {
    if (tag === ADDED_TABLE) return this.#takeAdded(bytes, at, length);
    if (tag === DELETED_TABLE) {
      if (length !== 9) return 'a deleted table of the wrong length';
      const fileNumber = readU64(bytes, at + 1);
      if (!Number.isSafeInteger(fileNumber)) return 'a file number out of range';
      this.#deleted.push({ level: bytes[at], fileNumber });
      return undefined;
    }
    if (tag === OPTION) return this.#takeOption(bytes, at, length);
    return this.#takeNumber(tag, bytes, at, length);
  }

  #takeAdded(bytes: Uint8Array, at: number, length: number): string | undefined {
    if (length < TABLE_FIXED_BYTES + 4) return 'an added table that is too short';
    const smallestLength = readU16(bytes, at + TABLE_FIXED_BYTES);
    const smallestAt = at + TABLE_FIXED_BYTES + 2;
    if (smallestLength > length - TABLE_FIXED_BYTES - 4) return 'an added table shorter than its keys';
    const largestLength = readU16(bytes, smallestAt + smallestLength);
    const largestAt = smallestAt + smallestLength + 2;
    if (largestAt + largestLength !== at + length) return 'an added table of the wrong length';
    this.#added.push({
      level: bytes[at],
      table: {
        fileNumber: readU64(bytes, at + 1),
        fileBytes: readU64(bytes, at + 9),
        entryCount: readU64(bytes, at + 17),
        tombstoneCount: readU64(bytes, at + 25),
        keyCount: readU64(bytes, at + 33),
        dataBytes: readU64(bytes, at + 41),
        minSequence: readU64(bytes, at + 49),
        maxSequence: readU64(bytes, at + 57),
        epoch: readU64(bytes, at + 65),
        smallest: bytes.slice(smallestAt, smallestAt + smallestLength),
        largest: bytes.slice(largestAt, largestAt + largestLength),
      },
    });
    return undefined;
  }

  #takeNumber(tag: number, bytes: Uint8Array, at: number, length: number): string | undefined {
    if (length !== 8) return 'a number of the wrong length';
    const number = readU64(bytes, at);
    if (!Number.isSafeInteger(number)) return 'a number out of range';
    const edit = this.edit;
    if (tag === ADDED_LOG) {
      this.#logs.push(number);
      edit.addedLogs = this.#logs;
      return undefined;
    }
    const field = NUMBER_FIELDS[tag];
    if (edit[field] !== undefined) return 'a number that stands twice';
    edit[field] = number;
    return undefined;
  }

  #takeOption(bytes: Uint8Array, at: number, length: number): string | undefined {
    if (length < 2) return 'an option without a name';
    const nameLength = readU16(bytes, at);
    if (nameLength > length - 2) return 'an option shorter than its name';
    const name = decodeUtf8(bytes, at + 2, nameLength);
    const value = decodeUtf8(bytes, at + 2 + nameLength, length - 2 - nameLength);
    if (this.#options.has(name)) return 'an option that stands twice';
    this.#options.set(name, value);
    this.edit.options = this.#options;
    return undefined;
  }
}

const NUMBER_FIELDS: Readonly<Record<number, 'logNumber' | 'nextFileNumber' | 'lastSequence' | 'nextEpoch'>> =
  {
    [LOG_NUMBER]: 'logNumber',
    [NEXT_FILE]: 'nextFileNumber',
    [LAST_SEQUENCE]: 'lastSequence',
    [NEXT_EPOCH]: 'nextEpoch',
  };

function encodeAdded(into: ByteWriter, level: number, table: TableMeta): void {
  const { smallest, largest } = table;
  header(into, ADDED_TABLE, TABLE_FIXED_BYTES + 4 + smallest.length + largest.length);
  into.u8(level);
  into.u64(table.fileNumber);
  into.u64(table.fileBytes);
  into.u64(table.entryCount);
  into.u64(table.tombstoneCount);
  into.u64(table.keyCount);
  into.u64(table.dataBytes);
  into.u64(table.minSequence);
  into.u64(table.maxSequence);
  into.u64(table.epoch);
  into.u16(smallest.length);
  into.append(smallest);
  into.u16(largest.length);
  into.append(largest);
}

function encodeNumber(into: ByteWriter, tag: number, value: number | undefined): void {
  if (value === undefined) return;
  header(into, tag, 8);
  into.u64(value);
}

function encodeOption(into: ByteWriter, name: string, value: string): void {
  const nameBytes = utf8Bytes(name);
  const valueBytes = utf8Bytes(value);
  header(into, OPTION, 2 + nameBytes.length + valueBytes.length);
  into.u16(nameBytes.length);
  into.append(nameBytes);
  into.append(valueBytes);
}

function header(into: ByteWriter, tag: number, length: number): void {
  into.u8(tag);
  into.u32(length);
}

function unsupported(file: string, offset: number, what: string): LsmError {
  const message = `${file} holds ${what}, which this version does not know; open it with the program that wrote it`;
  return new LsmError('LSM_UNSUPPORTED_FORMAT', message, { file, offset });
}
