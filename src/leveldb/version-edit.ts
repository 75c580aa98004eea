/**
 * A version edit of LevelDB, a record of its manifest: fields in any order, each behind its tag, a varint.
 *
 *     1 comparator       name                         5 compaction pointer   level, internal key
 *     2 log number       number                       6 deleted table        level, number
 *     3 next file        number                       7 new table            level, number, bytes,
 *     4 last sequence    number                                              smallest and largest internal key
 *                                                     9 previous log number  number
 */

import { decodeUtf8Range } from '#platform';
import { corruption, LsmError } from '../errors.ts';
import { ByteReader } from './byte-reader.ts';
import { decodeInternalKey, type InternalKey } from './internal-key.ts';

export const LEVEL_COUNT = 7;

/** A table as the manifest describes it. */
export interface LevelDbTableMeta {
  readonly number: number;
  readonly bytes: number;
  readonly smallest: InternalKey;
  readonly largest: InternalKey;
}

export interface LevelDbEdit {
  readonly comparator: string | undefined;
  readonly logNumber: number | undefined;
  readonly previousLogNumber: number | undefined;
  readonly nextFileNumber: number | undefined;
  readonly lastSequence: number | undefined;
  readonly deleted: readonly { readonly level: number; readonly number: number }[];
  readonly added: readonly { readonly level: number; readonly table: LevelDbTableMeta }[];
}

/** Decodes a record that stands in `file` at `offset`. */
export function decodeEdit(
  bytes: Uint8Array,
  start: number,
  length: number,
  file: string,
  offset: number,
): LevelDbEdit {
  const fault = (what: string): LsmError => corruption(file, offset, `in a version edit: ${what}`);
  const reader = new ByteReader(fault).attach(bytes, start, length);
  const numbers = new Map<number, number>();
  const deleted: { level: number; number: number }[] = [];
  const added: { level: number; table: LevelDbTableMeta }[] = [];
  let comparator: string | undefined;
  while (reader.remaining > 0) {
    const tag = reader.varint32();
    switch (tag) {
      case 1: {
        const name = reader.lengthPrefixed();
        comparator = decodeUtf8Range(bytes, name, reader.position - name);
        break;
      }
      case 2:
      case 3:
      case 4:
      case 9:
        numbers.set(tag, reader.varint64());
        break;
      case 5:
        levelOf(reader);
        internalKeyOf(reader);
        break;
      case 6:
        deleted.push({ level: levelOf(reader), number: reader.varint64() });
        break;
      case 7:
        added.push({ level: levelOf(reader), table: tableOf(reader) });
        break;
      default:
        throw unknownTag(tag, file, offset);
    }
  }
  return {
    comparator,
    logNumber: numbers.get(2),
    previousLogNumber: numbers.get(9),
    nextFileNumber: numbers.get(3),
    lastSequence: numbers.get(4),
    deleted,
    added,
  };
}

function levelOf(reader: ByteReader): number {
  const level = reader.varint32();
  if (level >= LEVEL_COUNT) throw reader.fault(`level ${level} does not exist`);
  return level;
}

function internalKeyOf(reader: ByteReader): InternalKey {
  const start = reader.lengthPrefixed();
  const key = decodeInternalKey(reader.bytes, start, reader.position);
  if (key === undefined) throw reader.fault('a key has no valid sequence number and kind');
  return key;
}

function tableOf(reader: ByteReader): LevelDbTableMeta {
  return {
    number: reader.varint64(),
    bytes: reader.varint64(),
    smallest: internalKeyOf(reader),
    largest: internalKeyOf(reader),
  };
}

function unknownTag(tag: number, file: string, offset: number): LsmError {
  const message =
    `${file} has a field of the unknown kind ${tag} at offset ${offset}: another program than LevelDB ` +
    'wrote it (RocksDB is one); export the data with that program';
  return new LsmError('LSM_UNSUPPORTED_FORMAT', message, { file, offset });
}
