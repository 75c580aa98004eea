/**
 * The layout of a table file: what stands where, how long it may be, and the footer that says so. The
 * chapter for readers of the bytes is docs/formats.md.
 *
 *     +-------------+     +-------------+--------------+-----+-------+--------------+------------+--------+
 *     | data block 1| ... | data block N| index blocks | ... | root  | bloom filter | properties | footer |
 *     +-------------+     +-------------+--------------+-----+-------+--------------+------------+--------+
 *     offset 0                           leaves first, the root last   may be empty                120 bytes
 *
 * The sections touch each other and the footer ends the file, so every byte belongs to exactly one
 * checksum. All integers are little-endian.
 *
 * Footer (its size, and the place and meaning of its last 16 bytes, are the same in every version):
 *
 *      0  root index offset u64 | root index length u32
 *     12  bloom filter offset u64 | bloom filter length u32 (0: none)
 *     24  properties offset u64 | properties length u32
 *     36  index height u32 (1: the root names data blocks)
 *     40  entries u64 | tombstones u64 | distinct user keys u64
 *     64  smallest sequence u64 | largest sequence u64
 *     80  database id, 16 bytes | file number u64
 *    104  format version u32
 *    108  crc32 u32 over bytes 0..107, starting from checksumAt(0, offset of the footer)
 *    112  magic, 8 bytes "MLSMTBL\0"
 *
 * The footer's checksum leaves database and file number out of its starting value, so that a sound table
 * in the wrong place is told from a damaged one.
 */
import { checksumAt, DATABASE_ID_BYTES } from '../bytes/checksum.ts';
import { equalBytes } from '../bytes/compare.ts';
import { readU32, readU64, writeU32, writeU64 } from '../bytes/integers.ts';
import { corruption, LsmError } from '../errors.ts';
import { MAX_KEY_BYTES, MAX_SEQUENCE, MAX_VALUE_BYTES, TRAILER_BYTES } from '../keys/internal-key.ts';

/** The one format version there is. */
export const TABLE_FORMAT_VERSION = 1;
export const FOOTER_BYTES = 120;

/** What every block and the filter end with: codec u8, crc32 u32. */
export const SECTION_TRAILER_BYTES = 5;
/** The bytes are as they are. */
export const CODEC_NONE = 0;
/** The columns of a block, packed by LZ4 (see block-codec.ts). 1 was LZ4 of its rows and is not read any more. */
export const CODEC_LZ4 = 2;
/** The columns of a block, packed by Zstandard. */
export const CODEC_ZSTD = 3;

/**
 * No packed byte stands for more bytes of the columns than this, whichever codec: what a block can claim is bounded.
 * A byte of LZ4 never does; what Zstandard packs better than that is packed by LZ4.
 */
export const MOST_EXPANSION = 255;

/** Fixed bytes of an entry: shared u16, length of the rest u16, trailer u64, length of the value u32. */
export const ENTRY_HEADER_BYTES: number = 2 + 2 + TRAILER_BYTES + 4;
/** An entry starts at this offset in its block or before it: offsets are u16. */
export const MAX_ENTRY_START = 65_535;
/** num_entries is a u16. */
export const MAX_BLOCK_ENTRIES = 65_535;

/** The shortest block: one entry with an empty key and an empty value. */
export const MIN_BLOCK_BYTES: number = ENTRY_HEADER_BYTES + 2 + 2 + SECTION_TRAILER_BYTES;
/** The longest block: the largest entry, started as late as an entry may start. */
export const MAX_BLOCK_BYTES: number =
  MAX_ENTRY_START +
  ENTRY_HEADER_BYTES +
  MAX_KEY_BYTES +
  MAX_VALUE_BYTES +
  2 * MAX_BLOCK_ENTRIES +
  2 +
  SECTION_TRAILER_BYTES;

/** The value of an index entry: offset u64, length u32. */
export const HANDLE_BYTES = 12;
/** Every index level at least halves the number of blocks, so no honest tree is higher. */
export const MAX_INDEX_HEIGHT = 54;

/** A bloom filter is made of lines of 64 bytes. */
export const FILTER_LINE_BYTES = 64;
/** The longest filter: 2^24 lines. */
export const MAX_FILTER_LINES: number = 2 ** 24;
/** What stands after the lines: probes u8, codec u8, crc32 u32. */
export const FILTER_TRAILER_BYTES: number = 1 + SECTION_TRAILER_BYTES;

/** Which file this is: part of every checksum in it. */
export interface TableIdentity {
  readonly databaseId: Uint8Array;
  readonly fileNumber: number;
}

/** Where a section stands in the file. */
export interface Handle {
  readonly offset: number;
  /** Length with its trailer, bytes. */
  readonly length: number;
}

export interface Footer {
  readonly root: Handle;
  /** Length 0 when there is no filter. */
  readonly filter: Handle;
  readonly properties: Handle;
  readonly indexHeight: number;
  readonly entryCount: number;
  readonly tombstoneCount: number;
  readonly keyCount: number;
  readonly minSequence: number;
  readonly maxSequence: number;
}

const MAGIC = Uint8Array.of(0x4d, 0x4c, 0x53, 0x4d, 0x54, 0x42, 0x4c, 0x00);

const AT = {
  root: 0,
  filter: 12,
  properties: 24,
  height: 36,
  entries: 40,
  tombstones: 48,
  keys: 56,
  minSequence: 64,
  maxSequence: 72,
  database: 80,
  fileNumber: 96,
  version: 104,
  checksum: 108,
  magic: 112,
} as const;

/** The bytes of a footer that will stand at `offset`. */
export function encodeFooter(footer: Footer, identity: TableIdentity, offset: number): Uint8Array {
  const bytes = new Uint8Array(FOOTER_BYTES);
  writeHandle(bytes, AT.root, footer.root.offset, footer.root.length);
  writeHandle(bytes, AT.filter, footer.filter.offset, footer.filter.length);
  writeHandle(bytes, AT.properties, footer.properties.offset, footer.properties.length);
  writeU32(bytes, AT.height, footer.indexHeight);
  writeU64(bytes, AT.entries, footer.entryCount);
  writeU64(bytes, AT.tombstones, footer.tombstoneCount);
  writeU64(bytes, AT.keys, footer.keyCount);
  writeU64(bytes, AT.minSequence, footer.minSequence);
  writeU64(bytes, AT.maxSequence, footer.maxSequence);
  bytes.set(identity.databaseId, AT.database);
  writeU64(bytes, AT.fileNumber, identity.fileNumber);
  writeU32(bytes, AT.version, TABLE_FORMAT_VERSION);
  writeU32(bytes, AT.checksum, checksumAt(0, offset, bytes, 0, AT.checksum));
  bytes.set(MAGIC, AT.magic);
  return bytes;
}

/**
 * Decodes and checks the footer that stands at `offset`, where the file ends `FOOTER_BYTES` later.
 * @throws LsmError `LSM_CORRUPTION`, also for a sound table of another database or file number;
 *   `LSM_UNSUPPORTED_FORMAT` for a sound footer of another format version.
 */
export function decodeFooter(
  bytes: Uint8Array,
  identity: TableIdentity,
  file: string,
  offset: number,
): Footer {
  checkFooterBytes(bytes, identity, file, offset);
  const footer: Footer = {
    root: readHandle(bytes, AT.root),
    filter: readHandle(bytes, AT.filter),
    properties: readHandle(bytes, AT.properties),
    indexHeight: readU32(bytes, AT.height),
    entryCount: readU64(bytes, AT.entries),
    tombstoneCount: readU64(bytes, AT.tombstones),
    keyCount: readU64(bytes, AT.keys),
    minSequence: readU64(bytes, AT.minSequence),
    maxSequence: readU64(bytes, AT.maxSequence),
  };
  const wrong = firstLie(footer, offset);
  if (wrong !== undefined) throw corruption(file, offset, `the footer has ${wrong}`);
  return footer;
}

/**
 * Which table a footer that stands at `offset` says it ends; undefined if it is not intact.
 * @throws LsmError `LSM_UNSUPPORTED_FORMAT` for a sound footer of another format version.
 */
export function footerIdentity(bytes: Uint8Array, file: string, offset: number): TableIdentity | undefined {
  if (!isFooterIntact(bytes, offset)) return undefined;
  checkVersion(bytes, file, offset);
  const databaseId = bytes.slice(AT.database, AT.database + DATABASE_ID_BYTES);
  return { databaseId, fileNumber: readU64(bytes, AT.fileNumber) };
}

/** Whether a footer's magic and checksum are right, whatever it says. */
export function isFooterIntact(bytes: Uint8Array, offset: number): boolean {
  const isTable = equalBytes(bytes, AT.magic, MAGIC.length, MAGIC, 0, MAGIC.length);
  return isTable && readU32(bytes, AT.checksum) === checksumAt(0, offset, bytes, 0, AT.checksum);
}

export function writeHandle(into: Uint8Array, at: number, offset: number, length: number): void {
  writeU64(into, at, offset);
  writeU32(into, at + 8, length);
}

function readHandle(bytes: Uint8Array, at: number): Handle {
  return { offset: readU64(bytes, at), length: readU32(bytes, at + 8) };
}

function checkFooterBytes(bytes: Uint8Array, identity: TableIdentity, file: string, offset: number): void {
  if (!equalBytes(bytes, AT.magic, MAGIC.length, MAGIC, 0, MAGIC.length)) {
    throw corruption(file, offset + AT.magic, 'a table ends with "MLSMTBL" and this file does not');
  }
  if (!isFooterIntact(bytes, offset)) {
    throw corruption(file, offset, 'the checksum of the footer is wrong');
  }
  checkVersion(bytes, file, offset);
  const { databaseId, fileNumber } = identity;
  if (!equalBytes(bytes, AT.database, DATABASE_ID_BYTES, databaseId, 0, DATABASE_ID_BYTES)) {
    throw corruption(file, offset + AT.database, 'the table belongs to another database');
  }
  const number = readU64(bytes, AT.fileNumber);
  if (number !== fileNumber) {
    const what = `the table belongs elsewhere: it was written as number ${number} and stands as ${fileNumber}`;
    throw corruption(file, offset + AT.fileNumber, what);
  }
}

function checkVersion(bytes: Uint8Array, file: string, offset: number): void {
  const version = readU32(bytes, AT.version);
  if (version !== TABLE_FORMAT_VERSION) {
    throw new LsmError(
      'LSM_UNSUPPORTED_FORMAT',
      `${file} is a table of format version ${version} and this program reads version ${TABLE_FORMAT_VERSION}: use the program that wrote it`,
      { file, offset: offset + AT.version },
    );
  }
}

/** What a footer with a good checksum says that cannot be true of a file that ends its sections at `end`. */
function firstLie(footer: Footer, end: number): string | undefined {
  const { root, filter, properties } = footer;
  const filterLines = (filter.length - FILTER_TRAILER_BYTES) / FILTER_LINE_BYTES;
  if (!isBlockLength(root.length) || !isBlockLength(properties.length)) return 'a block of impossible length';
  if (
    filter.length !== 0 &&
    !(Number.isInteger(filterLines) && isBetween(filterLines, 1, MAX_FILTER_LINES))
  ) {
    return 'a filter of impossible length';
  }
  const inOrder =
    isBetween(root.offset, MIN_BLOCK_BYTES, end) &&
    filter.offset === root.offset + root.length &&
    properties.offset === filter.offset + filter.length &&
    properties.offset + properties.length === end;
  if (!inOrder) return 'sections that do not follow each other up to it';
  if (!isBetween(footer.indexHeight, 1, MAX_INDEX_HEIGHT)) return 'an impossible index height';
  if (!isBetween(footer.entryCount, 1, mostEntries(end))) return 'an impossible number of entries';
  if (!isBetween(footer.tombstoneCount, 0, footer.entryCount)) return 'an impossible number of tombstones';
  if (!isBetween(footer.keyCount, 1, footer.entryCount)) return 'an impossible number of keys';
  if (!isBetween(footer.maxSequence, 0, MAX_SEQUENCE)) return 'an impossible sequence number';
  if (!isBetween(footer.minSequence, 0, footer.maxSequence)) return 'an impossible sequence range';
  return undefined;
}

/** How many entries so many bytes of a file hold at most, packed as well as can be. */
export function mostEntries(fileBytes: number): number {
  return (fileBytes / ENTRY_HEADER_BYTES) * MOST_EXPANSION;
}

export function isBlockLength(length: number): boolean {
  return isBetween(length, MIN_BLOCK_BYTES, MAX_BLOCK_BYTES);
}

function isBetween(value: number, least: number, most: number): boolean {
  return value >= least && value <= most;
}
